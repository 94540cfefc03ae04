package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/losses"
)

var update = flag.Bool("update", false, "write docs/losses.md anew")

// docs/losses.md is what the catalogue says; `go test ./cmd/unipair -run TestLossesPage -update` writes it.
func TestLossesPage(t *testing.T) {
	const path = "../../docs/losses.md"
	want := lossesPage()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s is not what the catalogue says (%v): run this test with -update", path, err)
	}
}

func lossesPage() string {
	var page strings.Builder
	page.WriteString("# The losses\n\nWritten from the catalogue in `pkg/losses`, which `unipair loss --list` prints. s_p and s_n are an anchor's " +
		"within-class and\nbetween-class similarities, d = −s distances; the value is of one anchor. Each loss takes pair-wise and class-level " +
		"labels; the\ncolumn says what its paper trains with. Default settings are the papers' unless the loss's doc says otherwise.\n")
	for _, kind := range []losses.Labels{losses.ClassLabels, losses.PairLabels} {
		fmt.Fprintf(&page, "\n## Made for %s labels\n\n| name | value of an anchor | parameters and defaults | scores | paper |\n|---|---|---|---|---|\n", kind)
		for _, entry := range losses.Catalogue() {
			if entry.Labels != kind {
				continue
			}
			var parameters []string
			for _, p := range entry.Parameters() {
				parameters = append(parameters, fmt.Sprintf("`%s` %v", p.Name, p.Default))
			}
			name := "`" + strings.Join(append([]string{entry.Name}, entry.Aliases...), "`, `") + "`"
			fmt.Fprintf(&page, "| %s | %s | %s | %s | %s |\n", name, strings.ReplaceAll(entry.Formula, "|", `\|`),
				strings.Join(parameters, ", "), entry.Similarity, entry.Paper)
		}
	}
	return page.String()
}
