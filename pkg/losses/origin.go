package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// origin records how scores were made, so that a loss which is a formula of sums over its row can be computed faster than by autodiff over
// Similarity. For a batch against itself, whose matrix is symmetric, half of it is enough; for class scores the positive is known by its label.
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

// termsPerPositive returns the terms of a formula that is the mean of one per positive pair, of the anchors with a negative.
func (s Scores) termsPerPositive(f fold.Formula) []Terms {
	return []Terms{termsOfPairs(fold.PerPositive(f, s.Similarity, s.Positive, s.Negative), s.positiveOfBoth())}
}

// fromPairs records the origin of a batch against itself, if half of the matrix is enough.
func (s Scores) fromPairs(related Relation, labels *graph.Node, sim Similarity) Scores {
	symmetric, ok := symmetricOf(sim)
	if !ok || !isSymmetric(related) || symmetric.perProduct != nil && few(s.AnchorVectors, s.CandidateVectors) {
		return s // of few vectors a distance is made of differences, with its gradient
	}
	pairs := fold.Pairs{
		Vectors: symmetric.vectors(s.AnchorVectors), Labels: labels, Related: related.Of, Compare: symmetric.compare, PerProduct: symmetric.perProduct,
	}
	s.origin = &origin{made: s, sum: func(f fold.Formula) *graph.Node { return fold.Half(f, pairs) }}
	return s
}

// fromClasses records the origin of class scores. similarity is the same as in the scores, with a gradient of first order.
func (s Scores) fromClasses(labels, similarity *graph.Node) Scores {
	scores := fold.Scores{Labels: labels, Similarity: similarity, Positive: s.Positive, Negative: s.Negative}
	s.origin = &origin{made: s, labels: labels, sum: func(f fold.Formula) *graph.Node { return fold.Classes(f, scores) }}
	return s
}

// symmetric is how a symmetric similarity is computed tile by tile, see [fold.Pairs].
type symmetric struct {
	unit       bool // of vectors over their lengths
	compare    func(x, y *graph.Node) *graph.Node
	perProduct func(slope, similarity *graph.Node) *graph.Node
}

// vectors returns what is compared.
func (s symmetric) vectors(x *graph.Node) *graph.Node {
	if s.unit {
		return Normalize(x)
	}
	return x
}

// symmetricOf returns how a similarity is computed tile by tile; ok tells whether it can be.
func symmetricOf(sim Similarity) (s symmetric, ok bool) {
	switch sim {
	case Dot:
		return symmetric{compare: Dot.Of}, true
	case Cosine:
		return symmetric{unit: true, compare: Dot.Of}, true
	case NegativeL2:
		return symmetric{compare: valuesOf(NegativeL2.Of), perProduct: perDistance}, true
	case Normalized(NegativeL2):
		return symmetric{unit: true, compare: valuesOf(unitDistances), perProduct: perDistance}, true
	}
	return symmetric{}, false
}

// perDistance turns ∂L/∂(−d) into ∂L/∂(x·y), of a distance d with d² = |x|² + |y|² − 2x·y: it divides by d.
func perDistance(slope, similarity *graph.Node) *graph.Node {
	apart := graph.LessThan(similarity, graph.ZerosLike(similarity))
	return stable.ZeroUnless(apart, graph.Div(slope, graph.Where(apart, graph.Neg(similarity), graph.OnesLike(similarity))))
}
