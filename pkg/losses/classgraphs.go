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

// begin looks at labels, embeddings, weights and their place: the class of the first, and how many classes there are in all. It returns the
// vectors of each anchor's own class, [batch · centers, dim], 0 where that is not among the weights, and the state before the first block.
// That is the log of the odds, [batch], and which anchors have what the loss needs, [batch]. Then come the gradients of the anchors'
// losses on the anchors and on their own classes.
func (b classBlockGraphs) begin(in []*graph.Node) []*graph.Node {
	labels, embeddings, weights, place := in[0], in[1], in[2], scalarsOf(in[3])
	assertVectors("ClassBlocks", "embeddings", embeddings)
	assertVectors("ClassBlocks", "weights", weights)
	assertSameDim("ClassBlocks", "weights", embeddings, weights)
	assertLabels("ClassBlocks", labels, embeddings)
	if rows := weights.Shape().Dim(0); rows%b.centers != 0 {
		exceptions.Panicf("losses.ClassBlocks: %d class weights are not a whole number of classes of %d centers", rows, b.centers)
	}
	label := graph.ConvertDType(labels, dtypes.Int64)
	zero := graph.ZerosLike(place[0])
	label = graph.Min(graph.Max(label, zero), graph.AddScalar(place[1], -1)) // a label out of range has no positive, but a row
	row, here := nearestIn(graph.Sub(label, place[0]), weights.Shape().Dim(0)/b.centers)
	onEmbeddings := graph.ZerosLike(precise(embeddings))
	own := graph.ConvertDType(graph.Gather(weights, b.rowsOf(row)), onEmbeddings.DType())
	own = stable.ZeroUnless(graph.BroadcastToShape(stable.Column(b.eachCenter(here)), own.Shape()), own)
	none := graph.ConvertDType(graph.ReduceSum(onEmbeddings, -1), dtypes.Float64)
	return []*graph.Node{own, stable.Fill(none, stable.Absent), stable.Positive(none), onEmbeddings, graph.ZerosLike(own)}
}

// rows takes one more block into the state. It looks at labels, embeddings, own, weights, the block's classes, the place of the weights,
// the state, and what classes stand for, if they do.
func (b classBlockGraphs) rows(in []*graph.Node) []*graph.Node {
	labels, embeddings, own, weights, ids, place := in[0], precise(in[1]), in[2], in[3], in[4], scalarsOf(in[5])
	log, anchors, onEmbeddings, onOwn := in[6], in[7], in[8], in[9]
	s := b.scores(labels, embeddings, own, b.weightsOf(weights, graph.Sub(ids, place[0]), own.DType()), ids, place[1])
	loss := perAnchor(b.standing(in[10:], labels, ids, place[0]), s)
	gradients := graph.Gradient(graph.ReduceAllSum(loss), embeddings, own)

	sum := stable.LogAddExp(log, stable.LogExpm1(loss))
	before, total := stable.Softplus(log), stable.Softplus(sum)
	blend := func(old, fresh *graph.Node) *graph.Node {
		return graph.Add(shared(old, before, total), shared(fresh, loss, total))
	}
	return []*graph.Node{sum, graph.LogicalOr(anchors, anchorsOf(b.loss, s)), blend(onEmbeddings, gradients[0]), blend(onOwn, gradients[1])}
}

// shared returns the part that a gradient of the anchors' losses, with some rows per anchor, has in that of a total: exp(part − total) of
// it.
func shared(gradient, part, total *graph.Node) *graph.Node {
	anchors := part.Shape().Dim(0)
	share := graph.ConvertDType(stable.Column(stable.Share(part, total)), gradient.DType())
	rows := graph.Reshape(gradient, anchors, gradient.Shape().Size()/anchors)
	return graph.Reshape(graph.Mul(share, rows), gradient.Shape().Dimensions...)
}

