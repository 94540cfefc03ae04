package losses

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// TupletMargin sets each positive, its angle made larger by a slack, against all negatives.
//
//	L = mean over p of log[1 + Σ_n exp(γ(cos θ_n − cos(θ_p − β)))]
//
// The slack β keeps positives that are near enough from being drawn on. For [Cosine]; at cos θ = ±1 the slope of sin θ is taken
// as 0. An anchor needs a positive and a negative. The zero value is invalid: start from [DefaultTupletMargin].
//
// B. Yu, D. Tao, "Deep Metric Learning with Tuplet Margin Loss", ICCV 2019.
type TupletMargin struct {
	Angle float64 // β, in degrees, in [0, 90)
	Gamma float64 // γ, the scale (s in the paper), > 0
}

// DefaultTupletMargin is the paper's setting: β = 5.73° (0.1 radians), γ = 64.
func DefaultTupletMargin() TupletMargin { return TupletMargin{Angle: 5.73, Gamma: 64} }

// PerAnchor implements [Loss].
func (m TupletMargin) PerAnchor(s Scores) *graph.Node { return meanOfTerms(m.Terms(s)) }

// Terms implements [Termwise]: one term a positive pair.
func (m TupletMargin) Terms(s Scores) []Terms {
	begin(m, s)
	slack := m.Angle * math.Pi / 180
	cos := s.Similarity
	sin := stable.SafeSqrt(graph.OneMinus(graph.Square(cos)), graph.ZerosLike(cos))
	nearer := graph.Add(graph.MulScalar(cos, math.Cos(slack)), graph.MulScalar(sin, math.Sin(slack)))
	negatives := stable.Column(stable.LogSumExp(graph.MulScalar(cos, m.Gamma), s.Negative))
	terms := stable.Softplus(graph.Sub(negatives, graph.MulScalar(nearer, m.Gamma)))
	return []Terms{termsOfPairs(terms, s.positiveOfBoth())}
}

// Anchors implements [Loss]: those with a positive and a negative.
func (m TupletMargin) Anchors(s Scores) *graph.Node { return s.withBoth() }

// Validate implements [Loss].
func (m TupletMargin) Validate() error {
	if err := require(m.Angle >= 0 && m.Angle < 90, "TupletMargin: Angle", "in [0, 90) degrees", m.Angle); err != nil {
		return err
	}
	return requirePositive("TupletMargin: Gamma", m.Gamma)
}

// DCL is the decoupled contrastive loss: NT-Xent without the positive in the denominator, which slows learning where it is near.
//
//	L = mean over p of −s_p/τ + log Σ_n exp(s_n/τ)
//
// It has no least value. An anchor needs a positive and a negative. The zero value is invalid: start from [DefaultDCL].
//
// C.-H. Yeh et al., "Decoupled Contrastive Learning", ECCV 2022.
type DCL struct {
	Temperature float64 // τ, > 0
}

// DefaultDCL is the paper's τ = 0.1.
func DefaultDCL() DCL { return DCL{Temperature: 0.1} }

// PerAnchor implements [Loss].
func (d DCL) PerAnchor(s Scores) *graph.Node {
	begin(d, s)
	return s.sum(d.formula())
}

// Terms implements [Termwise]: one term a positive pair.
func (d DCL) Terms(s Scores) []Terms {
	begin(d, s)
	return s.termsPerPositive(d.formula())
}

// formula is log Σ_n exp(s_n/τ) less the mean over p of s_p/τ.
func (d DCL) formula() fold.Formula {
	logit := func(s *graph.Node, _ []fold.Result) *graph.Node { return graph.MulScalar(s, 1/d.Temperature) }
	return fold.Formula{
		Rounds: [][]fold.Sum{{{By: fold.LogSumExp, Negative: logit}, {Positive: logit}, {Positive: fold.One}}},
		Combine: func(sums []fold.Result) *graph.Node {
			negatives, own, count := sums[0].Negative, sums[1].Positive, sums[2].Positive
			both := graph.LogicalAnd(stable.Present(negatives), stable.Positive(count))
			return stable.ZeroUnless(both, graph.Sub(negatives, stable.Ratio(own, count)))
		},
	}
}

// Anchors implements [Loss]: those with a positive and a negative.
func (d DCL) Anchors(s Scores) *graph.Node { return s.withBoth() }

// Validate implements [Loss].
func (d DCL) Validate() error { return requirePositive("DCL: Temperature", d.Temperature) }

// SigLIP asks of each pair by itself whether it belongs together: a logistic loss, with no sum over the batch inside a logarithm.
//
//	L = Σ over the pairs of log[1 + exp(−y(s/τ + b))],  y = 1 for positives, −1 for negatives
//
// The paper's value of a batch is the sum over anchors divided by their number: [MeanAll]. It learns τ and b. An anchor needs a
// positive or a negative. The zero value is invalid: start from [DefaultSigLIP].
//
// X. Zhai et al., "Sigmoid Loss for Language Image Pre-Training", ICCV 2023.
type SigLIP struct {
	Temperature float64 // τ, > 0
	Bias        float64 // b, any number; far below 0 since most pairs are negative
}

// DefaultSigLIP is what the paper begins with: τ = 0.1, b = −10.
func DefaultSigLIP() SigLIP { return SigLIP{Temperature: 0.1, Bias: -10} }

// PerAnchor implements [Loss].
func (l SigLIP) PerAnchor(s Scores) *graph.Node {
	begin(l, s)
	term := func(sign float64) fold.Term {
		return func(s *graph.Node, _ []fold.Result) *graph.Node {
			return stable.Softplus(graph.MulScalar(graph.AddScalar(graph.MulScalar(s, 1/l.Temperature), l.Bias), sign))
		}
	}
	rounds := [][]fold.Sum{{{Positive: term(-1), Negative: term(1)}}}
	return s.sum(fold.Formula{Rounds: rounds, Combine: func(sums []fold.Result) *graph.Node {
		return graph.Add(sums[0].Positive, sums[0].Negative)
	}})
}

// Anchors implements [Loss]: those with a positive or a negative.
func (l SigLIP) Anchors(s Scores) *graph.Node { return s.withAny() }

// Validate implements [Loss].
func (l SigLIP) Validate() error {
	if err := requirePositive("SigLIP: Temperature", l.Temperature); err != nil {
		return err
	}
	return require(finite(l.Bias), "SigLIP: Bias", "a number", l.Bias)
}
