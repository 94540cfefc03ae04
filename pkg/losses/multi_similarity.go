package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

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

// DefaultMultiSimilarity returns the loss with α = 2, β = 50, λ = 0.5, as the authors' code has.
func DefaultMultiSimilarity() MultiSimilarity { return MultiSimilarity{Alpha: 2, Beta: 50, Base: 0.5} }

// PerAnchor implements [Loss].
func (m MultiSimilarity) PerAnchor(s Scores) *graph.Node {
	begin(m, s)
	above := func(score *graph.Node) *graph.Node { return graph.AddScalar(score, -m.Base) }
	logits := fold.Logits(
		func(score *graph.Node) *graph.Node { return graph.MulScalar(above(score), -m.Alpha) },
		func(score *graph.Node) *graph.Node { return graph.MulScalar(above(score), m.Beta) })
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