// join packs the log of the odds and which anchors have what the loss needs into one tensor, [1, 2, batch]. Of those of all parts,
// [parts, 2, batch], and the state of one of them it makes the state of this one within the whole. That is the log of the odds against all
// classes, and what of the gradients is left beside the others'.
func (b classBlockGraphs) join(in []*graph.Node) []*graph.Node {
	if len(in) == 2 {
		log, anchors := in[0], graph.ConvertDType(in[1], in[0].DType())
		return []*graph.Node{graph.InsertAxes(graph.Stack([]*graph.Node{log, anchors}, 0), 0)}
	}
	all, mine, onEmbeddings, onOwn := in[0], in[1], in[3], in[4]
	part := func(i, what int) *graph.Node {
		return graph.Reshape(graph.Slice(all, graph.AxisElem(i), graph.AxisElem(what)), all.Shape().Dim(2))
	}
	log, anchors := part(0, 0), stable.Positive(part(0, 1))
	for i := 1; i < all.Shape().Dim(0); i++ {
		log, anchors = stable.LogAddExp(log, part(i, 0)), graph.LogicalOr(anchors, stable.Positive(part(i, 1)))
	}
	before, total := stable.Softplus(mine), stable.Softplus(log)
	return []*graph.Node{log, anchors, shared(onEmbeddings, before, total), shared(onOwn, before, total)}
}

// finish looks at embeddings and the last state. It returns the loss and its gradient on the embeddings. For the second pass it returns
// the loss of each anchor, its weight in the whole, [batch] both, and the gradient on the own classes.
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

// classes returns the gradient on the class weights of a block. It looks at the block's classes, labels, embeddings, own, weights, their
// place, what finish returned, and what classes stand for, if they do.
func (b classBlockGraphs) classes(in []*graph.Node) []*graph.Node {
	ids, labels, embeddings, own, weights, place := in[0], in[1], precise(in[2]), in[3], in[4], scalarsOf(in[5])
	each, share, onOwn := in[6], in[7], in[8]
	block := b.weightsOf(weights, graph.Sub(ids, place[0]), own.DType())
	loss := perAnchor(b.standing(in[9:], labels, ids, place[0]), b.scores(labels, embeddings, own, block, ids, place[1]))
	part := graph.StopGradient(graph.Mul(share, stable.Share(loss, each)))
	gradient := graph.Gradient(graph.ReduceAllSum(graph.Mul(part, loss)), block)[0]

	// What the anchors want of their own classes goes to the rows of those that are in this block.
	at, inside := nearestIn(graph.Sub(graph.ConvertDType(labels, ids.DType()), graph.Slice(ids, graph.AxisElem(0))), ids.Shape().Dim(0))
	row := b.rowsOf(at)
	onOwn = stable.ZeroUnless(graph.BroadcastToShape(stable.Column(b.eachCenter(inside)), onOwn.Shape()), onOwn)
	return []*graph.Node{graph.ConvertDType(graph.ScatterSum(gradient, row, onOwn, false, false), weights.DType())}
}

// standing returns the loss of a block, of weights whose first class is from: that in which classes stand for others, if that is given.
// A block's own columns come first, one of each anchor.
func (b classBlockGraphs) standing(given []*graph.Node, labels, ids, from *graph.Node) Loss {
	if len(given) == 0 {
		return b.loss
	}
	pair := scalarsOf(given[0])
	before := graph.Sub(graph.Reshape(graph.Slice(ids, graph.AxisElem(0))), from)
	present := graph.AddScalar(graph.Sub(pair[0], graph.ConvertDType(before, pair[0].DType())), labels.Shape().Dim(0))
	return Unbiased(b.loss.(OddsSum), present, pair[1])
}

// scores returns those of the anchors with their own classes, which are their positives, and with a block of classes, whose others are
// their negatives: [batch, batch + block]. The own class stands in each block, since an anchor without a positive has no loss.
func (b classBlockGraphs) scores(labels, embeddings, own, block, ids, classes *graph.Node) Scores {
	label := graph.ConvertDType(labels, ids.DType())
	known := graph.LogicalAnd(
		graph.GreaterOrEqual(label, graph.ZerosLike(label)),
		graph.LessThan(label, classes))
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

// nearestIn returns where numbers are among so many from 0 on, at the nearest of them if they are not, and whether they are.
func nearestIn(at *graph.Node, count int) (nearest, are *graph.Node) {
	last := graph.Scalar(at.Graph(), at.DType(), count-1)
	first := graph.ZerosLike(last)
	are = graph.LogicalAnd(graph.GreaterOrEqual(at, first), graph.LessOrEqual(at, last))
	return graph.Min(graph.Max(at, first), last), are
}

// scalarsOf takes a vector of two apart.
func scalarsOf(pair *graph.Node) [2]*graph.Node {
	number := func(i int) *graph.Node { return graph.Reshape(graph.Slice(pair, graph.AxisElem(i))) }
	return [2]*graph.Node{number(0), number(1)}
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
