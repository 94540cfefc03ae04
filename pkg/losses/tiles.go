package losses

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// A tile is a part of a symmetric matrix of similarities that stands for its mirror image too: what is summed up over its rows
// belongs to the anchors of its rows, what is summed up over its columns to those of its columns. One on the diagonal is its own mirror image.
type tile struct {
	similarity         *graph.Node // [rows, columns], without a gradient
	positive, negative *graph.Node // bool [rows, columns]; nil where no pair is
	diagonal           bool
	vectors            [2]*graph.Node // of its rows and of its columns
}

// state is a sum that has come so far, [anchors] each: of [ByLogSumExp], Σ exp(x − peak) and the peak; else one of them.
type state struct{ sum, peak *graph.Node }

// A foldState is the state of a fold on its two sides.
type foldState struct{ positive, negative state }

// mirrored is the similarities of a tile on the diagonal as their own mirror image to the last bit. A product need not be: each number may
// be summed up in an order of its own, and a round that asks which are equal to the largest of their row would find none.
func mirrored(similarity *graph.Node, rounds [][]Fold) *graph.Node {
	for _, fold := range slices.Concat(rounds...) {
		if fold.By == ByLargest {
			return graph.Max(similarity, graph.Transpose(similarity, 0, 1))
		}
	}
	return similarity
}

// fold sums up a round over one axis of the tile: 1 for the anchors of its rows, 0 for those of its columns. before is what the
// rounds before came to, of these anchors.
func (t tile) fold(round []Fold, before []Folded, axis int) []foldState {
	before = expanded(before, axis, t.similarity)
	states := make([]foldState, len(round))
	for k, fold := range round {
		s := fold.sides(t.similarity, t.positive, t.negative, before)
		switch {
		case s == sides{}: // looks at a side that the tile has not
			continue
		case fold.By == ByLogSumExp:
			states[k] = t.foldExponentials(s, axis)
			continue
		}
		states[k] = s.states(func(p part) state {
			if fold.By == ByLargest {
				return state{peak: largestOf(p, stable.Lowest(p.term), axis)}
			}
			// Not total: XLA would write terms with exponentials down before it joins parts.
			return state{sum: stable.Sum(stable.ZeroUnless(p.mask, p.term), axis)}
		})
	}
	return states
}

// foldExponentials is fold of [ByLogSumExp]: one exponential a pair, since no pair is on both sides.
func (t tile) foldExponentials(s sides, axis int) foldState {
	states := s.states(func(p part) state { return state{peak: largestOf(p, stable.Absent, axis)} })
	peak := t.choose(states.positive.peak, states.negative.peak, axis)
	e := stable.Share(s.terms(), peak)
	sums := s.states(func(p part) state { return state{sum: stable.SumInParts(stable.ZeroUnless(p.mask, e), axis)} })
	states.positive.sum, states.negative.sum = sums.positive.sum, sums.negative.sum
	return states
}

// choose lays out a number of each anchor along the pairs: of the positive side where the pair is positive, else of the negative.
func (t tile) choose(positive, negative *graph.Node, axis int) *graph.Node {
	lay := func(x *graph.Node) *graph.Node {
		return graph.BroadcastToShape(graph.InsertAxes(x, axis), t.similarity.Shape())
	}
	switch {
	case negative == nil || negative == positive:
		return lay(positive)
	case positive == nil:
		return lay(negative)
	}
	return graph.Where(t.positive, lay(positive), lay(negative))
}

// largestOf is the largest term of a part along an axis; none where there is no other.
func largestOf(p part, none float64, axis int) *graph.Node {
	return stable.Largest(graph.Where(p.mask, p.term, stable.Fill(p.term, none)), axis)
}

// terms are the terms of both sides in one matrix.
func (s sides) terms() *graph.Node {
	switch {
	case s.negative == nil || s.negative == s.positive:
		return s.positive.term
	case s.positive == nil:
		return s.negative.term
	}
	return graph.Where(s.positive.mask, s.positive.term, s.negative.term)
}

// states is what each side comes to.
func (s sides) states(of func(part) state) foldState {
	var f foldState
	if s.positive != nil {
		f.positive = of(*s.positive)
	}
	if s.negative == s.positive {
		f.negative = f.positive
	} else if s.negative != nil {
		f.negative = of(*s.negative)
	}
	return f
}

