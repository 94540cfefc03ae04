package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Unified is the formula that the whole family comes from: every within-class score against every between-class score.
//
//	L = log[1 + Σ_i Σ_j exp(γ(s_n^j − s_p^i + m))] = log[1 + Σ_j exp(γ(s_n^j + m)) · Σ_i exp(−γ s_p^i)]
//
// An anchor needs a positive and a negative; others have 0. The gradients on s_n and s_p are equal in size. On class scores
// with the cosine it is [AMSoftmax]; divided by γ it goes to the hard [Triplet] as γ → ∞. The zero value is invalid: start
// from [DefaultUnified].
//
// Y. Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization", CVPR 2020, eq. 1.
type Unified struct {
	Margin float64 // m, in units of similarity, any number
	Gamma  float64 // γ, the scale, > 0
}

// DefaultUnified returns CosFace's setting, under which Unified is compared in the paper: m = 0.35, γ = 64.
func DefaultUnified() Unified { return Unified{Margin: 0.35, Gamma: 64} }

// PerAnchor implements [Loss].
func (u Unified) PerAnchor(s Scores) *graph.Node {
	begin(u, s)
	return s.softplusOfSums(
		func(score *graph.Node) *graph.Node { return graph.MulScalar(score, -u.Gamma) },
		func(score *graph.Node) *graph.Node { return graph.MulScalar(graph.AddScalar(score, u.Margin), u.Gamma) })
}

// Anchors implements [Loss]: those with a positive and a negative.
func (u Unified) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (Unified) OddsSum() {}

// Validate implements [Loss].
func (u Unified) Validate() error {
	if err := require(finite(u.Margin), "Unified: Margin", "a number", u.Margin); err != nil {
		return err
	}
	return requirePositive("Unified: Gamma", u.Gamma)
}

// softplusOfSums returns log[1 + Σ_j exp(negative_j) · Σ_i exp(positive_i)] of logits that are functions of the similarities.
func (s Scores) softplusOfSums(positive, negative func(similarity *graph.Node) *graph.Node) *graph.Node {
	return s.sum(fold.Formula{Rounds: fold.Logits(positive, negative), Combine: func(sums []fold.Result) *graph.Node {
		return stable.Softplus(graph.Add(sums[0].Positive, sums[0].Negative))
	}})
}

// softplusOfLogits returns what softplusOfSums does, of logits, float [anchors, candidates], that need more than similarities.
func (s Scores) softplusOfLogits(positive, negative *graph.Node) *graph.Node {
	return stable.Softplus(graph.Add(stable.LogSumExp(positive, s.Positive), stable.LogSumExp(negative, s.Negative)))
}
