package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// ofClasses tells whether the scores are those of [Classes], as they were made.
func (s Scores) ofClasses() bool { return s.untouched() && s.origin.vectors == nil }

// inRange tells which labels are of a class, bool [anchors].
func (s Scores) inRange() *graph.Node {
	labels := s.origin.labels
	classes := graph.Scalar(labels.Graph(), labels.DType(), s.Similarity.Shape().Dim(1))
	return graph.LogicalAnd(graph.GreaterOrEqual(labels, graph.ZerosLike(labels)), graph.LessThan(labels, classes))
}

// foldClasses returns the loss of each anchor against the classes: the sums over the one positive of its row, a tile of one column, and
// over the others, in parts one after the other.
func foldClasses(loss Folding, s Scores) *graph.Node {
	// Made once, not in each loop that looks at it: compilers round it differently there, and 64 times the difference is seen.
	similarity := graph.SchedulingBarrier(graph.StopGradient(s.origin.similarity), s.origin.similarity)
	f := folder{rounds: loss.Folds()}
	var states []foldState
	for _, round := range f.rounds {
		sums := s.ownTile(similarity).fold(round, f.folded, 1)
		held := similarity
		cuts := columnBounds(similarity)
		for part := range len(cuts) - 1 {
			cut := func(x *graph.Node) *graph.Node {
				return graph.SliceAxis(x, 1, graph.AxisRange(cuts[part], cuts[part+1]))
			}
			others := tile{similarity: cut(held), negative: cut(s.Negative)}
			sums = mergedFolds(sums, others.fold(round, f.folded, 1))
			held = graph.SchedulingBarrier(held, packing(round).stateNodes(sums)...)
		}
		states = append(states, sums...)
		f.folded = append(f.folded, joined([][]foldState{sums})...)
	}
	value := loss.Combine(f.folded)
	return withDerivative(value, s.origin.similarity, func(v *graph.Node) *graph.Node {
		// A node of its own: the sums come from the other, and their part is in the pulls.
		whole := tile{similarity: graph.Identity(similarity), positive: s.Positive, negative: s.Negative}
		pulls := f.pulls(value, v)
		for k, s := range states {
			pulls[k] = Folded{s.positive.unrounded(pulls[k].Positive), s.negative.unrounded(pulls[k].Negative)}
		}
		return whole.slope(f.rounds, anchored{f.folded, pulls}, anchored{})
	})
}

// unrounded is the pull of a logarithm of a sum with what its rounding makes of exp(x − log Σ): at 64 float32 has a resolution of 8e-6.
func (s state) unrounded(pull *graph.Node) *graph.Node {
	if pull == nil || s.sum == nil || s.peak == nil {
		return pull
	}
	sum := graph.Where(stable.Positive(s.sum), s.sum, graph.OnesLike(s.sum))
	return graph.Mul(pull, graph.Div(stable.Share(s.value(), s.peak), sum))
}

// ownTile is the tile of each anchor's own class.
func (s Scores) ownTile(similarity *graph.Node) tile {
	inRange := stable.Column(s.inRange())
	own := graph.Where(inRange, stable.Column(s.origin.labels), stable.Column(graph.ZerosLike(s.origin.labels)))
	index := graph.Concatenate([]*graph.Node{graph.Iota(own.Graph(), own.Shape(), 0), own}, 1)
	return tile{similarity: stable.Column(graph.Gather(similarity, index)), positive: inRange}
}

// columnBounds are where parts of the columns begin and end.
func columnBounds(similarity *graph.Node) []int {
	parts := 1
	if similarity.Graph().NumDevices() == 1 {
		parts = min(max(1, similarity.Shape().Size()>>20), 6)
	}
	return evenly(similarity.Shape().Dim(1), parts)
}
