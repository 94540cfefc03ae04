package main

import (
	"cmp"
	"slices"

	"github.com/unipair/unipair/internal/compare"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

// table is a comparison that is published.
type table struct {
	name, heading string
	data          string
	steps         int
	trials, seeds int
	change        func(*train.Config) // nil: the settings are as by default

	// A table of some losses says which other one lets it choose, and how; one without has all of the catalogue.
	after, why string
	some       func(compare.Result) []string
}

// tables are in the order in which they tell most for their time.
var tables = []table{
	{
		name: "emoji-heads", heading: "Which loss: emoji, heads on the features of a network", data: "folder:emoji", steps: 300, trials: 4, seeds: 5,
		change: onFeatures,
	},
	{name: "omniglot-150", heading: "Which loss: Omniglot, 150 steps", data: "omniglot", steps: 150, trials: 4, seeds: 5},
	{
		name: "omniglot-700", heading: "Which loss: Omniglot, 700 steps", data: "omniglot", steps: 700, trials: 4, seeds: 5,
		after: "omniglot-150", why: whyTen, some: ten,
	},
	{
		name: "emoji", heading: "Which loss: emoji, from scratch", data: "folder:emoji", steps: 300, trials: 4, seeds: 5,
		after: "emoji-heads", why: whyTen, some: ten,
	},
	{
		name: "omniglot-1400", heading: "Which loss: Omniglot, 1400 steps", data: "omniglot", steps: 1400, trials: 3, seeds: 3,
		after: "omniglot-700", why: "circle, the best pair-wise one and the best one with class vectors", some: few,
	},
}

// onFeatures lets a linear head learn, of what EfficientNet-lite0 makes of the pictures.
func onFeatures(c *train.Config) {
	c.Architecture = train.ONNXPrefix + "efficientnet-lite0.onnx"
	c.Backbone.Pixels = train.Pixels(onnxfile.Presets["efficientnet-lite"])
}

// families are the losses of one idea each.
var families = map[string][]string{
	"sums of pairs in a softplus": {
		"unified", "circle", "multi-similarity", "tuplet-margin", "n-pair", "angular", "lifted-structure", "generalized-lifted",
	},
	"a softmax over the batch":     {"nt-xent", "sup-con", "dcl", "nca"},
	"pairs one by one":             {"contrastive", "snr-contrastive", "margin", "siglip", "threshold-consistent-margin"},
	"triplets":                     {"triplet"},
	"ranks":                        {"histogram", "fast-ap", "smooth-ap", "pnp", "ranked-list"},
	"moments of the batch":         {"vicreg", "intra-pair-variance"},
	"a softmax over class vectors": {"softmax", "l2-softmax", "normface", "p2sgrad"},
	"a margin over class vectors":  {"large-margin-softmax", "sphereface", "am-softmax", "arcface", "sub-center-arcface"},
	"proxies":                      {"proxy-nca", "proxy-anchor", "soft-triple"},
}

func familyOf(loss string) string {
	for family, of := range families {
		if slices.Contains(of, loss) {
			return family
		}
	}
	return loss
}

// followed are the losses of notebook 03, which are in every table of ten.
var followed = []string{"circle", "triplet", "am-softmax"}

// most bounds the losses of a table that has not all of them.
const most = 10

const whyTen = "circle, triplet, am-softmax, and the best one of each family, the best families first, up to ten in all"

// ten returns the losses that are followed and the best one of each family, the best first, until there are ten.
func ten(r compare.Result) (names []string) {
	seen := make(map[string]bool)
	left := most - len(followed)
	for _, loss := range judged(r) {
		family := familyOf(loss)
		switch {
		case slices.Contains(followed, loss):
			names = append(names, loss)
		case !seen[family] && left > 0:
			names, left = append(names, loss), left-1
		}
		seen[family] = true
	}
	return names
}

// few returns circle, the best pair-wise loss and the best one with class vectors.
func few(r compare.Result) (names []string) {
	seen := make(map[losses.Labels]bool)
	for _, loss := range judged(r) {
		entry, err := losses.Find(loss)
		if err == nil && !seen[entry.Labels] || loss == "circle" {
			names = append(names, loss)
		}
		seen[entry.Labels] = true
	}
	return names
}

// judged returns the losses of a table by what their seeds came to in validation, the best first; a training that failed came to nothing. By
// the test it would choose those that the test flatters, which is asked of them again.
func judged(r compare.Result) (names []string) {
	came := make(map[string]float64)
	for _, row := range r.Rows {
		if row.Baseline {
			continue
		}
		names = append(names, row.Name)
		for _, curve := range row.Curves {
			best := 0.0 // the network of the best validation is kept
			for _, p := range curve {
				best = max(best, p.MAPAtR)
			}
			came[row.Name] += best
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(came[b], came[a]) })
	return names
}
