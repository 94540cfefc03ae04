package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

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

// DefaultNCA returns the loss with κ = 1.
func DefaultNCA() NCA { return NCA{Scale: 1} }

// PerAnchor implements [Loss].
func (n NCA) PerAnchor(s Scores) *graph.Node {
	begin(n, s)
	logit := func(score *graph.Node) *graph.Node { return graph.MulScalar(score, n.Scale) }
	return s.sum(fold.Formula{Rounds: fold.Logits(logit, logit), Combine: func(sums []fold.Result) *graph.Node {
		// log[(P + N)/P] = log[1 + exp(log N − log P)], exact where P is nearly all.
		p, n := sums[0].Positive, sums[0].Negative
		return stable.ZeroUnless(stable.Present(p), stable.Softplus(graph.Sub(n, p)))
	}})
}

// Anchors implements [Loss]: those with a positive.
func (n NCA) Anchors(s Scores) *graph.Node { return s.withPositive() }

// OddsSum implements [OddsSum].
func (NCA) OddsSum() {}

// Validate implements [Loss].
func (n NCA) Validate() error { return requirePositive("NCA: Scale", n.Scale) }
