package fold

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// A tile is a part of a symmetric matrix of similarities that stands for its mirror image too. What is summed up over its rows belongs to
// the anchors of its rows, what is summed up over its columns to those of its columns. One on the diagonal is its own mirror image.
type tile struct {
	similarity         *graph.Node // [rows, columns], without a gradient
	positive, negative *graph.Node // bool [rows, columns]; nil where no pair is
	diagonal           bool
	vectors            [2]*graph.Node // of its rows and of its columns
	terms              *terms         // nil where only one axis is summed up
}

// terms are those of a tile that are the same along both axes.
type terms struct {
	sides   map[int]sides          // of the sums that look at none before
	written map[masked]*graph.Node // the masked terms of maxima
}

// masked names the terms of a side with what stands where there is no pair, which depends on what they are summed up by.
type masked struct {
	side
	by By
}

func newTerms() *terms { return &terms{sides: map[int]sides{}, written: map[masked]*graph.Node{}} }

// mirrored returns the similarities of a tile on the diagonal as their own mirror image to the last bit. A product need not be, since each
// number may be summed up in an order of its own. A round that asks which are equal to the largest of their row would find none.
func mirrored(similarity *graph.Node, rounds [][]Sum) *graph.Node {
	for _, sum := range slices.Concat(rounds...) {
		if sum.By == Largest {
			return graph.Max(similarity, graph.Transpose(similarity, 0, 1))
		}
	}
	return similarity
}

// offDiagonal tells which pairs of a square tile are of two rows, not of one with itself.
func offDiagonal(g *graph.Graph, rows int) *graph.Node {
	return graph.LogicalNot(graph.Diagonal(g, rows))
}

// sumUp sums up a round over one axis of the tile: 1 for the anchors of its rows, 0 for those of its columns. before is what the rounds
// before came to for these anchors.
func (t tile) sumUp(round []Sum, before []Result, axis int) []sumState {
	before = along(before, axis, t.similarity)
	states := make([]sumState, len(round))
	for k, sum := range round {
		s := t.sides(k, sum, before)
		switch {
		case s == sides{}: // looks at a side that the tile has not
			continue
		case sum.By == LogSumExp:
			states[k] = t.sumUpExponentials(s, axis)
			continue
		}
		states[k] = s.states(func(of side) state {
			if sum.By == Largest {
				return state{peak: t.largestOf(of, sum.By, axis)}
			}
			// Not SumInParts: XLA would write terms with exponentials down before it joins parts.
			return state{sum: stable.Sum(stable.ZeroUnless(of.mask, of.term), axis)}
		})
	}
	return states
}

// sumUpExponentials sums up by [LogSumExp]: one exponential per pair, since no pair is on both sides.
func (t tile) sumUpExponentials(s sides, axis int) sumState {
	states := s.states(func(of side) state { return state{peak: t.largestOf(of, LogSumExp, axis)} })
	peak := t.choose(states.positive.peak, states.negative.peak, axis)
	e := stable.Share(s.terms(), peak)
	sums := s.states(func(of side) state { return state{sum: stable.SumInParts(stable.ZeroUnless(of.mask, e), axis)} })
	states.positive.sum, states.negative.sum = sums.positive.sum, sums.negative.sum
	return states
}

// choose lays one number per anchor along the pairs: that of the positive side where the pair is positive, else of the negative. A side that
// the tile has not is as good as nil.
func (t tile) choose(positive, negative *graph.Node, axis int) *graph.Node {
	lay := func(x *graph.Node) *graph.Node {
		return graph.BroadcastToShape(graph.InsertAxes(x, axis), t.similarity.Shape())
	}
	switch {
	case negative == nil || negative == positive || t.negative == nil:
		return lay(positive)
	case positive == nil || t.positive == nil:
		return lay(negative)
	}
	return graph.Where(t.positive, lay(positive), lay(negative))
}

