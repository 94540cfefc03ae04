package data_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

var rewrite = flag.Bool("rewrite", false, "write the catalogue into docs/data.md")

// TestPage: docs/data.md says of each published set what the catalogue says.
func TestPage(t *testing.T) {
	const page, heading = "../../docs/data.md", "## Published sets\n"
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var sets strings.Builder
	for _, p := range append([]data.Publication{data.OmniglotMinimal()}, data.Catalogue()...) {
		fmt.Fprintf(&sets, "### `%s`\n\n%s.\n\n- Split: %s.\n- Licence: %s. Address: <%s>\n- %s.\n\n", p.Name, p.About, p.Split, p.Licence, p.Address, p.Paper)
		byHand := ""
		for _, f := range p.Files() {
			size, hash := "", "trust on first use"
			if f.Bytes > 0 {
				size = fmt.Sprintf(", %d bytes", f.Bytes)
			}
			if f.SHA256 != "" {
				hash = "SHA-256 `" + f.SHA256 + "`"
			}
			fmt.Fprintf(&sets, "- [%s](%s)%s, %s\n", f.Name, f.Address, size, hash)
			byHand = f.ByHand
		}
		if byHand != "" {
			fmt.Fprintf(&sets, "\nTo be fetched by hand: %s. Put it into the folder `%s`.\n", byHand, p.Name)
		}
		sets.WriteString("\n")
	}
	before, after, ok := strings.Cut(string(raw), heading)
	if !ok {
		t.Fatalf("%s has no heading %q", page, heading)
	}
	about, _, _ := strings.Cut(after, "### ")
	want := before + heading + about + strings.TrimRight(sets.String(), "\n") + "\n"
	if *rewrite {
		if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if string(raw) != want {
		t.Errorf("%s does not say what the catalogue says: go test ./pkg/data -run TestPage -rewrite", page)
	}
}
