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

// DefaultNTXent has τ = 0.07.
func DefaultNTXent() NTXent { return NTXent{Temperature: 0.07} }

// PerAnchor implements [Loss].
func (n NTXent) PerAnchor(s Scores) *graph.Node {
	begin(n, s)
	return s.sum(againstNegatives(1 / n.Temperature))
}

// Terms implements [Termwise]: one term a positive pair.
func (n NTXent) Terms(s Scores) []Terms {
	begin(n, s)
	return s.termsPerPositive(againstNegatives(1 / n.Temperature))
}

// Anchors implements [Loss]: those with a positive and a negative.
func (n NTXent) Anchors(s Scores) *graph.Node { return s.withBoth() }

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

// Terms implements [Termwise]: one term a positive pair.
func (n NPair) Terms(s Scores) []Terms { return NTXent{Temperature: 1}.Terms(s) }

// Anchors implements [Loss]: those with a positive and a negative.
func (NPair) Anchors(s Scores) *graph.Node { return s.withBoth() }

// Validate implements [Loss]; it has nothing to refuse.
func (NPair) Validate() error { return nil }

// againstNegatives is the formula of the mean over p of log[1 + Σ_n exp(γ(s_n − s_p))]. Without a negative each term is 0.
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

// DefaultSupCon is the paper's τ = 0.1.
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

// Validate implements [Loss].
func (c SupCon) Validate() error { return requirePositive("SupCon: Temperature", c.Temperature) }

// NCA is neighbourhood components analysis: the chance that an anchor, choosing a neighbour by the softmax of its scores,
// chooses one of its class.
//
//	L = −log[Σ_p exp(κ s_p) / Σ_{j ∈ P ∪ N} exp(κ s_j)]
//
// For Normalized(NegativeSquaredL2). An anchor needs a positive; without a negative it is 0. The zero value is invalid: start
// from [DefaultNCA].
//
// J. Goldberger et al., "Neighbourhood Components Analysis", NeurIPS 2004.
type NCA struct {
	Scale float64 // κ, > 0
}

// DefaultNCA has κ = 1.
func DefaultNCA() NCA { return NCA{Scale: 1} }

// PerAnchor implements [Loss].
func (n NCA) PerAnchor(s Scores) *graph.Node {
	begin(n, s)
	logit := func(s *graph.Node) *graph.Node { return graph.MulScalar(s, n.Scale) }
	return s.sum(fold.Formula{Rounds: fold.Logits(logit, logit), Combine: func(sums []fold.Result) *graph.Node {
		// log[(P + N)/P] = log[1 + exp(log N − log P)], exact where P is nearly all.
		p, n := sums[0].Positive, sums[0].Negative
		return stable.ZeroUnless(stable.Present(p), stable.Softplus(graph.Sub(n, p)))
	}})
}

// Anchors implements [Loss]: those with a positive.
func (n NCA) Anchors(s Scores) *graph.Node { return s.withPositive() }

// Validate implements [Loss].
func (n NCA) Validate() error { return requirePositive("NCA: Scale", n.Scale) }

// MultiSimilarity weighs positives and negatives by how they stand to a base and to each other.
//
//	L = log[1 + Σ_p exp(−α(s_p − λ))]/α + log[1 + Σ_n exp(β(s_n − λ))]/β
//
// It does not mine by itself, as the paper does before it. For [Cosine]. An anchor needs a positive or a negative. The zero
// value is invalid: start from [DefaultMultiSimilarity].
//
// X. Wang et al., "Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning", CVPR 2019.
type MultiSimilarity struct {
	Alpha float64 // α, the scale of positives, > 0
	Beta  float64 // β, the scale of negatives, > 0
	Base  float64 // λ, in units of similarity, any number
}

// DefaultMultiSimilarity has α = 2, β = 50, λ = 0.5, as the authors' code has.
func DefaultMultiSimilarity() MultiSimilarity { return MultiSimilarity{Alpha: 2, Beta: 50, Base: 0.5} }

// PerAnchor implements [Loss].
func (m MultiSimilarity) PerAnchor(s Scores) *graph.Node {
	begin(m, s)
	above := func(s *graph.Node) *graph.Node { return graph.AddScalar(s, -m.Base) }
	logits := fold.Logits(
		func(s *graph.Node) *graph.Node { return graph.MulScalar(above(s), -m.Alpha) },
		func(s *graph.Node) *graph.Node { return graph.MulScalar(above(s), m.Beta) })
	return s.sum(fold.Formula{Rounds: logits, Combine: func(sums []fold.Result) *graph.Node {
		return graph.Add(
			graph.DivScalar(stable.Softplus(sums[0].Positive), m.Alpha),
			graph.DivScalar(stable.Softplus(sums[0].Negative), m.Beta))
	}})
}

// Anchors implements [Loss]: those with a positive or a negative.
func (m MultiSimilarity) Anchors(s Scores) *graph.Node { return s.withAny() }

// Validate implements [Loss].
func (m MultiSimilarity) Validate() error {
	if err := requirePositive("MultiSimilarity: Alpha", m.Alpha); err != nil {
		return err
	}
	if err := requirePositive("MultiSimilarity: Beta", m.Beta); err != nil {
		return err
	}
	return require(finite(m.Base), "MultiSimilarity: Base", "a number", m.Base)
}
