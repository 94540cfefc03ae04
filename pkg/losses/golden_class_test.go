package losses_test

import "github.com/unipair/unipair/pkg/losses"

var goldenClassLosses = map[string]published{
	"cosface":               {losses.DefaultAMSoftmax(), classes(losses.Cosine), losses.Mean},
	"cosface_m0.35_s16":     {losses.AMSoftmax{Margin: 0.35, Gamma: 16}, classes(losses.Cosine), losses.Mean},
	"normalized_softmax":    {losses.NormFace{Gamma: 20}, classes(losses.Cosine), losses.Mean},
	"normalized_softmax_t1": {losses.NormFace{Gamma: 1}, classes(losses.Cosine), losses.Mean},
}
