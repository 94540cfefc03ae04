package main

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/losses"
)

var update = flag.Bool("update", false, "write the pages of docs/ anew that are made from the program")

// docs/losses.md is what the catalogue says; `go test ./cmd/unipair -run TestLossesPage -update` writes it.
func TestLossesPage(t *testing.T) { generated(t, "losses.md", lossesPage()) }

// letters says what the formulas have in common.
const letters = "A parameter is the field of that name of the loss's Go type (`positive-margin` is `PositiveMargin`) and is set by `--set name=value`.\n" +
	"After its default stands the letter that it has in the formula, which is the paper's: one letter is another thing in another loss.\n" +
	"`unipair loss --list --json` also has the range in which each is worth trying.\n\n" +
	"- a, p, n: the anchor, its positives, its negatives; P, N: all of these; i and j count them, in class-level losses j the other classes.\n" +
	"  s_pn: the similarity of p with n, in p's row.\n" +
	"- x: the embedding; w_j: the vector of class j; y: the anchor's class; θ = arccos s, the angle of two vectors; |x|, |w_j|: their lengths,\n" +
	"  which large-margin-softmax and sphereface keep although their scores are cosines.\n" +
	"- [x]_+ = max(0, x); σ(x) = 1/(1 + exp(−x)); [j = y] is 1 where that is so, else 0; ⌊x⌋ rounds down.\n" +
	"- Scores: `cosine`; `dot`, x·w; `unit-dot`, w·x/|x|; `l2`, −|x − w|; `l2-squared`, −|x − w|²; `snr`, −var(x − w)/var(x); " +
	"`normalized-`:\n  the same of vectors brought to length 1.\n"

func lossesPage() string {
	var page strings.Builder
	page.WriteString("# The losses\n\nWritten from the catalogue in `pkg/losses`, which `unipair loss --list` prints. s_p and s_n are an anchor's " +
		"within-class and\nbetween-class similarities, d = −s distances; the value is of one anchor. Each loss takes pair-wise and class-level " +
		"labels; the\nheading says what its paper trains with. Default settings are the papers' unless the loss's doc says otherwise.\n\n" +
		letters)
	for _, kind := range []losses.Labels{losses.ClassLabels, losses.PairLabels} {
		fmt.Fprintf(&page, "\n## Made for %s labels\n\n| name | value of an anchor | parameters and defaults | scores | paper |\n|---|---|---|---|---|\n", kind)
		for _, entry := range losses.Catalogue() {
			if entry.Labels != kind {
				continue
			}
			var parameters []string
			for _, p := range entry.Parameters() {
				parameters = append(parameters, fmt.Sprintf("`%s` %v: %s", p.Name, p.Default, p.Means))
			}
			name := "`" + strings.Join(append([]string{entry.Name}, entry.Aliases...), "`, `") + "`"
			fmt.Fprintf(&page, "| %s | %s | %s | %s | %s |\n", name, strings.ReplaceAll(entry.Formula, "|", `\|`),
				strings.Join(parameters, "<br>"), entry.Similarity, entry.Paper)
		}
	}
	return page.String()
}
