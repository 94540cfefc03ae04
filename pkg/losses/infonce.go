package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// NTXent sets each positive against all negatives: the normalised, temperature-scaled cross-entropy.
//
//	L = mean over p of −log[exp(s_p/τ) / (exp(s_p/τ) + Σ_n exp(s_n/τ))]
//
// The other positives are not in the denominator. With one positive it is [Unified] with γ = 1/τ, m = 0. An anchor needs a
// positive and a negative. The zero value is invalid: start from [DefaultNTXent].
//
// K. Sohn, 2016 (see [NPair]); T. Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations",
// ICML 2020.
type NTXent struct {
	Temperature float64 // τ, > 0
}

// DefaultNTXent returns the loss with τ = 0.07.
func DefaultNTXent() NTXent { return NTXent{Temperature: 0.07} }

// PerAnchor implements [Loss].
func (n NTXent) PerAnchor(s Scores) *graph.Node {
	begin(n, s)
	return s.sum(againstNegatives(1 / n.Temperature))
}

// Terms implements [Termwise]: one term per positive pair.
func (n NTXent) Terms(s Scores) []Terms {
	begin(n, s)
	return s.termsPerPositive(againstNegatives(1 / n.Temperature))
}

// Anchors implements [Loss]: those with a positive and a negative.
func (n NTXent) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (NTXent) OddsSum() {}

// Validate implements [Loss].
func (n NTXent) Validate() error { return requirePositive("NTXent: Temperature", n.Temperature) }

// NPair is [NTXent] of temperature 1: the multi-class N-pair loss, over every positive pair of the batch.
//
//	L = mean over p of log[1 + Σ_n exp(s_n − s_p)]
//
// The paper takes one pair a class and inner products of vectors whose length it penalises; give it such batches and [Dot]
// for that. It has no setting, so its zero value is the loss. An anchor needs a positive and a negative.
//
// K. Sohn, "Improved Deep Metric Learning with Multi-class N-pair Loss Objective", NeurIPS 2016.
type NPair struct{}

// PerAnchor implements [Loss].
func (n NPair) PerAnchor(s Scores) *graph.Node { return NTXent{Temperature: 1}.PerAnchor(s) }

// Terms implements [Termwise]: one term per positive pair.
func (n NPair) Terms(s Scores) []Terms { return NTXent{Temperature: 1}.Terms(s) }

// Anchors implements [Loss]: those with a positive and a negative.
func (NPair) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (NPair) OddsSum() {}

// Validate implements [Loss]; it has nothing to refuse.
func (NPair) Validate() error { return nil }

// againstNegatives returns the formula of the mean over p of log[1 + Σ_n exp(γ(s_n − s_p))]. Without a negative each term is 0.
func againstNegatives(gamma float64) fold.Formula {
	logit := func(s *graph.Node, _ []fold.Result) *graph.Node { return graph.MulScalar(s, gamma) }
	term := func(s *graph.Node, before []fold.Result) *graph.Node {
		return stable.Softplus(graph.Sub(before[0].Negative, logit(s, nil)))
	}
	return fold.Formula{
		Rounds:  [][]fold.Sum{{{By: fold.LogSumExp, Negative: logit}}, {{Positive: term}, {Positive: fold.One}}},
		Combine: func(sums []fold.Result) *graph.Node { return stable.Ratio(sums[1].Positive, sums[2].Positive) },
	}
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

// DefaultDCL returns the paper's τ = 0.1.
func DefaultDCL() DCL { return DCL{Temperature: 0.1} }

// PerAnchor implements [Loss].
func (d DCL) PerAnchor(s Scores) *graph.Node {
	begin(d, s)
	return s.sum(d.formula())
}

// Terms implements [Termwise]: one term per positive pair.
func (d DCL) Terms(s Scores) []Terms {
	begin(d, s)
	return s.termsPerPositive(d.formula())
}

// formula says log Σ_n exp(s_n/τ) less the mean over p of s_p/τ.
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

// SupCon sets each positive against everything else, other positives included: the supervised contrastive loss.
//
//	L = mean over p of −log[exp(s_p/τ) / Σ_{j ∈ P ∪ N} exp(s_j/τ)]
//
// It is the paper's L_out without its factor τ/τ_base. Beyond one positive its least is above 0. An anchor needs a positive
// and a negative. The zero value is invalid: start from [DefaultSupCon].
//
// P. Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020, eq. 2.
type SupCon struct {
	Temperature float64 // τ, > 0
}

// DefaultSupCon returns the paper's τ = 0.1.
func DefaultSupCon() SupCon { return SupCon{Temperature: 0.1} }

// PerAnchor implements [Loss].
func (c SupCon) PerAnchor(s Scores) *graph.Node {
	begin(c, s)
	logit := func(s *graph.Node, _ []fold.Result) *graph.Node { return graph.MulScalar(s, 1/c.Temperature) }
	return s.sum(fold.Formula{Rounds: [][]fold.Sum{{
		{By: fold.LogSumExp, Positive: logit, Negative: logit, Together: true},
		{Positive: logit}, {Positive: fold.One, Negative: fold.One},
	}}, Combine: func(sums []fold.Result) *graph.Node {
		all, own, count := sums[0].Positive, sums[1].Positive, sums[2]
		both := graph.LogicalAnd(stable.Positive(count.Positive), stable.Positive(count.Negative))
		return stable.ZeroUnless(both, graph.Sub(all, stable.Ratio(own, count.Positive)))
	}})
}

// Anchors implements [Loss]: those with a positive and a negative.
func (c SupCon) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (SupCon) OddsSum() {}

// Validate implements [Loss].
func (c SupCon) Validate() error { return requirePositive("SupCon: Temperature", c.Temperature) }
