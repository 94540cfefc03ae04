package losses

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
)

// Classes compares the batch with one weight vector per class. A row's one positive is the weight of its label, its negatives are the other
// classes' weights. labels is integer [batch] with values in [0, classes), embeddings float [batch, dim], weights float [classes, dim], or
// [classes · centers, dim] with a similarity that pools them, see [Centred]. A label out of range has no positive, see [CheckLabels].
func Classes(labels, embeddings, weights *graph.Node, sim Similarity) Scores {
	assertVectors("Classes", "embeddings", embeddings)
	assertVectors("Classes", "weights", weights)
	assertSameDim("Classes", "weights", embeddings, weights)
	assertLabels("Classes", labels, embeddings)
	s := compared(embeddings, weights, sim)
	labels = roomy(labels, weights.Shape().Dim(0))
	classes := graph.Iota(labels.Graph(), shapes.Make(labels.DType(), s.Similarity.Shape().Dim(1)), 0)
	s.Positive, s.Negative = SameLabel.Of(labels, classes)
	similarity := s.Similarity
	if sim == Cosine {
		similarity = constantLengths(s.AnchorVectors, s.CandidateVectors)
	}
	return s.fromClasses(labels, similarity)
}

// fromClasses records the origin of class scores. similarity is the same as in the scores, with a gradient of first order.
func (s Scores) fromClasses(labels, similarity *graph.Node) Scores {
	matrix := fold.Matrix{Labels: labels, Similarity: similarity, Positive: s.Positive, Negative: s.Negative}
	s.origin = &origin{made: s, labels: labels, sum: func(f fold.Formula) *graph.Node { return fold.Classes(f, matrix) }}
	return s
}
