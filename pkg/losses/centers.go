package losses

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// SubCenterArcFace is [ArcFace] with several centers per class, of which the nearest counts: mislabelled and odd images find a
// center of their own and leave the main one alone.
//
//	L = ArcFace of the class scores s_c = max over k of cos(x, w_ck)
//
// With one center it is [ArcFace]. It is [Centred]: the class weights are float [classes · Centers, dim]. For class scores by
// [Measure] of [Cosine]. An anchor needs its class and another. The zero value is invalid: start from [DefaultSubCenterArcFace].
//
// J. Deng et al., "Sub-center ArcFace: Boosting Face Recognition by Large-Scale Noisy Web Faces", ECCV 2020.
type SubCenterArcFace struct {
	Margin  float64 // m, in radians, in [0, π/2]
	Gamma   float64 // γ, the scale (s in the paper), > 0
	Centers int     // K, how many per class, 1 to 1000
}

// DefaultSubCenterArcFace returns the paper's setting: m = 0.5, γ = 64, K = 3.
func DefaultSubCenterArcFace() SubCenterArcFace {
	return SubCenterArcFace{Margin: 0.5, Gamma: 64, Centers: 3}
}

// PerAnchor implements [Loss].
func (c SubCenterArcFace) PerAnchor(s Scores) *graph.Node {
	begin(c, s)
	return c.arcFace().PerAnchor(s)
}

// Pooled implements [Centred]: the similarity with the nearest center.
func (c SubCenterArcFace) Pooled(sim Similarity) Similarity { return nearestCenter{sim, c.Centers} }

// nearestCenter makes one similarity per class: the largest of those with its centers.
type nearestCenter struct {
	sim     Similarity
	centers int
}

// Of implements [Similarity].
func (n nearestCenter) Of(x, y *graph.Node) *graph.Node {
	centers := split(n.sim.Of(x, y), n.centers)
	return stable.MaskedMax(centers, graph.Equal(centers, centers))
}

func (n nearestCenter) String() string {
	return fmt.Sprintf("%v of the nearest of %d centers", n.sim, n.centers)
}

// CentersPerClass implements [Centred].
func (c SubCenterArcFace) CentersPerClass() int { return c.Centers }

// Anchors implements [Loss]: those with a positive and a negative.
func (c SubCenterArcFace) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (SubCenterArcFace) OddsSum() {}

// Validate implements [Loss].
func (c SubCenterArcFace) Validate() error {
	if err := validateCenters("SubCenterArcFace", c.Centers); err != nil {
		return err
	}
	return c.arcFace().validate("SubCenterArcFace")
}

func (c SubCenterArcFace) arcFace() ArcFace { return ArcFace{Margin: c.Margin, Gamma: c.Gamma} }

// SoftTriple is [AMSoftmax] with several centers per class, weighted by how near they are.
//
//	L = −log[exp(λ(s_y − δ)) / (exp(λ(s_y − δ)) + Σ_c exp(λ s_c))],  s_c = Σ_k softmax_k(s_ck/γ) s_ck
//
// The paper also draws the centers of a class together, by Σ_{k<l} √(2 − 2 w_ck·w_cl); [CenterSpread] is that term. With one
// center, SoftTriple is [AMSoftmax]. It is [Centred]: the class weights are float [classes · Centers, dim]. For class scores by
// [Measure] of [Cosine]. An anchor needs its class and another. The zero value is invalid: start from [DefaultSoftTriple].
//
// Q. Qian et al., "SoftTriple Loss: Deep Metric Learning Without Triplet Sampling", ICCV 2019.
type SoftTriple struct {
	Margin      float64 // δ, in units of similarity, any number
	Gamma       float64 // λ, the scale of the classes' scores, > 0
	Temperature float64 // γ, of the softmax over a class's centers, > 0
	Centers     int     // K, how many per class, 1 to 1000
}

