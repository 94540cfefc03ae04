package losses_test

import (
	"math"

	"github.com/unipair/unipair/pkg/losses"
)

var twoCenters = losses.SoftTriple{Margin: 0.01, Gamma: 20, Temperature: 0.1, Centers: 2}

var goldenClassLosses = map[string]published{
	"cosface":               {losses.DefaultAMSoftmax(), classes(losses.Cosine), losses.Mean},
	"cosface_m0.35_s16":     {losses.AMSoftmax{Margin: 0.35, Gamma: 16}, classes(losses.Cosine), losses.Mean},
	"normalized_softmax":    {losses.NormFace{Gamma: 20}, classes(losses.Cosine), losses.Mean},
	"normalized_softmax_t1": {losses.NormFace{Gamma: 1}, classes(losses.Cosine), losses.Mean},

	"arcface":                 {losses.ArcFace{Margin: 28.6 * math.Pi / 180, Gamma: 64}, classes(losses.Cosine), losses.Mean},
	"arcface_m0.5rad_s16":     {losses.ArcFace{Margin: 0.5, Gamma: 16}, classes(losses.Cosine), losses.Mean},
	"large_margin_softmax_m1": {losses.LargeMarginSoftmax{Margin: 1}, classes(losses.Cosine), losses.Mean},
	"large_margin_softmax_m2": {losses.LargeMarginSoftmax{Margin: 2}, classes(losses.Cosine), losses.Mean},
	"large_margin_softmax_m3": {losses.LargeMarginSoftmax{Margin: 3}, classes(losses.Cosine), losses.Mean},
	"large_margin_softmax_m4": {losses.LargeMarginSoftmax{Margin: 4}, classes(losses.Cosine), losses.Mean},
	"sphereface_m2":           {losses.SphereFace{Margin: 2}, classes(losses.Cosine), losses.Mean},
	"sphereface_m4":           {losses.SphereFace{Margin: 4}, classes(losses.Cosine), losses.Mean},
	"p2sgrad":                 {losses.P2SGrad{}, classes(losses.Cosine), losses.Mean},
	"proxy_anchor":            {losses.DefaultProxyAnchor(), classes(losses.Cosine), losses.Mean},
	"proxy_nca":               {losses.ProxyNCA{Scale: 1}, classes(unitSquaredL2), losses.Mean},
	"subcenter_arcface_k3": {
		losses.SubCenterArcFace{Margin: 28.6 * math.Pi / 180, Gamma: 64, Centers: 3},
		classes(losses.Measure(losses.DefaultSubCenterArcFace(), losses.Cosine)), losses.Mean,
	},
	"soft_triple_c2": {twoCenters, classes(losses.Measure(twoCenters, losses.Cosine)), losses.Mean},
	"proxy_nca_s8":   {losses.ProxyNCA{Scale: 8}, classes(unitSquaredL2), losses.Mean},
}
