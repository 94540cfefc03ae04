package fold

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Matrix holds the similarities of a batch with classes.
type Matrix struct {
	Labels             *graph.Node // integer [anchors]: the class of each
	Similarity         *graph.Node // float [anchors, classes]
	Positive, Negative *graph.Node // bool [anchors, classes]: the own class, if Labels has one, and the others
}

// InRange tells which labels are of one of so many classes, bool [anchors].
func InRange(labels *graph.Node, classes int) *graph.Node {
	count := graph.Scalar(labels.Graph(), labels.DType(), classes)
	return graph.LogicalAnd(graph.GreaterOrEqual(labels, graph.ZerosLike(labels)), graph.LessThan(labels, count))
}

// Classes returns the loss of each anchor against classes, [anchors]. It sums up over the one positive of a row, a tile of one column, and
// over the others, in parts one after the other. Its gradient, of first order, goes to the similarities.
func Classes(f Formula, m Matrix) *graph.Node {
	// Made once, not in each loop that looks at it: compilers round it differently there, and 64 times the difference is seen.
	similarity := graph.SchedulingBarrier(graph.StopGradient(m.Similarity), m.Similarity)
	var results []Result
	var states []sumState
	for _, round := range f.Rounds {
		sums := m.ownTile(similarity).sumUp(round, results, 1)
		rest := similarity
		cuts := columnBounds(similarity)
		for part := range len(cuts) - 1 {
			cut := func(x *graph.Node) *graph.Node {
				return graph.SliceAxis(x, 1, graph.AxisRange(cuts[part], cuts[part+1]))
			}
			others := tile{similarity: cut(rest), negative: cut(m.Negative)}
			sums = merge(sums, others.sumUp(round, results, 1))
			rest = graph.SchedulingBarrier(rest, packing(round).stateNodes(sums)...)
		}
		states = append(states, sums...)
		results = append(results, joined(sums)...)
	}
	value := f.Combine(results)
	return withDerivative(value, m.Similarity, func(v *graph.Node) *graph.Node {
		// A node of its own: the sums come from the other, and their part is in the pulls.
		whole := tile{similarity: graph.Identity(similarity), positive: m.Positive, negative: m.Negative}
		ofSums := unrounded(states, pulls(f.Rounds, results, value, v), results)
		return whole.slope(f.Rounds, known{results, ofSums}, known{})
	})
}

// Beside holds the similarities of a batch with each row's own class, and beside them those with a block of classes.
type Beside struct {
	Own      *graph.Node // float [anchors, 1]
	Known    *graph.Node // bool [anchors, 1]: which rows have an own class
	Block    *graph.Node // float [anchors, classes]
	Negative *graph.Node // bool [anchors, classes]: the classes of the block that are others
}

// ClassBlock returns the loss of each anchor against the others of a block, float64 [anchors]. Exponentials and products are of the type of
// the similarities; maxima, logarithms and what is made of them are not rounded to it, nor is the own class. Its gradient, of first order,
// goes to the similarities.
func ClassBlock(f Formula, b Beside) *graph.Node {
	narrow := func(all []Result) []Result {
		return mapped(all, func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, b.Block.DType()) })
	}
	own := tile{similarity: graph.StopGradient(graph.ConvertDType(b.Own, dtypes.Float64)), positive: b.Known}
	block := tile{similarity: graph.SchedulingBarrier(graph.StopGradient(b.Block), b.Block), negative: b.Negative}
	var results []Result
	var states []sumState
	for _, round := range f.Rounds {
		sums := merge(own.sumUp(round, results, 1), wide(block.sumUp(round, narrow(results), 1)))
		states = append(states, sums...)
		results = append(results, joined(sums)...)
	}
	value := f.Combine(results)
	ofSums := func(v *graph.Node) []Result {
		return pulls(f.Rounds, results, value, graph.ConvertDType(v, value.DType()))
	}
	ofBlock := change(b.Block, value, func(v *graph.Node) *graph.Node {
		seen := narrow(results)
		block.similarity = graph.Identity(block.similarity) // the sums come from the other
		return block.slope(f.Rounds, known{seen, narrow(unrounded(states, ofSums(v), seen))}, known{})
	})
	ofOwn := change(b.Own, value, func(v *graph.Node) *graph.Node {
		own.similarity = graph.Identity(own.similarity)
		return graph.ConvertDType(own.slope(f.Rounds, known{results, ofSums(v)}, known{}), b.Own.DType())
	})
	return graph.Add(graph.StopGradient(value), graph.Add(ofBlock, ofOwn))
}

// ownTile returns the tile of each anchor's own class.
func (m Matrix) ownTile(similarity *graph.Node) tile {
	inRange := stable.Column(InRange(m.Labels, m.Similarity.Shape().Dim(1)))
	own := graph.Where(inRange, stable.Column(m.Labels), stable.Column(graph.ZerosLike(m.Labels)))
	index := graph.Concatenate([]*graph.Node{graph.Iota(own.Graph(), own.Shape(), 0), own}, 1)
	return tile{similarity: stable.Column(graph.Gather(similarity, index)), positive: inRange}
}

// columnBounds returns where parts of the columns begin and end.
func columnBounds(similarity *graph.Node) []int {
	parts := 1
	if similarity.Graph().NumDevices() == 1 {
		parts = min(max(1, similarity.Shape().Size()>>20), 6)
	}
	return evenly(similarity.Shape().Dim(1), parts)
}
