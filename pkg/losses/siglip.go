package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

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

// DefaultSigLIP returns what the paper begins with: τ = 0.1, b = −10.
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
