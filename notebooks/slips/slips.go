// Package slips has losses that are wrong in ways that programs of the field have been wrong in, to see what each does. All are losses
// of one's own, as far as package train and package viz can tell.
package slips

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// SelfAmongPositives leaves the pair of an image with itself among the positives, for scores of a batch against itself: a label matrix
// whose diagonal nobody cleared.
type SelfAmongPositives struct{ losses.Loss }

// PerAnchor implements [losses.Loss].
func (l SelfAmongPositives) PerAnchor(s losses.Scores) *graph.Node {
	return l.Loss.PerAnchor(withDiagonal(s, true))
}

// Anchors implements [losses.Loss].
func (l SelfAmongPositives) Anchors(s losses.Scores) *graph.Node {
	return l.Loss.Anchors(withDiagonal(s, true))
}

// SelfAmongNegatives has it among the negatives: negatives as the opposite of positives, after the diagonal was cleared in those.
type SelfAmongNegatives struct{ losses.Loss }

// PerAnchor implements [losses.Loss].
func (l SelfAmongNegatives) PerAnchor(s losses.Scores) *graph.Node {
	return l.Loss.PerAnchor(withDiagonal(s, false))
}

// Anchors implements [losses.Loss].
func (l SelfAmongNegatives) Anchors(s losses.Scores) *graph.Node {
	return l.Loss.Anchors(withDiagonal(s, false))
}

// withDiagonal puts each image's pair with itself among the positives, or the negatives.
func withDiagonal(s losses.Scores, positive bool) losses.Scores {
	self := graph.Diagonal(s.Similarity.Graph(), s.Similarity.Shape().Dim(0))
	if positive {
		s.Positive = graph.LogicalOr(s.Positive, self)
	} else {
		s.Negative = graph.LogicalOr(s.Negative, self)
	}
	return s
}