// sides makes the terms of a sum of a round.
func (t tile) sides(k int, sum Sum, before []Result) sides {
	if t.terms == nil || len(before) > 0 {
		return sum.sides(t.similarity, t.positive, t.negative, before)
	}
	made, ok := t.terms.sides[k]
	if !ok {
		made = sum.sides(t.similarity, t.positive, t.negative, nil)
		t.terms.sides[k] = made
	}
	return made
}

// largestOf returns the largest term of a side along an axis, and what adds nothing to a sum where there is none. Terms for both axes are
// written down: each part of each maximum would be one more loop that makes them, and takes time to compile.
func (t tile) largestOf(of side, by By, axis int) *graph.Node {
	filled := func() *graph.Node { return graph.Where(of.mask, of.term, stable.Fill(of.term, by.none(of.term))) }
	if t.terms == nil {
		return stable.Largest(filled(), axis)
	}
	key := masked{of, by}
	if t.terms.written[key] == nil {
		x := filled()
		t.terms.written[key] = graph.SchedulingBarrier(x, x)
	}
	return stable.Largest(t.terms.written[key], axis)
}

// known holds what is known of some anchors: what their sums came to, and the derivative of the loss for these, its pull.
type known struct{ results, pulls []Result }

// within returns what is known of the anchors in a span.
func (k known) within(from, to int) known {
	cut := func(x *graph.Node) *graph.Node { return cutRows(x, from, to) }
	return known{mapped(k.results, cut), mapped(k.pulls, cut)}
}

// slope returns the derivative of the similarities of the tile, [rows, columns], when that of the sums of its rows' and its columns'
// anchors is given. A similarity is in the sums of both. Columns that are no anchors have none.
func (t tile) slope(rounds [][]Sum, rows, columns known) *graph.Node {
	total := graph.ScalarZero(t.similarity.Graph(), t.similarity.DType())
	for _, side := range []struct {
		known
		axis int
	}{{rows, 1}, {columns, 0}} {
		if side.results == nil {
			continue
		}
		k := 0
		for _, round := range rounds {
			total = t.addLinear(total, round, k, side.known, side.axis)
			k += len(round)
		}
	}
	return graph.Gradient(total, t.similarity)[0]
}

// through returns the derivative of sums of rounds before, the nodes, by way of a round that looks at them and comes after so many sums.
func (t tile) through(round []Sum, after int, of known, axis int, nodes []*graph.Node) []*graph.Node {
	total := graph.ScalarZero(t.similarity.Graph(), t.similarity.DType())
	return graph.Gradient(t.addLinear(total, round, after, of, axis), nodes...)
}

// addLinear adds to total a number per sum of a round, which comes after so many sums. Its derivative is that of the sum of all anchors
// times their pull.
func (t tile) addLinear(total *graph.Node, round []Sum, after int, of known, axis int) *graph.Node {
	before := along(of.results[:after], axis, t.similarity)
	for k, sum := range round {
		if sum.By != Largest && sum.seen(t) {
			total = graph.Add(total, t.linear(sum, before, of.results[after+k], of.pulls[after+k], axis))
		}
	}
	return total
}

func (t tile) linear(sum Sum, before []Result, result, pull Result, axis int) *graph.Node {
	s := sum.sides(t.similarity, t.positive, t.negative, before)
	terms, weight := s.terms(), t.choose(pull.Positive, pull.Negative, axis)
	if sum.By == LogSumExp {
		weight = graph.Mul(weight, stable.Share(terms, t.choose(result.Positive, result.Negative, axis)))
	}
	return graph.ReduceAllSum(graph.Mul(graph.StopGradient(stable.ZeroUnless(s.mask(), weight)), terms))
}

// cutRows returns some of the rows.
func cutRows(x *graph.Node, from, to int) *graph.Node {
	if from == 0 && to == x.Shape().Dim(0) {
		return x
	}
	return graph.SliceAxis(x, 0, graph.AxisRange(from, to))
}
