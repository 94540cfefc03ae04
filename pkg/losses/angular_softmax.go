package losses

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// ArcFace adds a margin to the angle with the own class.
//
//	L = −log[exp(γ φ(s_p)) / (exp(γ φ(s_p)) + Σ_j exp(γ s_n^j))]
//	φ(cos θ) = cos(θ + m) for θ ≤ π − m, else cos θ − m·sin m
//
// Past π − m, where cos(θ + m) would rise again, the second form goes on falling. With EasyMargin the margin is there only for
// θ < π/2, and φ(cos θ) = cos θ beyond. For class scores by [Cosine]. At cos θ = ±1 the slope of sin θ is taken as 0, where it
// is infinite. An anchor needs its class and another. The zero value is invalid: start from [DefaultArcFace].
//
// J. Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", CVPR 2019.
type ArcFace struct {
	Margin     float64 // m, in radians, in [0, π/2]
	Gamma      float64 // γ, the scale (s in the paper), > 0
	EasyMargin bool    // no margin for angles beyond a right one
}

// DefaultArcFace returns the paper's setting: m = 0.5 radians, γ = 64.
func DefaultArcFace() ArcFace { return ArcFace{Margin: 0.5, Gamma: 64} }

// PerAnchor implements [Loss].
func (a ArcFace) PerAnchor(s Scores) *graph.Node {
	begin(a, s)
	cos := s.Similarity
	sin := stable.SafeSqrt(graph.OneMinus(graph.Square(cos)), graph.ZerosLike(cos))
	shifted := graph.Sub(graph.MulScalar(cos, math.Cos(a.Margin)), graph.MulScalar(sin, math.Sin(a.Margin)))
	within, beyond := stable.Fill(cos, -math.Cos(a.Margin)), graph.AddScalar(cos, -a.Margin*math.Sin(a.Margin))
	if a.EasyMargin {
		within, beyond = graph.ZerosLike(cos), cos
	}
	own := graph.Where(graph.GreaterThan(cos, within), shifted, beyond)
	return s.softplusOfLogits(graph.MulScalar(own, -a.Gamma), graph.MulScalar(cos, a.Gamma))
}

// Anchors implements [Loss]: those with a positive and a negative.
func (a ArcFace) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (ArcFace) OddsSum() {}

// Validate implements [Loss].
func (a ArcFace) Validate() error { return a.validate("ArcFace") }

func (a ArcFace) validate(loss string) error {
	if err := require(a.Margin >= 0 && a.Margin <= math.Pi/2, loss+": Margin", "in [0, π/2] radians", a.Margin); err != nil {
		return err
	}
	return requirePositive(loss+": Gamma", a.Gamma)
}

// LargeMarginSoftmax multiplies the angle with the own class, and keeps the lengths of features and class weights.
//
//	L = −log[exp(|w_y||x| ψ(θ_y)) / (exp(|w_y||x| ψ(θ_y)) + Σ_j exp(|w_j||x| cos θ_j))]
//	ψ(θ) = (λ cos θ + (−1)^k cos(mθ) − 2k) / (1 + λ),  k = ⌊mθ/π⌋
//
// λ > 0 softens it towards plain softmax; training begins with a large one that falls, see [SphereFace]. With m = 1 it is
// [Softmax]. For class scores by [Cosine]. An anchor needs its class and another. The zero value is invalid: start from
// [DefaultLargeMarginSoftmax].
//
// W. Liu et al., "Large-Margin Softmax Loss for Convolutional Neural Networks", ICML 2016.
type LargeMarginSoftmax struct {
	Margin int     // m, how many times the angle, 1 to 8
	Lambda float64 // λ, how much of plain softmax remains, ≥ 0
}

// DefaultLargeMarginSoftmax returns the loss with m = 4, λ = 0.
func DefaultLargeMarginSoftmax() LargeMarginSoftmax { return LargeMarginSoftmax{Margin: 4} }

// PerAnchor implements [Loss].
func (l LargeMarginSoftmax) PerAnchor(s Scores) *graph.Node {
	begin(l, s)
	needVectors("losses.LargeMarginSoftmax", s)
	both := graph.Mul(lengths(s.AnchorVectors), graph.Transpose(lengths(s.CandidateVectors), 0, 1))
	return multiplied(s, l.Margin, l.Lambda, both)
}

