package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Scores is a batch as the paper sees it: one row per anchor, one column per candidate. A pair that is neither Positive nor
// Negative (an anchor with itself, or one that a miner dropped) takes no part.
type Scores struct {
	// Similarity is float [anchors, candidates]; larger is closer, always. It is there to be read: a loss of sums goes past it to the vectors,
	// see "Performance" in the package doc, so that a derivative by Similarity needs [ByAutodiff].
	Similarity *graph.Node
	Positive   *graph.Node // bool [anchors, candidates]: the K within-class scores s_p
	Negative   *graph.Node // bool [anchors, candidates]: the L between-class scores s_n

	// The vectors behind the scores, for the few losses that look at more than similarities: float [anchors, dim] and
	// [candidates, dim]. Scores made by hand may leave them nil.
	AnchorVectors, CandidateVectors *graph.Node

	origin *origin // how they were made, if that makes them quicker to sum up
}

// Pairs compares the batch with itself under pair-wise labels: a row's positives are the other rows of its label, its
// negatives the rows of other labels; itself is left out. labels is integer [batch], embeddings float [batch, dim].
func Pairs(labels, embeddings *graph.Node, sim Similarity) Scores {
	return PairsBy(SameLabel, labels, embeddings, sim)
}

// PairsBy is [Pairs] under any relation of labels.
func PairsBy(related Relation, labels, embeddings *graph.Node, sim Similarity) Scores {
	return PairsAgainstBy(related, labels, embeddings, labels, embeddings, sim).withoutSelf().fromPairs(related, labels, sim)
}

// withoutSelf leaves out the pairs of a row with itself.
func (s Scores) withoutSelf() Scores {
	other := graph.LogicalNot(graph.Diagonal(s.Similarity.Graph(), s.Similarity.Shape().Dim(0)))
	s.Positive, s.Negative = graph.LogicalAnd(s.Positive, other), graph.LogicalAnd(s.Negative, other)
	return s
}

// PairsAgainst compares the batch with other vectors: a memory bank, a second view, another device's shard. Nothing is left
// out. labels is integer [batch], embeddings float [batch, dim], otherLabels integer [others], others float [others, dim].
func PairsAgainst(labels, embeddings, otherLabels, others *graph.Node, sim Similarity) Scores {
	return PairsAgainstBy(SameLabel, labels, embeddings, otherLabels, others, sim)
}

// PairsAgainstBy is [PairsAgainst] under any relation of labels.
func PairsAgainstBy(related Relation, labels, embeddings, otherLabels, others *graph.Node, sim Similarity) Scores {
	assertVectors("Pairs", "embeddings", embeddings)
	assertVectors("Pairs", "others", others)
	assertSameDim("Pairs", "others", embeddings, others)
	assertRows("Pairs", "labels", labels, embeddings)
	assertRows("Pairs", "otherLabels", otherLabels, others)
	s := measured(embeddings, others, sim)
	s.Positive, s.Negative = related.Of(labels, graph.ConvertDType(otherLabels, labels.DType()))
	s.check()
	return s
}

// Classes compares the batch with one weight vector a class: a row's one positive is the weight of its label, its negatives
// are the other classes' weights. labels is integer [batch] with values in [0, classes), embeddings float [batch, dim],
// weights float [classes, dim], or [classes · centers, dim] with a similarity that pools them, see [Centred]. A label out of
// range has no positive, see [CheckLabels].
func Classes(labels, embeddings, weights *graph.Node, sim Similarity) Scores {
	assertVectors("Classes", "embeddings", embeddings)
	assertVectors("Classes", "weights", weights)
	assertSameDim("Classes", "weights", embeddings, weights)
	assertLabels("Classes", labels, embeddings)
	s := measured(embeddings, weights, sim)
	classes := graph.Iota(labels.Graph(), shapes.Make(labels.DType(), s.Similarity.Shape().Dim(1)), 0)
	s.Positive, s.Negative = SameLabel.Of(labels, classes)
	similarity := s.Similarity
	if sim == Cosine {
		similarity = constantLengths(s.AnchorVectors, s.CandidateVectors)
	}
	return s.fromClasses(labels, similarity)
}

// measured compares x with y at float32 or better.
func measured(x, y *graph.Node, sim Similarity) Scores {
	anchors := precise(x)
	candidates := anchors
	if x != y { // else one node, so that a similarity prepares its vectors once
		candidates = graph.ConvertDType(y, anchors.DType())
	}
	return Scores{Similarity: sim.Of(anchors, candidates), AnchorVectors: anchors, CandidateVectors: candidates}
}

// precise raises half precision to float32: a logit of γ·s = 256 has a resolution of 1 in bfloat16.
func precise(x *graph.Node) *graph.Node {
	if x.DType() == dtypes.Float64 {
		return x
	}
	return graph.ConvertDType(x, dtypes.Float32)
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

// needVectors panics unless the scores carry the vectors behind them.
func needVectors(what string, s Scores) {
	if s.AnchorVectors == nil || s.CandidateVectors == nil {
		exceptions.Panicf("%s looks at the vectors behind the scores: make them by losses.Pairs or losses.Classes, or set "+
			"AnchorVectors and CandidateVectors", what)
	}
}

func assertVectors(where, name string, x *graph.Node) {
	if x.Rank() != 2 || !x.DType().IsFloat() || x.Shape().Size() == 0 {
		exceptions.Panicf("losses.%s: %s must be float [rows, dim] with at least one of each, got %s", where, name, x.Shape())
	}
}

func assertSameDim(where, name string, embeddings, others *graph.Node) {
	if embeddings.Shape().Dim(1) != others.Shape().Dim(1) {
		exceptions.Panicf("losses.%s: embeddings and %s must have the same dimension, got %s and %s",
			where, name, embeddings.Shape(), others.Shape())
	}
}

func assertLabels(where string, labels, vectors *graph.Node) {
	assertRows(where, "labels", labels, vectors)
	if labels.Rank() != 1 || !labels.DType().IsInt() {
		exceptions.Panicf("losses.%s: labels must be integer [%d], one a row of the vectors %s, got %s",
			where, vectors.Shape().Dim(0), vectors.Shape(), labels.Shape())
	}
}

func assertRows(where, name string, labels, vectors *graph.Node) {
	if labels.Rank() < 1 || labels.Shape().Dim(0) != vectors.Shape().Dim(0) {
		exceptions.Panicf("losses.%s: %s must be integer [%d], one a row of the vectors %s, got %s",
			where, name, vectors.Shape().Dim(0), vectors.Shape(), labels.Shape())
	}
}
