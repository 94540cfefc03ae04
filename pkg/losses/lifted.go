package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// LiftedStructure sets each positive pair against all negatives of both its ends.
//
//	L = mean over p of ½[log(Σ_{n ∈ N(a)} exp(m_n − d_an) + Σ_{n ∈ N(p)} exp(m_n − d_pn)) + d_ap − m_p]_+²,  with d = −s
//
// The negatives of p are in p's row, so the value of an anchor looks at other rows: it needs the scores of a batch against
// itself, from [Pairs]. For Normalized(NegativeL2). An anchor needs a positive and a negative. The zero value is invalid: start
// from [DefaultLiftedStructure].
//
// H. Oh Song et al., "Deep Metric Learning via Lifted Structured Feature Embedding", CVPR 2016, eq. 4.
type LiftedStructure struct {
	PositiveMargin float64 // m_p, in units of distance, any number
	NegativeMargin float64 // m_n, in units of distance, any number
}

// DefaultLiftedStructure returns the paper's margin of 1 for negatives, and 0 for positives.
func DefaultLiftedStructure() LiftedStructure { return LiftedStructure{NegativeMargin: 1} }

// PerAnchor implements [Loss].
func (l LiftedStructure) PerAnchor(s Scores) *graph.Node { return meanOfTerms(l.Terms(s)) }

// Terms implements [Termwise]: one term per positive pair.
func (l LiftedStructure) Terms(s Scores) []Terms {
	begin(l, s)
	beginJoint(l, s)
	negatives := stable.Column(stable.LogSumExp(graph.AddScalar(s.Similarity, l.NegativeMargin), s.Negative))
	n := s.Similarity.Shape()
	own := graph.BroadcastToShape(negatives, n)
	others := graph.BroadcastToShape(graph.Transpose(negatives, 0, 1), n)
	violation := stable.Hinge(graph.Sub(stable.LogAddExp(own, others), graph.AddScalar(s.Similarity, l.PositiveMargin)))
	return []Terms{termsOfPairs(graph.MulScalar(graph.Square(violation), 0.5), s.positiveOfBoth())}
}

// Joint implements [Joint].
func (l LiftedStructure) Joint() string {
	return "the negatives of an anchor's positives, in their rows"
}

// Anchors implements [Loss]: those with a positive and a negative.
func (l LiftedStructure) Anchors(s Scores) *graph.Node { return s.withBoth() }

// Validate implements [Loss].
func (l LiftedStructure) Validate() error {
	return validateMargins("LiftedStructure", l.PositiveMargin, l.NegativeMargin)
}

// GeneralizedLifted is the lifted structure loss over all positives and negatives of an anchor at once, without the square.
//
//	L = [log Σ_p exp(d_p − m_p) + log Σ_n exp(m_n − d_n)]_+,  with d = −s
//
// It is a hinge of [Unified] with γ = 1. For Normalized(NegativeL2). An anchor needs a positive and a negative. The zero value
// is invalid: start from [DefaultGeneralizedLifted].
//
// A. Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification", 2017, eq. 9.
type GeneralizedLifted struct {
	PositiveMargin float64 // m_p, in units of distance, any number
	NegativeMargin float64 // m_n, in units of distance, any number
}

// DefaultGeneralizedLifted returns the loss with a margin of 1 for negatives, and 0 for positives.
func DefaultGeneralizedLifted() GeneralizedLifted { return GeneralizedLifted{NegativeMargin: 1} }

// PerAnchor implements [Loss].
func (l GeneralizedLifted) PerAnchor(s Scores) *graph.Node {
	begin(l, s)
	logits := fold.Logits(
		func(score *graph.Node) *graph.Node { return graph.AddScalar(graph.Neg(score), -l.PositiveMargin) },
		func(score *graph.Node) *graph.Node { return graph.AddScalar(score, l.NegativeMargin) })
	return s.sum(fold.Formula{Rounds: logits, Combine: func(sums []fold.Result) *graph.Node {
		return stable.Hinge(graph.Add(sums[0].Positive, sums[0].Negative))
	}})
}

// Anchors implements [Loss]: those with a positive and a negative.
func (l GeneralizedLifted) Anchors(s Scores) *graph.Node { return s.withBoth() }

// Validate implements [Loss].
func (l GeneralizedLifted) Validate() error {
	return validateMargins("GeneralizedLifted", l.PositiveMargin, l.NegativeMargin)
}
