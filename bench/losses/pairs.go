package main

import "github.com/unipair/unipair/pkg/losses"

// A counterpart is how the library's loss is had here: the reduction that it has by default, and what else differs.
type counterpart struct {
	settings map[string]string
	reduce   losses.Reduction
	onePair  bool   // of each class its first row against its second, as N-pair batches are
	differs  string // why value and gradient are not the same, or empty
}

// counterparts are by name in the catalogue; peer.py has the library's side under the same names.
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
		"n-pair":                      {reduce: losses.MeanTerms, onePair: true},
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
		"ranked-list":                 {reduce: losses.MeanAll, differs: "there 1e-5 is added to each weight of a mean"},
		"threshold-consistent-margin": {reduce: losses.MeanTerms},
		"intra-pair-variance":         {reduce: losses.MeanTerms},
		"circle":                      {reduce: losses.MeanNonZero},
	}
}