// Anchors implements [Loss]: those with a positive and a negative.
func (l LargeMarginSoftmax) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (LargeMarginSoftmax) OddsSum() {}

// Validate implements [Loss].
func (l LargeMarginSoftmax) Validate() error {
	return validateMultiple("LargeMarginSoftmax", l.Margin, l.Lambda)
}

// SphereFace (A-Softmax) multiplies the angle with the own class, with class weights of length 1 and the features' own length.
//
//	L = −log[exp(|x| ψ(θ_y)) / (exp(|x| ψ(θ_y)) + Σ_j exp(|x| cos θ_j))]
//	ψ(θ) = (λ cos θ + (−1)^k cos(mθ) − 2k) / (1 + λ),  k = ⌊mθ/π⌋
//
// Its authors begin training with a large λ, which leaves plain softmax, and let it fall: [SphereFaceLambda] at each step. For
// class scores by [Cosine]. An anchor needs its class and another. The zero value is invalid: start from [DefaultSphereFace].
//
// W. Liu et al., "SphereFace: Deep Hypersphere Embedding for Face Recognition", CVPR 2017.
type SphereFace struct {
	Margin int     // m, how many times the angle, 1 to 8
	Lambda float64 // λ, how much of plain softmax remains, ≥ 0
}

// DefaultSphereFace returns the paper's m = 4, and λ = 0: the loss as published.
func DefaultSphereFace() SphereFace { return SphereFace{Margin: 4} }

// SphereFaceLambda returns λ of a step, from 0, as the authors' code lets it fall: max(5, 1000/(1 + 0.12·step)).
func SphereFaceLambda(step int) float64 { return math.Max(5, 1000/(1+0.12*float64(step))) }

// PerAnchor implements [Loss].
func (f SphereFace) PerAnchor(s Scores) *graph.Node {
	begin(f, s)
	needVectors("losses.SphereFace", s)
	return multiplied(s, f.Margin, f.Lambda, lengths(s.AnchorVectors))
}

// Anchors implements [Loss]: those with a positive and a negative.
func (f SphereFace) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (SphereFace) OddsSum() {}

// Validate implements [Loss].
func (f SphereFace) Validate() error { return validateMultiple("SphereFace", f.Margin, f.Lambda) }

// multiplied returns the softmax of length·cos with ψ in place of the own class's cosine.
func multiplied(s Scores, m int, lambda float64, length *graph.Node) *graph.Node {
	cos := s.Similarity
	// cos(mθ) is the Chebyshev polynomial T_m(cos θ), and k counts the points cos(jπ/m) that cos θ has fallen below: no
	// arc cosine, whose slope is infinite at the ends.
	previous, multiple := graph.OnesLike(cos), cos
	for range m - 1 {
		previous, multiple = multiple, graph.Sub(graph.MulScalar(graph.Mul(cos, multiple), 2), previous)
	}
	k := graph.ZerosLike(cos)
	for j := 1; j < m; j++ {
		k = graph.Add(k, graph.ConvertDType(graph.LessThan(cos, stable.Fill(cos, math.Cos(float64(j)*math.Pi/float64(m)))), cos.DType()))
	}
	k = graph.StopGradient(k)
	odd := graph.StopGradient(graph.Sub(k, graph.MulScalar(graph.Floor(graph.MulScalar(k, 0.5)), 2)))
	psi := graph.Sub(graph.Mul(graph.OneMinus(graph.MulScalar(odd, 2)), multiple), graph.MulScalar(k, 2))
	own := graph.DivScalar(graph.Add(psi, graph.MulScalar(cos, lambda)), 1+lambda)
	return s.softplusOfLogits(graph.Neg(graph.Mul(own, length)), graph.Mul(cos, length))
}

func validateMultiple(loss string, m int, lambda float64) error {
	if err := require(m >= 1 && m <= 8, loss+": Margin", "a whole number from 1 to 8", m); err != nil {
		return err
	}
	return requireAtLeast0(loss+": Lambda", lambda)
}