// DefaultSoftTriple returns the paper's setting: δ = 0.01, λ = 20, γ = 0.1, K = 10.
func DefaultSoftTriple() SoftTriple {
	return SoftTriple{Margin: 0.01, Gamma: 20, Temperature: 0.1, Centers: 10}
}

// PerAnchor implements [Loss].
func (t SoftTriple) PerAnchor(s Scores) *graph.Node {
	begin(t, s)
	return Unified{Margin: t.Margin, Gamma: t.Gamma}.PerAnchor(s)
}

// Pooled implements [Centred]: the mean of the similarities with the centers, weighted by their softmax.
func (t SoftTriple) Pooled(sim Similarity) Similarity {
	return softCenters{sim, t.Centers, t.Temperature}
}

// softCenters makes one similarity per class: the mean of those with its centers, weighted by their softmax.
type softCenters struct {
	sim         Similarity
	centers     int
	temperature float64
}

// Of implements [Similarity].
func (c softCenters) Of(x, y *graph.Node) *graph.Node {
	centers := split(c.sim.Of(x, y), c.centers)
	return graph.ReduceSum(graph.Mul(graph.Softmax(graph.DivScalar(centers, c.temperature), -1), centers), -1)
}

func (c softCenters) String() string {
	return fmt.Sprintf("%v of %d centers by softmax at %g", c.sim, c.centers, c.temperature)
}

// CentersPerClass implements [Centred].
func (t SoftTriple) CentersPerClass() int { return t.Centers }

// Anchors implements [Loss]: those with a positive and a negative.
func (t SoftTriple) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (SoftTriple) OddsSum() {}

// Validate implements [Loss].
func (t SoftTriple) Validate() error {
	if err := validateCenters("SoftTriple", t.Centers); err != nil {
		return err
	}
	if err := require(finite(t.Margin), "SoftTriple: Margin", "a number", t.Margin); err != nil {
		return err
	}
	if err := requirePositive("SoftTriple: Gamma", t.Gamma); err != nil {
		return err
	}
	return requirePositive("SoftTriple: Temperature", t.Temperature)
}

// CenterSpread returns the mean distance between the centers of a class, a scalar. Added to a [Centred] loss with a weight, it merges
// centers that a class does not need. weights is float [classes · centers, dim]; lengths do not matter. One center has 0.
//
// Q. Qian et al., "SoftTriple Loss: Deep Metric Learning Without Triplet Sampling", ICCV 2019, eq. 9.
func CenterSpread(weights *graph.Node, centers int) *graph.Node {
	assertVectors("CenterSpread", "weights", weights)
	unit := Normalize(precise(weights))
	classes := split(graph.Transpose(unit, 0, 1), centers) // [dim, classes, centers]
	cos := graph.Einsum("dck,dcl->ckl", classes, classes)
	other := graph.LogicalNot(graph.BroadcastToShape(graph.InsertAxes(graph.Diagonal(weights.Graph(), centers), 0), cos.Shape()))
	squared := graph.MulScalar(graph.OneMinus(cos), 2)
	distances := stable.ZeroUnless(other, stable.SafeSqrt(squared, stable.Fill(squared, 1e-6)))
	return graph.DivScalar(graph.ReduceAllSum(distances), float64(max(1, classes.Shape().Dim(1)*centers*(centers-1))))
}

// split takes the columns apart by class: [rows, classes · centers] becomes [rows, classes, centers].
func split(x *graph.Node, centers int) *graph.Node {
	rows, columns := x.Shape().Dim(0), x.Shape().Dim(1)
	if centers < 1 || columns%centers != 0 {
		exceptions.Panicf("losses: %d class weights are not a whole number of classes of %d centers", columns, centers)
	}
	return graph.Reshape(x, rows, columns/centers, centers)
}

func validateCenters(loss string, centers int) error {
	return require(centers >= 1 && centers <= 1000, loss+": Centers", "a whole number from 1 to 1000", centers)
}
