package fold

import (
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
		ofSums := pulls(f.Rounds, results, value, v)
		for k, s := range states {
			ofSums[k] = Result{s.positive.unrounded(ofSums[k].Positive), s.negative.unrounded(ofSums[k].Negative)}
		}
		return whole.slope(f.Rounds, known{results, ofSums}, known{})
	})
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
