package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/internal/schedule"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// classBlockGraphs are the graphs of [ClassBlocks].
type classBlockGraphs struct {
	loss    Loss
	sim     Similarity
	reduce  Reduction
	centers int
}

// begin looks at labels, embeddings and weights. It returns the vectors of each anchor's own class, [batch · centers, dim], and the state
// before the first block. That is the log of the odds, [batch], and which anchors have what the loss needs, [batch]; then the gradients of
// the anchors' losses on the anchors and on their own classes.
func (b classBlockGraphs) begin(in []*graph.Node) []*graph.Node {
	labels, embeddings, weights := in[0], in[1], in[2]
	assertVectors("ClassBlocks", "embeddings", embeddings)
	assertVectors("ClassBlocks", "weights", weights)
	assertSameDim("ClassBlocks", "weights", embeddings, weights)
	assertLabels("ClassBlocks", labels, embeddings)
	if rows := weights.Shape().Dim(0); rows%b.centers != 0 {
		exceptions.Panicf("losses.ClassBlocks: %d class weights are not a whole number of classes of %d centers", rows, b.centers)
	}
	label := graph.ConvertDType(labels, dtypes.Int64)
	last := graph.Scalar(label.Graph(), label.DType(), weights.Shape().Dim(0)/b.centers-1)
	label = graph.Min(graph.Max(label, graph.ZerosLike(last)), last) // a label out of range has no positive, but a row
	onEmbeddings := graph.ZerosLike(precise(embeddings))
	own := graph.ConvertDType(graph.Gather(weights, b.rowsOf(label)), onEmbeddings.DType())
	none := graph.ConvertDType(graph.ReduceSum(onEmbeddings, -1), dtypes.Float64)
	return []*graph.Node{own, stable.Fill(none, stable.Absent), stable.Positive(none), onEmbeddings, graph.ZerosLike(own)}
}

// rows takes one more block into the state. It looks at labels, embeddings, own, weights, the block's classes, and the state.
func (b classBlockGraphs) rows(in []*graph.Node) []*graph.Node {
	labels, embeddings, own, weights, ids := in[0], precise(in[1]), in[2], in[3], in[4]
	log, anchors, onEmbeddings, onOwn := in[5], in[6], in[7], in[8]
	s := b.scores(labels, embeddings, own, b.weightsOf(weights, ids, own.DType()), ids, weights)
	loss := b.loss.PerAnchor(s)
	gradients := graph.Gradient(graph.ReduceAllSum(loss), embeddings, own)

	sum := stable.LogAddExp(log, stable.LogExpm1(loss))
	before, total := stable.Softplus(log), stable.Softplus(sum)
	blend := func(old, fresh *graph.Node) *graph.Node {
		shape := []int{loss.Shape().Dim(0), old.Shape().Size() / loss.Shape().Dim(0)}
		share := func(of *graph.Node) *graph.Node {
			return graph.ConvertDType(stable.Column(stable.Share(of, total)), old.DType())
		}
		mixed := graph.Add(
			graph.Mul(share(before), graph.Reshape(old, shape...)),
			graph.Mul(share(loss), graph.Reshape(fresh, shape...)))
		return graph.Reshape(mixed, old.Shape().Dimensions...)
	}
	return []*graph.Node{sum, graph.LogicalOr(anchors, b.loss.Anchors(s)), blend(onEmbeddings, gradients[0]), blend(onOwn, gradients[1])}
}

// finish looks at embeddings and the last state. It returns the loss, its gradient on the embeddings, and for the second pass the
// loss of each anchor, its weight in the whole, [batch] both, and the gradient on the own classes.
func (b classBlockGraphs) finish(in []*graph.Node) []*graph.Node {
	embeddings, log, anchors, onEmbeddings, onOwn := in[0], in[1], in[2], in[3], in[4]
	each := stable.Softplus(log)
	none := graph.ZerosLike(stable.Column(each))
	loss := b.reduce.Of(knownLoss{each, anchors}, Scores{Similarity: none, Positive: stable.Positive(none), Negative: stable.Positive(none)})
	share := graph.Gradient(loss, each)[0]
	factor := graph.ConvertDType(share, onOwn.DType())
	return []*graph.Node{
		graph.Add(graph.ConvertDType(loss, onOwn.DType()), graph.ConvertDType(unlessFinite(embeddings), onOwn.DType())),
		graph.ConvertDType(graph.Mul(stable.Column(factor), onEmbeddings), embeddings.DType()),
		each, share, graph.Mul(stable.Column(b.eachCenter(factor)), onOwn),
	}
}

