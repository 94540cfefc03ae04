package pml

import (
	"slices"

	"github.com/unipair/unipair/pkg/losses"
)

// A counterpart says how the library's loss is had here: the reduction that it has by default, and what else differs.
type counterpart struct {
	settings map[string]string
	reduce   losses.Reduction
	pairs    pairing
	differs  string // why value and gradient are not the same, or empty
}

// pairing says which rows of a batch a pair loss compares.
type pairing int

const (
	withItself pairing = iota // every row with every other
	firstTwo                  // of each class its first row with its second, as N-pair batches are
	halves                    // a row of the first half with the one as far down the second: two views
)

// counterparts returns them by name in the catalogue; peer.py has the library's side under the same names.
func counterparts() map[string]counterpart {
	return map[string]counterpart{
		"normface":                    {reduce: losses.Mean, settings: map[string]string{"gamma": "20"}},
		"am-softmax":                  {reduce: losses.Mean, settings: map[string]string{"margin": "0.35", "gamma": "64"}},
		"large-margin-softmax":        {reduce: losses.Mean},
		"sphereface":                  {reduce: losses.Mean},
		"arcface":                     {reduce: losses.Mean},
		"sub-center-arcface":          {reduce: losses.Mean},
		"soft-triple":                 {reduce: losses.Mean},
		"proxy-nca":                   {reduce: losses.Mean},
		"proxy-anchor":                {reduce: losses.Mean},
		"p2sgrad":                     {reduce: losses.Mean, differs: "there class weights are brought to length 1 − 5e-8 in place, without a gradient"},
		"triplet":                     {reduce: losses.MeanNonZero},
		"contrastive":                 {reduce: losses.MeanNonZero},
		"snr-contrastive":             {reduce: losses.MeanNonZero},
		"margin":                      {reduce: losses.MeanNonZero, differs: "there each pair counts as often as it is in a triplet"},
		"lifted-structure":            {reduce: losses.MeanTerms},
		"generalized-lifted":          {reduce: losses.MeanAll},
		"n-pair":                      {reduce: losses.MeanTerms, pairs: firstTwo},
		"nt-xent":                     {reduce: losses.MeanTerms},
		"sup-con":                     {reduce: losses.Mean},
		"nca":                         {reduce: losses.Mean},
		"angular":                     {reduce: losses.MeanTerms, differs: "there negatives are not normalised: the same value on unit vectors, another gradient"},
		"multi-similarity":            {reduce: losses.MeanAll},
		"tuplet-margin":               {reduce: losses.MeanTerms},
		"histogram":                   {reduce: losses.Mean},
		"fast-ap":                     {reduce: losses.Mean},
		"smooth-ap":                   {reduce: losses.Mean, differs: "there the batch is cut into groups of the wrong size"},
		"pnp":                         {reduce: losses.Mean, differs: "there a row counts among its own positives"},
		"ranked-list":                 {reduce: losses.MeanAll, differs: "there N · 1e-5 is added to the sum of weights that a mean divides by"},
		"threshold-consistent-margin": {reduce: losses.MeanTerms},
		"intra-pair-variance":         {reduce: losses.MeanTerms},
		"vicreg":                      {reduce: losses.Mean, pairs: halves},
		"circle":                      {reduce: losses.MeanNonZero},
	}
}

// Names returns the losses of the catalogue that the library has too.
func Names() []string {
	shared, _ := both(nil)
	var names []string
	for _, entry := range shared {
		names = append(names, entry.Name)
	}
	return names
}

// both returns the losses of the catalogue that the library has too, and the names of the rest; or those of only, and no rest.
func both(only []string) (shared []losses.Entry, rest []string) {
	for _, entry := range losses.Catalogue() {
		switch _, ok := counterparts()[entry.Name]; {
		case only != nil && !slices.Contains(only, entry.Name):
		case ok:
			shared = append(shared, entry)
		default:
			rest = append(rest, entry.Name)
		}
	}
	return shared, rest
}
