package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/schedule"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// origin is what scores were made of. Those of a batch against itself, of whose symmetric matrix of similarities one half is enough,
// have vectors, a measure of them, and a relation of labels that is symmetric too; those of [Classes] have similarities, the same as
// in the scores, with a gradient of first order.
type origin struct {
	labels     *graph.Node
	vectors    *graph.Node
	measure    measure
	related    Relation
	similarity *graph.Node
	made       Scores // as they were made of this: others have been through a miner
}

// untouched tells whether the scores have an origin and are as they were made.
func (s Scores) untouched() bool {
	o := s.origin
	return o != nil && s.Similarity == o.made.Similarity && s.Positive == o.made.Positive && s.Negative == o.made.Negative
}

// Whole is a [Miner] that keeps every pair, and has a loss computed by autodiff over the whole matrix of similarities, where it
// would be in closed form. Derivatives of second order need it: those of the closed form are of first order only.
func Whole(s Scores) Scores {
	s.origin = nil
	return s
}

// halved notes that scores of a batch against itself can be had of their half, if so.
func (s Scores) halved(related Relation, labels *graph.Node, sim Similarity) Scores {
	measure, ok := measureOf(sim)
	if !ok || !symmetric(related) || measure.product != nil && few(s.AnchorVectors, s.CandidateVectors) {
		return s // of few vectors a distance is made of differences, with its gradient
	}
	s.origin = &origin{vectors: measure.prepared(s.AnchorVectors), measure: measure, labels: labels, related: related, made: s}
	return s
}

// measure is a symmetric similarity by which tiles are compared: the inner product, or a distance, which changes with the product of two
// vectors and, half as much the other way, with the square of the length of each.
type measure struct {
	unit    bool                                            // of vectors over their lengths
	of      func(x, y *graph.Node) *graph.Node              // the value; its gradient is not asked for
	product func(slope, similarity *graph.Node) *graph.Node // the derivative by the product, of that by the similarity; nil for the product
}

// prepared are the vectors that are compared.
func (m measure) prepared(vectors *graph.Node) *graph.Node {
	if m.unit {
		return Normalize(vectors)
	}
	return vectors
}

// measureOf is the measure of a similarity; ok tells whether it has one.
func measureOf(sim Similarity) (m measure, ok bool) {
	switch sim {
	case Dot:
		return measure{of: Dot.Of}, true
	case Cosine:
		return measure{unit: true, of: Dot.Of}, true
	case NegativeL2:
		return measure{of: valuesOf(NegativeL2.Of), product: perDistance}, true
	case Normalized(NegativeL2):
		return measure{unit: true, of: valuesOf(unitDistances), product: perDistance}, true
	}
	return measure{}, false
}

// perDistance is d√(|x|² + |y|² − 2x·y) by the product: 1 over the distance.
func perDistance(slope, similarity *graph.Node) *graph.Node {
	apart := graph.LessThan(similarity, graph.ZerosLike(similarity))
	return stable.ZeroUnless(apart, graph.Div(slope, graph.Where(apart, graph.Neg(similarity), graph.OnesLike(similarity))))
}

// foldHalf returns the loss of each anchor from the half of the matrix.
func foldHalf(loss Folding, s Scores) *graph.Node {
	f := folder{origin: *s.origin, rounds: loss.Folds(), bounds: bounds(s.origin.vectors.Shape().Dim(0), s.origin.vectors.Graph().NumDevices())}
	f.forward()
	value := loss.Combine(f.folded)
	return withDerivative(value, f.vectors, func(v *graph.Node) *graph.Node { return f.pull(value, v) })
}

// withDerivative is a value an anchor whose derivative with regard to x, [anchors, …], is pull of that of the value.
func withDerivative(value, x *graph.Node, pull func(v *graph.Node) *graph.Node) *graph.Node {
	// The adjoint of the values reaches x by its first column.
	first := func(x *graph.Node) *graph.Node { return graph.Squeeze(graph.SliceAxis(x, 1, graph.AxisElem(0)), 1) }
	carrier := first(graph.IdentityWithCustomGradient(x, func(_, v *graph.Node) *graph.Node { return pull(first(v)) }))
	return graph.Add(graph.StopGradient(value), graph.Sub(carrier, graph.StopGradient(carrier)))
}

// bounds are where blocks of rows begin and end: tiles small enough for the processor's cache, and few, since each is compiled.
// Three and five blocks keep rows of a tile off the same lines of the cache; all but the last end at multiples of [stable.Parts].
// Devices that share the matrix have parts of it of their own.
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

// evenly is where parts of a length, about as long as each other, begin, and where the last ends.
func evenly(length, parts int) []int {
	all := make([]int, parts+1)
	for p := range all {
		all[p] = p * length / parts
	}
	return all
}

// folder computes a loss over the half: a tile for each pair of blocks, and one on the diagonal for each block.
type folder struct {
	origin
	rounds [][]Fold
	bounds []int

	similarities []*graph.Node // of the tiles, in the order of each
	folded       []Folded      // [rows]
	after        []*graph.Node // what must be computed before the next tile, so that its memory can be used again
}

// forward makes what all folds come to.
func (f *folder) forward() {
	held := graph.StopGradient(f.vectors)
	f.each(func(rows, columns int) {
		similarity := f.measure.of(f.cut(held, rows), f.cut(held, columns))
		held = schedule.InTurn(held, similarity)
		if rows == columns {
			similarity = mirrored(similarity, f.rounds)
		}
		f.similarities = append(f.similarities, similarity)
	})
	for _, round := range f.rounds {
		blocks := make([][]foldState, len(f.bounds)-1)
		known := anchored{folded: f.folded}
		f.tiles(func(t tile, rows, columns int) {
			sums := t.fold(round, f.within(known, columns).folded, 0)
			blocks[columns] = mergedFolds(blocks[columns], sums)
			f.after = packing(round).stateNodes(sums)
			if !t.diagonal {
				sums = t.fold(round, f.within(known, rows).folded, 1)
				blocks[rows] = mergedFolds(blocks[rows], sums)
				f.after = append(f.after, packing(round).stateNodes(sums)...)
			}
		})
		f.folded = append(f.folded, joined(blocks)...)
	}
}