// classes returns the gradient on the class weights of a block. It looks at the block's classes, labels, embeddings, own, weights,
// and what finish returned.
func (b classBlockGraphs) classes(in []*graph.Node) []*graph.Node {
	ids, labels, embeddings, own, weights := in[0], in[1], precise(in[2]), in[3], in[4]
	each, share, onOwn := in[5], in[6], in[7]
	block := b.weightsOf(weights, ids, own.DType())
	loss := b.loss.PerAnchor(b.scores(labels, embeddings, own, block, ids, weights))
	part := graph.StopGradient(graph.Mul(share, stable.Share(loss, each)))
	gradient := graph.Gradient(graph.ReduceAllSum(graph.Mul(part, loss)), block)[0]

	// What the anchors want of their own classes goes to the rows of those that are in this block.
	place := graph.Sub(graph.ConvertDType(labels, ids.DType()), graph.Slice(ids, graph.AxisElem(0)))
	last := graph.Scalar(ids.Graph(), ids.DType(), ids.Shape().Dim(0)-1)
	first := graph.ZerosLike(last)
	inside := graph.LogicalAnd(graph.GreaterOrEqual(place, first), graph.LessOrEqual(place, last))
	row := b.rowsOf(graph.Min(graph.Max(place, first), last))
	onOwn = stable.ZeroUnless(graph.BroadcastToShape(stable.Column(b.eachCenter(inside)), onOwn.Shape()), onOwn)
	return []*graph.Node{graph.ConvertDType(graph.ScatterSum(gradient, row, onOwn, false, false), weights.DType())}
}

// scores returns those of the anchors with their own classes, which are their positives, and with a block of classes, whose others are
// their negatives: [batch, batch + block]. The own class stands in each block, since an anchor without a positive has no loss.
func (b classBlockGraphs) scores(labels, embeddings, own, block, ids, weights *graph.Node) Scores {
	label := graph.ConvertDType(labels, ids.DType())
	known := graph.LogicalAnd(
		graph.GreaterOrEqual(label, graph.ZerosLike(label)),
		graph.LessThan(label, graph.Scalar(label.Graph(), label.DType(), weights.Shape().Dim(0)/b.centers)))
	self := graph.Diagonal(labels.Graph(), labels.Shape().Dim(0))
	self = graph.LogicalAnd(self, graph.BroadcastToShape(stable.Column(known), self.Shape()))
	_, others := SameLabel.Of(label, ids)
	withOwn, withBlock := b.measure(embeddings, own), b.measure(embeddings, block)
	beside := func(x, y *graph.Node) *graph.Node { return graph.Concatenate([]*graph.Node{x, y}, -1) }
	s := Scores{
		// In float64: exp(L_b − L) of losses of a hundred, each to the precision of float32, would be off by 1e-5.
		Similarity:       wide(beside(withOwn, withBlock)),
		Positive:         beside(self, graph.LogicalAnd(others, graph.LogicalNot(others))),
		Negative:         beside(graph.LogicalAnd(self, graph.LogicalNot(self)), others),
		AnchorVectors:    wide(embeddings),
		CandidateVectors: wide(graph.Concatenate([]*graph.Node{own, block}, 0)),
	}
	if !schedule.OnXLA(embeddings) {
		return s // trainings in pure Go keep the bits that they had
	}
	of := fold.Beside{
		Own:   stable.Column(stable.MaskedSum(withOwn, self)),
		Known: stable.Column(known), Block: withBlock, Negative: others,
	}
	s.origin = &origin{made: s, sum: func(f fold.Formula) *graph.Node { return fold.ClassBlock(f, of) }}
	return s
}

// measure compares anchors with class vectors.
func (b classBlockGraphs) measure(x, y *graph.Node) *graph.Node {
	if b.sim == Cosine && schedule.OnXLA(x) {
		return constantLengths(x, y)
	}
	return b.sim.Of(x, y)
}

// weightsOf returns the class weights of a block, [block · centers, dim].
func (b classBlockGraphs) weightsOf(weights, ids *graph.Node, dtype dtypes.DType) *graph.Node {
	return graph.ConvertDType(graph.Gather(weights, b.rowsOf(ids), true), dtype)
}

// rowsOf returns the rows of the class weights that belong to classes, [classes · centers, 1].
func (b classBlockGraphs) rowsOf(classes *graph.Node) *graph.Node {
	first := b.eachCenter(graph.MulScalar(classes, b.centers))
	center := graph.ModScalar(graph.Iota(first.Graph(), first.Shape(), 0), b.centers)
	return stable.Column(graph.Add(first, center))
}

// eachCenter repeats a value of each class for its centers: [classes] becomes [classes · centers].
func (b classBlockGraphs) eachCenter(x *graph.Node) *graph.Node {
	n := x.Shape().Dim(0)
	return graph.Reshape(graph.BroadcastToDims(stable.Column(x), n, b.centers), n*b.centers)
}

// knownLoss is a loss that was computed already, for a [Reduction] to look at.
type knownLoss struct{ perAnchor, anchors *graph.Node }

func (k knownLoss) PerAnchor(Scores) *graph.Node { return k.perAnchor }
func (k knownLoss) Anchors(Scores) *graph.Node   { return k.anchors }
func (k knownLoss) Validate() error              { return nil }
