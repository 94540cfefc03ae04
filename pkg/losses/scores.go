package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Scores is a batch as the paper sees it: one row per anchor, one column per candidate. A pair that is neither Positive nor
// Negative (an anchor with itself, or one that a miner dropped) takes no part.
type Scores struct {
	// Similarity is float [anchors, candidates]; larger is closer, always. It is there to be read. A derivative by it needs
	// [ByAutodiff]: it is 0 of Circle and others, which go past it to the vectors, see "Performance" in the package doc.
	Similarity *graph.Node
	Positive   *graph.Node // bool [anchors, candidates]: the K within-class scores s_p
	Negative   *graph.Node // bool [anchors, candidates]: the L between-class scores s_n

	// The vectors behind the scores, for the few losses that look at more than similarities: float [anchors, dim] and
	// [candidates, dim]. Scores made by hand may leave them nil.
	AnchorVectors, CandidateVectors *graph.Node

	origin *origin // how they were made, if that makes them quicker to sum up
}

// withPositive and withNegative tell which anchors have at least one of them, bool [anchors].
func (s Scores) withPositive() *graph.Node {
	if s.ofClasses() {
		return fold.InRange(s.origin.labels, s.Similarity.Shape().Dim(1))
	}
	return stable.Any(s.Positive)
}

func (s Scores) withNegative() *graph.Node {
	if s.ofClasses() && s.Similarity.Shape().Dim(1) > 1 {
		return graph.Equal(s.origin.labels, s.origin.labels)
	}
	return stable.Any(s.Negative)
}

func (s Scores) withAny() *graph.Node  { return graph.LogicalOr(s.withPositive(), s.withNegative()) }
func (s Scores) withBoth() *graph.Node { return graph.LogicalAnd(s.withPositive(), s.withNegative()) }

// positiveOfBoth returns the positive pairs of the anchors that have a negative too.
func (s Scores) positiveOfBoth() *graph.Node { return keep(s.Positive, s.withNegative()) }

// check panics unless the three parts fit each other.
func (s Scores) check() {
	if s.Similarity == nil || s.Positive == nil || s.Negative == nil {
		exceptions.Panicf("losses.Scores: Similarity, Positive and Negative must all be set")
	}
	shape := s.Similarity.Shape()
	if shape.Rank() != 2 || !shape.DType.IsFloat() || shape.Size() == 0 {
		exceptions.Panicf("losses.Scores: Similarity must be float [anchors, candidates] with at least one of each, got %s", shape)
	}
	for _, mask := range []*graph.Node{s.Positive, s.Negative} {
		if mask.DType() != dtypes.Bool || !mask.Shape().EqualDimensions(shape) {
			exceptions.Panicf("losses.Scores: Positive and Negative must be bool of the dimensions of Similarity, got %s beside %s",
				mask.Shape(), shape)
		}
	}
}

// keep drops the rows of a mask where rows is false.
func keep(mask, rows *graph.Node) *graph.Node {
	return graph.LogicalAnd(mask, graph.BroadcastToShape(stable.Column(rows), mask.Shape()))
}

// origin records how scores were made, so that a loss which is a formula of sums over its row can be computed faster than by autodiff over
// Similarity. For a batch against itself, whose matrix is symmetric, half of it is enough; for class scores the positive is known by its
// label.
type origin struct {
	made   Scores                           // as they were made: what a miner has changed is another matrix or mask
	sum    func(f fold.Formula) *graph.Node // returns the loss of each anchor, with a gradient of first order
	labels *graph.Node                      // of class scores, integer [anchors]; nil of pairs
}

// untouched tells whether the scores have an origin and are as they were made.
func (s Scores) untouched() bool {
	o := s.origin
	return o != nil && s.Similarity == o.made.Similarity && s.Positive == o.made.Positive && s.Negative == o.made.Negative
}

// ofClasses tells whether the scores are those of [Classes], as they were made.
func (s Scores) ofClasses() bool { return s.untouched() && s.origin.labels != nil }

// sum returns the loss of each anchor by a formula: in the quick way of scores as they were made, else by autodiff over the whole matrix.
func (s Scores) sum(f fold.Formula) *graph.Node {
	if s.untouched() {
		return s.origin.sum(f)
	}
	return fold.Whole(f, s.Similarity, s.Positive, s.Negative)
}

// chosen returns the scores with the pairs that a choice keeps. What was quick to sum up still is.
func (s Scores) chosen(c fold.Choice) Scores {
	out := s
	out.Positive, out.Negative = c.Of(s.Similarity, s.Positive, s.Negative)
	if s.untouched() {
		out.origin = &origin{made: out, sum: func(f fold.Formula) *graph.Node { return s.origin.sum(c.Within(f)) }}
	}
	return out
}
