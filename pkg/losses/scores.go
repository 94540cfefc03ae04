package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Scores is a batch as the paper sees it: one row an anchor, one column a candidate. A pair that is neither Positive nor
// Negative (an anchor with itself, or one that a miner dropped) takes no part.
type Scores struct {
	Similarity *graph.Node // float [anchors, candidates]; larger is closer, always
	Positive   *graph.Node // bool  [anchors, candidates]: the K within-class scores s_p
	Negative   *graph.Node // bool  [anchors, candidates]: the L between-class scores s_n

	// Lengths of the vectors behind the scores, for the few losses that measure by cosine and yet keep them: float
	// [anchors, 1] and [1, candidates]. Scores made by hand may leave them nil.
	AnchorLength, CandidateLength *graph.Node
}

// Pairs compares the batch with itself under pair-wise labels: a row's positives are the other rows of its label, its
// negatives the rows of other labels; itself is left out. labels is integer [batch], embeddings float [batch, dim].
func Pairs(labels, embeddings *graph.Node, sim Similarity) Scores {
	s := PairsAgainst(labels, embeddings, labels, embeddings, sim)
	self := graph.Diagonal(embeddings.Graph(), embeddings.Shape().Dim(0))
	s.Positive = graph.LogicalAnd(s.Positive, graph.LogicalNot(self))
	return s
}

// PairsAgainst compares the batch with other vectors: a memory bank, a second view, another device's shard. Nothing is left
// out. labels is integer [batch], embeddings float [batch, dim], otherLabels integer [others], others float [others, dim].
func PairsAgainst(labels, embeddings, otherLabels, others *graph.Node, sim Similarity) Scores {
	assertVectors("PairsAgainst", "embeddings", embeddings)
	assertVectors("PairsAgainst", "others", others)
	assertLabels("PairsAgainst", "labels", labels, embeddings)
	assertLabels("PairsAgainst", "otherLabels", otherLabels, others)
	if embeddings.Shape().Dim(1) != others.Shape().Dim(1) {
		exceptions.Panicf("losses.PairsAgainst: embeddings and others must have the same dimension, got %s and %s",
			embeddings.Shape(), others.Shape())
	}
	same := graph.Equal(graph.InsertAxes(labels, 1), graph.InsertAxes(graph.ConvertDType(otherLabels, labels.DType()), 0))
	return scores(embeddings, others, sim, same)
}

// Classes compares the batch with one weight vector a class: a row's one positive is the weight of its label, its negatives
// are the other classes' weights. labels is integer [batch] with values in [0, classes), embeddings float [batch, dim],
// weights float [classes, dim]. A label out of range has no positive, see [CheckLabels].
func Classes(labels, embeddings, weights *graph.Node, sim Similarity) Scores {
	assertVectors("Classes", "embeddings", embeddings)
	assertVectors("Classes", "weights", weights)
	assertLabels("Classes", "labels", labels, embeddings)
	if embeddings.Shape().Dim(1) != weights.Shape().Dim(1) {
		exceptions.Panicf("losses.Classes: embeddings and weights must have the same dimension, got %s and %s",
			embeddings.Shape(), weights.Shape())
	}
	classes := graph.Iota(labels.Graph(), shapes.Make(labels.DType(), 1, weights.Shape().Dim(0)), 1)
	own := graph.Equal(graph.InsertAxes(labels, 1), classes)
	return scores(embeddings, weights, sim, own)
}

// scores measures x against y at float32 or better; where positive is false a pair is negative.
func scores(x, y *graph.Node, sim Similarity, positive *graph.Node) Scores {
	anchors := precise(x)
	candidates := anchors
	if x != y { // else one node, so that a similarity prepares its vectors once
		candidates = graph.ConvertDType(y, anchors.DType())
	}
	return Scores{
		Similarity:      sim(anchors, candidates),
		Positive:        positive,
		Negative:        graph.LogicalNot(positive),
		AnchorLength:    lengths(anchors),
		CandidateLength: graph.Transpose(lengths(candidates), 0, 1),
	}
}

// precise raises half precision to float32: a logit of γ·s = 256 has a resolution of 1 in bfloat16.
func precise(x *graph.Node) *graph.Node {
	if x.DType() == dtypes.Float64 {
		return x
	}
	return graph.ConvertDType(x, dtypes.Float32)
}

// withPositive and withNegative tell which anchors have at least one of them, bool [anchors].
func (s Scores) withPositive() *graph.Node { return anyOf(s.Positive) }
func (s Scores) withNegative() *graph.Node { return anyOf(s.Negative) }
func (s Scores) withAny() *graph.Node      { return graph.LogicalOr(s.withPositive(), s.withNegative()) }
func (s Scores) withBoth() *graph.Node     { return graph.LogicalAnd(s.withPositive(), s.withNegative()) }

// positiveOfBoth are the positive pairs of the anchors that have a negative too.
func (s Scores) positiveOfBoth() *graph.Node { return keep(s.Positive, s.withNegative()) }

// check panics unless the three parts fit each other.
func (s Scores) check() {
	if s.Similarity == nil || s.Positive == nil || s.Negative == nil {
		exceptions.Panicf("losses.Scores: Similarity, Positive and Negative must all be set")
	}
	shape := s.Similarity.Shape()
	if shape.Rank() != 2 || !shape.DType.IsFloat() || shape.Dim(1) == 0 {
		exceptions.Panicf("losses.Scores: Similarity must be float [anchors, candidates], got %s", shape)
	}
	for _, mask := range []*graph.Node{s.Positive, s.Negative} {
		if mask.DType() != dtypes.Bool || !mask.Shape().EqualDimensions(shape) {
			exceptions.Panicf("losses.Scores: Positive and Negative must be bool of the dimensions of Similarity, got %s beside %s",
				mask.Shape(), shape)
		}
	}
}

func assertVectors(where, name string, x *graph.Node) {
	if x.Rank() != 2 || !x.DType().IsFloat() || x.Shape().Size() == 0 {
		exceptions.Panicf("losses.%s: %s must be float [rows, dim] with at least one of each, got %s", where, name, x.Shape())
	}
}

func assertLabels(where, name string, labels, vectors *graph.Node) {
	if labels.Rank() != 1 || !labels.DType().IsInt() || labels.Shape().Dim(0) != vectors.Shape().Dim(0) {
		exceptions.Panicf("losses.%s: %s must be integer [%d], one a row of the vectors %s, got %s",
			where, name, vectors.Shape().Dim(0), vectors.Shape(), labels.Shape())
	}
}
