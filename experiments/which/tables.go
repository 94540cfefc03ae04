package main

import (
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
	change        func(*train.Config) // nil: the settings are as by default

	// A table of some losses says which another one lets it choose; one without has all of the catalogue.
	after string
	some  func(compare.Result) []string
}

// tables are in the order in which they tell most for their time.
var tables = []table{
	{name: "emoji-heads", heading: "Which loss: emoji, heads on the features of a network", data: "folder:emoji", steps: 300, change: onFeatures},
	{name: "omniglot-150", heading: "Which loss: Omniglot, 150 steps", data: "omniglot", steps: 150},
	{name: "emoji", heading: "Which loss: emoji, from scratch", data: "folder:emoji", steps: 300},
	{name: "omniglot-700", heading: "Which loss: Omniglot, 700 steps", data: "omniglot", steps: 700, after: "omniglot-150", some: matter},
	{name: "omniglot-2800", heading: "Which loss: Omniglot, 2800 steps", data: "omniglot", steps: 2800, after: "omniglot-700", some: few},
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

// followed are the losses of notebook 03, which are in every table of Omniglot.
var followed = []string{"circle", "triplet", "am-softmax"}

// matter returns the losses of the first group, the best one of each family, and those that are followed.
func matter(r compare.Result) []string {
	seen := make(map[string]bool)
	return chosen(r, func(row compare.Row) bool {
		family := familyOf(row.Name)
		first := !seen[family]
		seen[family] = true
		return first || row.Group == 1 || slices.Contains(followed, row.Name)
	})
}

// few returns the best pair-wise loss, the best one with class vectors, and those that are followed.
func few(r compare.Result) []string {
	seen := make(map[losses.Labels]bool)
	return chosen(r, func(row compare.Row) bool {
		entry, err := losses.Find(row.Name)
		first := err == nil && !seen[entry.Labels]
		seen[entry.Labels] = true
		return first || slices.Contains(followed, row.Name)
	})
}

// chosen returns the losses whose rows, the best first, are wanted.
func chosen(r compare.Result, wanted func(compare.Row) bool) (names []string) {
	for _, row := range r.Rows {
		if !row.Baseline && wanted(row) {
			names = append(names, row.Name)
		}
	}
	return names
}