// merged adds up two states; nothing is one too.
func (s state) merged(other state) state {
	switch {
	case s == state{}:
		return other
	case other == state{}:
		return s
	case s.peak == nil:
		return state{sum: graph.Add(s.sum, other.sum)}
	}
	peak := graph.Max(s.peak, other.peak)
	if s.sum == nil {
		return state{peak: peak}
	}
	scaled := func(s state) *graph.Node { return graph.Mul(s.sum, stable.Share(s.peak, peak)) }
	return state{peak: peak, sum: graph.Add(scaled(s), scaled(other))}
}

// value is what a state came to.
func (s state) value() *graph.Node {
	switch {
	case s == state{}:
		return nil
	case s.peak == nil:
		return s.sum
	case s.sum == nil:
		return graph.StopGradient(s.peak)
	}
	return graph.Add(stable.SafeLog(s.sum), s.peak)
}

func mergedFolds(a, b []foldState) []foldState {
	if a == nil {
		return b
	}
	out := make([]foldState, len(b))
	for k := range b {
		out[k].positive = a[k].positive.merged(b[k].positive)
		if b[k].negative == b[k].positive && a[k].negative == a[k].positive {
			out[k].negative = out[k].positive
			continue
		}
		out[k].negative = a[k].negative.merged(b[k].negative)
	}
	return out
}

// slope is the derivative of the similarities of the tile, [rows, columns], when those of the folds of all its anchors are
// given: of its rows' and of its columns', since a similarity is in the sums of both. Columns that are no anchors have none.
func (t tile) slope(rounds [][]Fold, rows, columns anchored) *graph.Node {
	total := graph.ScalarZero(t.similarity.Graph(), t.similarity.DType())
	for _, side := range []struct {
		anchored
		axis int
	}{{rows, 1}, {columns, 0}} {
		if side.folded == nil {
			continue
		}
		k := 0
		for _, round := range rounds {
			before := expanded(side.folded[:k], side.axis, t.similarity)
			for _, fold := range round {
				if fold.By != ByLargest {
					total = graph.Add(total, t.linear(fold, before, side.folded[k], side.pull[k], side.axis))
				}
				k++
			}
		}
	}
	return graph.Gradient(total, t.similarity)[0]
}

// through is the derivative of sums of rounds before, the nodes, by way of a round that looks at them and comes after so many folds.
func (t tile) through(round []Fold, after int, known anchored, axis int, nodes []*graph.Node) []*graph.Node {
	total := graph.ScalarZero(t.similarity.Graph(), t.similarity.DType())
	before := expanded(known.folded[:after], axis, t.similarity)
	for k, fold := range round {
		if fold.By != ByLargest {
			total = graph.Add(total, t.linear(fold, before, known.folded[after+k], known.pull[after+k], axis))
		}
	}
	return graph.Gradient(total, nodes...)
}

// anchored is what is known of some anchors: what their folds came to, and the derivative of the loss for these.
type anchored struct{ folded, pull []Folded }

// linear is a number whose derivative is that of a fold of all anchors times their pull.
func (t tile) linear(fold Fold, before []Folded, folded, pull Folded, axis int) *graph.Node {
	s := fold.sides(t.similarity, t.positive, t.negative, before)
	terms, weight := s.terms(), t.choose(pull.Positive, pull.Negative, axis)
	if fold.By == ByLogSumExp {
		weight = graph.Mul(weight, stable.Share(terms, t.choose(folded.Positive, folded.Negative, axis)))
	}
	return graph.ReduceAllSum(graph.Mul(graph.StopGradient(stable.ZeroUnless(s.mask(), weight)), terms))
}

// mask are the pairs of either side.
func (s sides) mask() *graph.Node {
	switch {
	case s.negative == nil || s.negative == s.positive:
		return s.positive.mask
	case s.positive == nil:
		return s.negative.mask
	}
	return graph.LogicalOr(s.positive.mask, s.negative.mask)
}

// part of the anchors in a span.
func (a anchored) within(from, to int) anchored {
	cut := func(all []Folded) []Folded {
		all = slices.Clone(all)
		for k, f := range all {
			all[k] = Folded{cutRows(f.Positive, from, to), cutRows(f.Negative, from, to)}
			if f.Positive == f.Negative {
				all[k].Negative = all[k].Positive
			}
		}
		return all
	}
	return anchored{cut(a.folded), cut(a.pull)}
}

// cutRows returns some of the rows; nil of nil.
func cutRows(x *graph.Node, from, to int) *graph.Node {
	if x == nil || from == 0 && to == x.Shape().Dim(0) {
		return x
	}
	return graph.SliceAxis(x, 0, graph.AxisRange(from, to))
}