// pull is the derivative of the vectors when that of the value of each anchor is v.
func (f *folder) pull(value, v *graph.Node) *graph.Node {
	known := anchored{folded: f.folded, pull: f.pulls(value, v)}
	held := graph.StopGradient(f.vectors)
	blocks := make([]*graph.Node, len(f.bounds)-1)
	put := func(block int, x *graph.Node) {
		if blocks[block] != nil {
			x = graph.Add(blocks[block], x)
		}
		blocks[block] = x
	}
	f.tiles(func(t tile, rows, columns int) {
		slope := t.slope(f.rounds, f.within(known, rows), f.within(known, columns))
		if f.measure.product != nil {
			slope = f.measure.product(slope, t.similarity)
		}
		pulled := f.pulled(slope, 1, f.cut(held, rows), f.cut(held, columns))
		put(rows, pulled)
		if !t.diagonal {
			pulled = f.pulled(schedule.InTurn(slope, pulled), 0, f.cut(held, columns), f.cut(held, rows))
			put(columns, pulled)
		}
		f.after = []*graph.Node{pulled}
	})
	return concatenated(blocks)
}

// pulled is the derivative of the rows of a tile (axis 1), or of its columns (axis 0), by the products with the others.
func (f *folder) pulled(slope *graph.Node, axis int, own, others *graph.Node) *graph.Node {
	by := slope
	if axis == 0 {
		by = graph.Transpose(slope, 0, 1)
	}
	pulled := graph.MatMul(by, others)
	if f.measure.product != nil {
		pulled = graph.Sub(pulled, graph.Mul(own, stable.Column(stable.SumInParts(slope, axis))))
	}
	return pulled
}

// pulls are the derivatives of what the folds came to.
func (f *folder) pulls(value, v *graph.Node) []Folded {
	var nodes []*graph.Node
	each := func(do func(fold, side int, x *graph.Node)) {
		k := 0
		for _, round := range f.rounds {
			for _, fold := range round {
				for side, x := range []*graph.Node{f.folded[k].Positive, f.folded[k].Negative} {
					if x != nil && fold.By != ByLargest && (side == 0 || x != f.folded[k].Positive) {
						do(k, side, x)
					}
				}
				k++
			}
		}
	}
	each(func(_, _ int, x *graph.Node) { nodes = append(nodes, x) })
	gradients := graph.Gradient(graph.ReduceAllSum(graph.Mul(value, graph.StopGradient(v))), nodes...)
	pulls := make([]Folded, len(f.folded))
	each(func(k, side int, _ *graph.Node) {
		if side == 0 {
			pulls[k].Positive = gradients[0]
		} else {
			pulls[k].Negative = gradients[0]
		}
		gradients = gradients[1:]
	})
	for k, folded := range f.folded {
		if folded.Positive == folded.Negative {
			pulls[k].Negative = pulls[k].Positive
		}
	}
	return pulls
}

// each calls do with the blocks of rows and of columns of each tile.
func (f *folder) each(do func(rows, columns int)) {
	for rows := range len(f.bounds) - 1 {
		for columns := rows; columns < len(f.bounds)-1; columns++ {
			do(rows, columns)
		}
	}
}

// cut returns the rows of a block.
func (f *folder) cut(x *graph.Node, block int) *graph.Node {
	return cutRows(x, f.bounds[block], f.bounds[block+1])
}

// within is what is known of the anchors of a block.
func (f *folder) within(known anchored, block int) anchored {
	return known.within(f.bounds[block], f.bounds[block+1])
}

// tiles calls do with each tile, after the last is done.
func (f *folder) tiles(do func(t tile, rows, columns int)) {
	at := 0
	f.each(func(rows, columns int) {
		labels := f.cut(f.labels, rows)
		t := tile{similarity: f.similarities[at], diagonal: rows == columns}
		if len(f.after) > 0 {
			t.similarity = graph.SchedulingBarrier(t.similarity, f.after...)
		}
		t.positive, t.negative = f.related.Of(labels, f.cut(f.labels, columns))
		if t.diagonal {
			other := graph.LogicalNot(graph.Diagonal(labels.Graph(), labels.Shape().Dim(0)))
			t.positive, t.negative = graph.LogicalAnd(t.positive, other), graph.LogicalAnd(t.negative, other)
		}
		do(t, rows, columns)
		at++
	})
}

// joined is what the folds of all blocks came to.
func joined(blocks [][]foldState) []Folded {
	all := make([]Folded, len(blocks[0]))
	for k := range all {
		var positive, negative []*graph.Node
		for _, block := range blocks {
			positive, negative = append(positive, block[k].positive.value()), append(negative, block[k].negative.value())
		}
		all[k].Positive, all[k].Negative = concatenated(positive), concatenated(negative)
		if blocks[0][k].positive == blocks[0][k].negative {
			all[k].Negative = all[k].Positive
		}
	}
	return all
}

// concatenated puts blocks of rows together; nil if they are.
func concatenated(blocks []*graph.Node) *graph.Node {
	if len(blocks) == 1 || blocks[0] == nil {
		return blocks[0]
	}
	return graph.Concatenate(blocks, 0)
}
