package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Pairs compares the batch with itself under pair-wise labels. A row's positives are the other rows of its label, its negatives the rows of
// other labels; itself is left out. labels is integer [batch], embeddings float [batch, dim].
func Pairs(labels, embeddings *graph.Node, sim Similarity) Scores {
	return PairsBy(SameLabel, labels, embeddings, sim)
}

// PairsBy compares the batch as [Pairs] does, under any relation of labels.
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

// PairsAgainstBy compares the batch as [PairsAgainst] does, under any relation of labels.
func PairsAgainstBy(related Relation, labels, embeddings, otherLabels, others *graph.Node, sim Similarity) Scores {
	assertVectors("Pairs", "embeddings", embeddings)
	assertVectors("Pairs", "others", others)
	assertSameDim("Pairs", "others", embeddings, others)
	assertRows("Pairs", "labels", labels, embeddings)
	assertRows("Pairs", "otherLabels", otherLabels, others)
	assertGiven(related)
	s := compared(embeddings, others, sim)
	if otherLabels.DType().Bits() > labels.DType().Bits() { // in the narrower type two classes might be one
		labels = graph.ConvertDType(labels, otherLabels.DType())
	}
	s.Positive, s.Negative = related.Of(labels, graph.ConvertDType(otherLabels, labels.DType()))
	s.check()
	return s
}

// roomy returns labels in a type that has a number for each of so many classes: int8 ends at 127.
func roomy(labels *graph.Node, classes int) *graph.Node {
	if bits := labels.DType().Bits(); bits < 32 && classes > 1<<(bits-1) {
		return graph.ConvertDType(labels, dtypes.Int32)
	}
	return labels
}

// precise raises half precision to float32: a logit of γ·s = 256 has a resolution of 1 in bfloat16.
func precise(x *graph.Node) *graph.Node { return graph.ConvertDType(x, preciseType(x.DType())) }

// preciseType returns the type that [precise] gives numbers of a type.
func preciseType(dtype dtypes.DType) dtypes.DType {
	if dtype == dtypes.Float64 {
		return dtype
	}
	return dtypes.Float32
}

// compared compares x with y at float32 or better.
func compared(x, y *graph.Node, sim Similarity) Scores {
	assertGiven(sim)
	anchors := precise(x)
	candidates := anchors
	if x != y { // else one node, so that a similarity prepares its vectors once
		candidates = graph.ConvertDType(y, anchors.DType())
	}
	return Scores{Similarity: sim.Of(anchors, candidates), AnchorVectors: anchors, CandidateVectors: candidates}
}

// fromPairs records the origin of a batch against itself, if half of the matrix is enough.
func (s Scores) fromPairs(related Relation, labels *graph.Node, sim Similarity) Scores {
	symmetric, ok := symmetricOf(sim)
	distances := ok && symmetric.perProduct != nil && few(s.AnchorVectors, s.CandidateVectors)
	if !ok || !isSymmetric(related) || distances && s.AnchorVectors.DType() == dtypes.Float64 {
		return s // squares of float64 need room, which autodiff minds
	}
	pairs := fold.Pairs{
		Vectors: symmetric.vectors(s.AnchorVectors), Labels: labels, Related: related.Of,
		Compare: symmetric.compare, PerProduct: symmetric.perProduct,
	}
	if distances {
		pairs.PerProduct, pairs.Pull = nil, symmetric.pull
	}
	s.origin = &origin{made: s, sum: func(f fold.Formula) *graph.Node { return fold.Half(f, pairs) }}
	return s
}

// symmetric tells how a symmetric similarity is computed tile by tile, see [fold.Pairs].
type symmetric struct {
	vectors    func(x *graph.Node) *graph.Node // what is compared
	compare    func(x, y *graph.Node) *graph.Node
	perProduct func(slope, similarity *graph.Node) *graph.Node
	pull       func(slope, x, y *graph.Node) *graph.Node // of few
}

// symmetricOf returns how a similarity is computed tile by tile; ok tells whether it can be.
func symmetricOf(sim Similarity) (s symmetric, ok bool) {
	switch sim {
	case Dot:
		return symmetric{vectors: itself, compare: Dot.Of}, true
	case Cosine:
		return symmetric{vectors: Normalize, compare: Dot.Of}, true
	case NegativeL2:
		return symmetric{vectors: centredBatch, compare: distancesOf(noRounding), perProduct: perDistance, pull: pullOf(noRounding)}, true
	case Normalized(NegativeL2):
		return symmetric{vectors: Normalize, compare: distancesOf(roundingOfUnits), perProduct: perDistance, pull: pullOf(roundingOfUnits)}, true
	}
	return symmetric{}, false
}

// centredBatch brings a batch nearer to 0, so that its gradient too is made of small numbers.
func centredBatch(x *graph.Node) *graph.Node {
	x, _ = centred(x, x)
	return x
}

// distancesOf compares two blocks of a batch by their distance, 0 where that is not beyond floor.
func distancesOf(floor func(x *graph.Node) float64) func(x, y *graph.Node) *graph.Node {
	return func(x, y *graph.Node) *graph.Node { return valuesOf(x, y, floor(x)) }
}

// pullOf returns how few rows x and y of float32 pull each other, if their distance is 0 where it is not beyond floor.
func pullOf(floor func(x *graph.Node) float64) func(slope, x, y *graph.Node) *graph.Node {
	return func(slope, x, y *graph.Node) *graph.Node { return pullOfFew(slope, x, y, floor(x)) }
}

// perDistance turns ∂L/∂(−d) into ∂L/∂(x·y), of a distance d with d² = |x|² + |y|² − 2x·y: it divides by d.
func perDistance(slope, similarity *graph.Node) *graph.Node {
	distance := graph.Neg(similarity)
	apart := stable.PositiveOrNaN(distance) // what is no number shows
	return stable.ZeroUnless(apart, graph.Div(slope, graph.Where(apart, distance, graph.OnesLike(distance))))
}
