package fold

import (
	"errors"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/schedule"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Pairs is a batch compared with itself: similarity and relation are symmetric, so that half of the matrix tells the whole.
type Pairs struct {
	Vectors *graph.Node // float [rows, dim], what is compared
	Labels  *graph.Node // integer [rows, …], what is related

	// Related tells which rows of labels are positive and which negative, bool [rows, others] each.
	Related func(labels, others *graph.Node) (positive, negative *graph.Node)
	// Compare returns the similarities of the rows of x and y, [rows of x, rows of y]. Its gradient is not asked for.
	Compare func(x, y *graph.Node) *graph.Node
	// PerProduct is nil where the similarity is the inner product. Else it changes with the product x·y and, half as much the other way, with
	// the square of the length of each. PerProduct turns the derivative by the similarity, the slope, into that by the product.
	PerProduct func(slope, similarity *graph.Node) *graph.Node
	// Pull is nil where products make the derivative, and stands in place of PerProduct. It returns that of the vectors x when slope is that by their similarities with y,
	// [rows of x, rows of y].
	Pull func(slope, x, y *graph.Node) *graph.Node
}

// Half returns the loss of each anchor of a batch with itself, [rows], from half of the matrix. Its gradient, of first order, goes to the
// vectors.
func Half(f Formula, p Pairs) *graph.Node {
	h := half{Pairs: p, rounds: f.Rounds, bounds: bounds(p.Vectors.Shape().Dim(0), p.Vectors.Graph().NumDevices())}
	h.forward()
	value := f.Combine(h.results)
	return withDerivative(value, p.Vectors, func(v *graph.Node) *graph.Node { return h.pull(value, v) })
}

// withDerivative returns value, [anchors], with a gradient of our own: where ∂L/∂value is v, ∂L/∂x is pull(v). x is [anchors, …]. The
// gradient has no derivative, since pull takes what it is made of as constant: who asks for one is refused.
func withDerivative(value, x *graph.Node, pull func(v *graph.Node) *graph.Node) *graph.Node {
	return graph.Add(graph.StopGradient(value), change(x, value, pull))
}

// change returns 0 for each anchor, of the type of value, with the gradient that withDerivative gives it.
func change(x, value *graph.Node, pull func(v *graph.Node) *graph.Node) *graph.Node {
	// The adjoint of the values reaches x by its first column.
	first := func(x *graph.Node) *graph.Node { return graph.Squeeze(graph.SliceAxis(x, 1, graph.AxisElem(0)), 1) }
	carrier := first(graph.IdentityWithCustomGradient(x, func(_, v *graph.Node) *graph.Node { return last(pull(first(v))) }))
	return graph.ConvertDType(graph.Sub(carrier, graph.StopGradient(carrier)), value.DType())
}

// last returns a gradient that panics where its own derivative is asked for, which would leave out a part of it.
func last(gradient *graph.Node) *graph.Node {
	return graph.IdentityWithCustomGradient(gradient, func(_, _ *graph.Node) *graph.Node {
		panic(errors.New("losses: a quick way has no derivatives of second order: put ByAutodiff among the miners, or StopGradient on the first"))
	})
}

// bounds returns where blocks of rows begin and end: tiles small enough for the processor's cache, and few, since each is compiled. Three
// and five blocks keep rows of a tile off the same lines of the cache; all but the last end at multiples of [stable.Parts]. Devices that
// share the matrix have parts of it of their own.
func bounds(rows, devices int) []int {
	blocks := 1
	if rows >= 768 && devices == 1 {
		blocks = min(max(3, (rows+682)/1365), 5)
	}
	all := evenly(rows, blocks)
	for b := range all[:blocks] {
		all[b] -= all[b] % stable.Parts
	}
	return all
}

// evenly returns the parts+1 boundaries that cut length into nearly equal parts.
func evenly(length, parts int) []int {
	all := make([]int, parts+1)
	for p := range all {
		all[p] = p * length / parts
	}
	return all
}

// half computes a loss over half of the matrix: a tile for each pair of blocks, and one on the diagonal for each block.
type half struct {
	Pairs
	rounds [][]Sum
	bounds []int

	similarities []*graph.Node // of the tiles, in the order of each
	results      []Result      // [rows]
	after        []*graph.Node // what must be computed before the next tile, so that its memory can be used again
}

// forward makes what all sums come to.
func (h *half) forward() {
	vectors := graph.StopGradient(h.Vectors)
	h.each(func(rows, columns int) {
		similarity := h.Compare(h.cut(vectors, rows), h.cut(vectors, columns))
		vectors = schedule.InTurn(vectors, similarity)
		if rows == columns {
			similarity = mirrored(similarity, h.rounds)
		}
		h.similarities = append(h.similarities, similarity)
	})
	for _, round := range h.rounds {
		blocks := make([][]sumState, len(h.bounds)-1)
		so := known{results: h.results}
		h.tiles(func(t tile, rows, columns int) {
			sums := t.sumUp(round, h.within(so, columns).results, 0)
			blocks[columns] = merge(blocks[columns], sums)
			h.after = packing(round).stateNodes(sums)
			if !t.diagonal {
				sums = t.sumUp(round, h.within(so, rows).results, 1)
				blocks[rows] = merge(blocks[rows], sums)
				h.after = append(h.after, packing(round).stateNodes(sums)...)
			}
		})
		h.results = append(h.results, joined(blocks...)...)
	}
}

// pull returns the derivative of the vectors when that of the value of each anchor is v.
func (h *half) pull(value, v *graph.Node) *graph.Node {
	all := known{h.results, pulls(h.rounds, h.results, value, v)}
	vectors := graph.StopGradient(h.Vectors)
	blocks := make([]*graph.Node, len(h.bounds)-1)
	put := func(block int, x *graph.Node) {
		if blocks[block] != nil {
			x = graph.Add(blocks[block], x)
		}
		blocks[block] = x
	}
	h.tiles(func(t tile, rows, columns int) {
		slope := t.slope(h.rounds, h.within(all, rows), h.within(all, columns))
		if h.PerProduct != nil {
			slope = h.PerProduct(slope, t.similarity)
		}
		pulled := h.pulled(slope, 1, h.cut(vectors, rows), h.cut(vectors, columns))
		put(rows, pulled)
		if !t.diagonal {
			pulled = h.pulled(schedule.InTurn(slope, pulled), 0, h.cut(vectors, columns), h.cut(vectors, rows))
			put(columns, pulled)
		}
		h.after = []*graph.Node{pulled}
	})
	return concatenated(blocks)
}

// pulled returns the derivative of the rows of a tile (axis 1), or of its columns (axis 0).
func (h *half) pulled(slope *graph.Node, axis int, own, others *graph.Node) *graph.Node {
	by := slope
	if axis == 0 {
		by = graph.Transpose(slope, 0, 1)
	}
	if h.Pull != nil {
		return h.Pull(by, own, others)
	}
	pulled := graph.MatMul(by, others)
	if h.PerProduct != nil {
		pulled = graph.Sub(pulled, graph.Mul(own, stable.Column(stable.SumInParts(slope, axis))))
	}
	return pulled
}

// pulls returns the derivatives of what the sums came to, when that of the value of each anchor is v.
func pulls(rounds [][]Sum, results []Result, value, v *graph.Node) []Result {
	folds := packed(rounds)
	nodes := folds.nodes(results, true)
	all, _ := folds.results(graph.Gradient(graph.ReduceAllSum(graph.Mul(value, graph.StopGradient(v))), nodes...), true)
	return all
}

// each calls do with the blocks of rows and of columns of each tile.
func (h *half) each(do func(rows, columns int)) {
	for rows := range len(h.bounds) - 1 {
		for columns := rows; columns < len(h.bounds)-1; columns++ {
			do(rows, columns)
		}
	}
}

// cut returns the rows of a block.
func (h *half) cut(x *graph.Node, block int) *graph.Node {
	return cutRows(x, h.bounds[block], h.bounds[block+1])
}

// within returns what is known of the anchors of a block.
func (h *half) within(all known, block int) known {
	return all.within(h.bounds[block], h.bounds[block+1])
}

// tiles calls do with each tile, after the last is done.
func (h *half) tiles(do func(t tile, rows, columns int)) {
	at := 0
	h.each(func(rows, columns int) {
		labels := h.cut(h.Labels, rows)
		t := tile{similarity: h.similarities[at], diagonal: rows == columns, terms: newTerms()}
		if len(h.after) > 0 {
			t.similarity = graph.SchedulingBarrier(t.similarity, h.after...)
		}
		t.positive, t.negative = h.Related(labels, h.cut(h.Labels, columns))
		if t.diagonal {
			other := offDiagonal(labels.Graph(), labels.Shape().Dim(0))
			t.positive, t.negative = graph.LogicalAnd(t.positive, other), graph.LogicalAnd(t.negative, other)
		}
		do(t, rows, columns)
		at++
	})
}
