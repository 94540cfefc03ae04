package fold

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Whole returns the loss of each anchor, [anchors], by plain operations on whole rows. similarity is float [anchors, candidates], positive
// and negative are bool of its dimensions.
func Whole(f Formula, similarity, positive, negative *graph.Node) *graph.Node {
	return f.Combine(f.results(similarity, positive, negative))
}

// PerPositive returns the term of each positive pair, float [anchors, candidates], of a formula that is their mean. It is what Combine
// makes of the pair alone, beside the sums that all pairs of its row share.
func PerPositive(f Formula, similarity, positive, negative *graph.Node) *graph.Node {
	results := along(f.results(similarity, positive, negative), 1, similarity)
	alone, k := slices.Clone(results), 0
	for _, round := range f.Rounds {
		before := results[:k:k]
		for _, sum := range round {
			if sum.By == Adding && sum.Positive != nil {
				alone[k].Positive = sum.Positive(similarity, before)
			}
			k++
		}
	}
	return f.Combine(alone)
}

// results returns what the sums come to.
func (f Formula) results(similarity, positive, negative *graph.Node) []Result {
	var all []Result
	for _, round := range f.Rounds {
		before := along(all, 1, similarity)
		for _, sum := range round {
			all = append(all, sum.sides(similarity, positive, negative, before).results(func(s side) *graph.Node {
				switch sum.By {
				case LogSumExp:
					return stable.LogSumExp(s.term, s.mask)
				case Largest:
					return graph.StopGradient(graph.ReduceMax(graph.Where(s.mask, s.term, stable.Fill(s.term, stable.Lowest(s.term))), -1))
				}
				return stable.MaskedSum(s.term, s.mask)
			}))
		}
	}
	return all
}

// along lays results along the pairs of a matrix of similarities: axis 1 for those of its rows, 0 of its columns.
func along(all []Result, axis int, similarity *graph.Node) []Result {
	return mapped(all, func(x *graph.Node) *graph.Node {
		return graph.BroadcastToShape(graph.InsertAxes(x, axis), similarity.Shape())
	})
}

// mapped returns f of each side of results that is there; one node for both sides stays one.
func mapped(all []Result, f func(x *graph.Node) *graph.Node) []Result {
	out := make([]Result, len(all))
	for k, r := range all {
		if r.Positive != nil {
			out[k].Positive = f(r.Positive)
		}
		if r.Negative == r.Positive {
			out[k].Negative = out[k].Positive
		} else if r.Negative != nil {
			out[k].Negative = f(r.Negative)
		}
	}
	return out
}

// A side is the terms of the positives or of the negatives, with the pairs that count.
type side struct{ term, mask *graph.Node }

// sides are the terms of a sum; one and the same on both sides if they are summed up together.
type sides struct{ positive, negative *side }

// seen tells whether a sum looks at a side that the tile has.
func (s Sum) seen(t tile) bool {
	return s.Positive != nil && t.positive != nil || s.Negative != nil && t.negative != nil
}

// sides makes the terms of a sum.
func (s Sum) sides(similarity, positive, negative *graph.Node, before []Result) sides {
	var out sides
	if s.Positive != nil && positive != nil {
		out.positive = &side{s.Positive(similarity, before), positive}
	}
	if s.Negative != nil && negative != nil {
		out.negative = &side{s.Negative(similarity, before), negative}
	}
	switch {
	case s.Together && positive == nil:
		out.positive = out.negative
	case s.Together && negative == nil:
		out.negative = out.positive
	case s.Together:
		both := &side{graph.Where(positive, out.positive.term, out.negative.term), graph.LogicalOr(positive, negative)}
		out.positive, out.negative = both, both
	}
	return out
}

// results sums up each side.
func (s sides) results(sum func(side) *graph.Node) Result {
	var r Result
	if s.positive != nil {
		r.Positive = sum(*s.positive)
	}
	if s.negative == s.positive {
		r.Negative = r.Positive
	} else if s.negative != nil {
		r.Negative = sum(*s.negative)
	}
	return r
}

// terms returns the terms of both sides in one matrix.
func (s sides) terms() *graph.Node {
	return s.either(func(s side) *graph.Node { return s.term }, func() *graph.Node {
		return graph.Where(s.positive.mask, s.positive.term, s.negative.term)
	})
}

// mask returns the pairs of either side.
func (s sides) mask() *graph.Node {
	return s.either(func(s side) *graph.Node { return s.mask }, func() *graph.Node {
		return graph.LogicalOr(s.positive.mask, s.negative.mask)
	})
}

// either returns what of gives of the one side there is, or of both in one, and both where there are two.
func (s sides) either(of func(side) *graph.Node, both func() *graph.Node) *graph.Node {
	switch {
	case s.negative == nil || s.negative == s.positive:
		return of(*s.positive)
	case s.positive == nil:
		return of(*s.negative)
	}
	return both()
}
