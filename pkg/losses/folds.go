package losses

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Folding is a loss that sees its row only through sums over it, its folds. Where a batch is compared with itself, each pair is then
// looked at once for both its rows, and the gradient is made with the value: half the work of autodiff over the whole matrix.
// The loss says its formula once, in Folds and Combine, and [Whole] tells how to have it computed by autodiff.
type Folding interface {
	Loss
	// Folds returns the sums in rounds: what is summed up in a round may look at the sums of the rounds before. None says that
	// the loss, as it is set, is not one of sums.
	Folds() [][]Fold
	// Combine returns the loss of each anchor, [anchors], from the sums of all rounds, in their order.
	Combine(folded []Folded) *graph.Node
}

// Fold is one sum over the positives of an anchor and the same over its negatives.
type Fold struct {
	By                 FoldBy
	Positive, Negative Term // what is summed up; nil where that side is not looked at
	Together           bool // one sum over both sides, with Positive of the ones and Negative of the others
}

// Term makes of similarities what is summed up, number by number: it must not look from one pair at another. before are the
// sums of the anchor of each pair, of all rounds before, of the same shape as similarity.
type Term func(similarity *graph.Node, before []Folded) *graph.Node

// Folded is what a fold came to, float [anchors] each; nil for a side that was not looked at, one node for both if Together.
type Folded struct{ Positive, Negative *graph.Node }

// FoldBy says how terms are summed up.
type FoldBy int

// The ways of summing up. A side without a pair comes to 0 by sum, and to about −1e30 by the logarithm.
const (
	BySum       FoldBy = iota // Σ x
	ByLogSumExp               // log Σ exp(x)
	ByLargest                 // max x, which is constant for the gradient; the least number of the type of none
)

// foldWhole is the loss of each anchor of any scores, by plain operations on the whole rows.
func foldWhole(loss Folding, s Scores) *graph.Node {
	var all []Folded
	for _, round := range loss.Folds() {
		before := expanded(all, 1, s.Similarity)
		for _, fold := range round {
			all = append(all, fold.sides(s.Similarity, s.Positive, s.Negative, before).folded(func(p part) *graph.Node {
				switch fold.By {
				case ByLogSumExp:
					return stable.LogSumExp(p.term, p.mask)
				case ByLargest:
					return graph.StopGradient(graph.ReduceMax(graph.Where(p.mask, p.term, stable.Fill(p.term, stable.Lowest(p.term))), -1))
				}
				return stable.MaskedSum(p.term, p.mask)
			}))
		}
	}
	return loss.Combine(all)
}

// perAnchor is the loss of each anchor, with the gradient in closed form where the scores are as they were made: from a half of
// them where that is enough.
func perAnchor(loss Loss, s Scores) *graph.Node {
	folding, ok := foldingOf(loss)
	if !ok || !s.untouched() || len(folding.Folds()) == 0 {
		return loss.PerAnchor(s)
	}
	if s.origin.vectors != nil {
		return foldHalf(folding, s)
	}
	return foldClasses(folding, s)
}

// logSumExps are the folds of a loss that looks at log Σ exp of the logits of either side.
func logSumExps(positive, negative func(similarity *graph.Node) *graph.Node) [][]Fold {
	term := func(logit func(*graph.Node) *graph.Node) Term {
		return func(similarity *graph.Node, _ []Folded) *graph.Node { return logit(similarity) }
	}
	return [][]Fold{{{By: ByLogSumExp, Positive: term(positive), Negative: term(negative)}}}
}

// one counts pairs.
func one(similarity *graph.Node, _ []Folded) *graph.Node { return graph.OnesLike(similarity) }

// found tells which anchors have a term in a sum by [ByLogSumExp].
func found(logSumExp *graph.Node) *graph.Node {
	return graph.GreaterThan(logSumExp, stable.Fill(logSumExp, stable.Absent/2))
}

// softplusOfSum is log[1 + Σ_j exp(negative_j) · Σ_i exp(positive_i)].
func softplusOfSum(f Folded) *graph.Node { return stable.Softplus(graph.Add(f.Positive, f.Negative)) }

// part is a side of a fold: its terms and the pairs that count.
type part struct{ term, mask *graph.Node }

// sides are the parts of a fold that sum up by themselves: positives and negatives, or both together.
type sides struct {
	positive, negative *part // one and the same if together
}

// sides makes the terms of a fold.
func (f Fold) sides(similarity, positive, negative *graph.Node, before []Folded) sides {
	var s sides
	if f.Positive != nil && positive != nil {
		s.positive = &part{f.Positive(similarity, before), positive}
	}
	if f.Negative != nil && negative != nil {
		s.negative = &part{f.Negative(similarity, before), negative}
	}
	switch {
	case f.Together && positive == nil:
		s.positive = s.negative
	case f.Together && negative == nil:
		s.negative = s.positive
	case f.Together:
		both := &part{graph.Where(positive, s.positive.term, s.negative.term), graph.LogicalOr(positive, negative)}
		s.positive, s.negative = both, both
	}
	return s
}

// folded sums up each side.
func (s sides) folded(sum func(part) *graph.Node) Folded {
	var f Folded
	if s.positive != nil {
		f.Positive = sum(*s.positive)
	}
	if s.negative == s.positive {
		f.Negative = f.Positive
	} else if s.negative != nil {
		f.Negative = sum(*s.negative)
	}
	return f
}

// expanded lays vectors of sums along the pairs of a matrix of similarities: axis 1 for those of its rows, 0 of its columns.
func expanded(all []Folded, axis int, similarity *graph.Node) []Folded {
	lay := func(x *graph.Node) *graph.Node {
		if x == nil {
			return nil
		}
		return graph.BroadcastToShape(graph.InsertAxes(x, axis), similarity.Shape())
	}
	all = slices.Clone(all)
	for i, f := range all {
		together := f.Positive == f.Negative
		f.Positive, f.Negative = lay(f.Positive), lay(f.Negative)
		if together {
			f.Negative = f.Positive
		}
		all[i] = f
	}
	return all
}
