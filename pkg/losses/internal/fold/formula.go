// Package fold computes losses that see their row only through sums over it, as log Σ exp of logits. Such a loss is a [Formula]: which
// sums, and what is made of them. It is said once and computed in the way that the scores allow:
//
//   - [Whole] sums up the rows of any matrix of similarities, by plain operations that have derivatives of every order;
//   - [Half] takes a batch with itself in tiles of half of its symmetric matrix, each pair for both its rows, and [Classes] takes a batch
//     with class weights in parts of the classes. Both make the gradient from what the sums came to;
//   - [Stream] is Half with a loop in the host, so that the matrix is never there at once.
//
// The package knows nodes, masks and rounds of sums. What a loss, a similarity or a reduction is, its callers know.
package fold

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Formula is the loss of an anchor as sums over its row.
type Formula struct {
	// Rounds are the sums, in rounds: those of a round may look at what the rounds before came to.
	Rounds [][]Sum
	// Combine returns the loss of each anchor, [anchors], from what the sums of all rounds came to, in their order. It works number by
	// number.
	Combine func(results []Result) *graph.Node
}

// Sum is a sum over the positives of an anchor and the same over its negatives.
type Sum struct {
	By                 By   // how terms become one number
	Positive, Negative Term // what is summed up; nil where that side is not looked at
	Together           bool // one sum over both sides, with Positive of the ones and Negative of the others
}

// Term makes of similarities what is summed up, number by number: it must not look from one pair at another. The argument before is what
// the rounds before came to for the anchor of each pair, of the shape of similarity.
type Term func(similarity *graph.Node, before []Result) *graph.Node

// Result holds what a sum came to, float [anchors] each; nil for a side that was not looked at. If Together, Positive and Negative
// are one node.
type Result struct{ Positive, Negative *graph.Node }

// By says how terms are summed up.
type By int

// The ways of summing up. A side without a pair comes to 0 by Adding, and to about −1e30 by LogSumExp.
const (
	Adding    By = iota // Σ x
	LogSumExp           // log Σ exp(x)
	Largest             // max x, which is constant for the gradient; the least number of the type of none
)

// One returns 1 per pair: the [Term] that counts them.
func One(similarity *graph.Node, _ []Result) *graph.Node { return graph.OnesLike(similarity) }

// Logits returns the rounds of a formula that looks at log Σ exp of the logits of either side.
func Logits(positive, negative func(similarity *graph.Node) *graph.Node) [][]Sum {
	term := func(logit func(*graph.Node) *graph.Node) Term {
		return func(similarity *graph.Node, _ []Result) *graph.Node { return logit(similarity) }
	}
	return [][]Sum{{{By: LogSumExp, Positive: term(positive), Negative: term(negative)}}}
}

// Choice keeps some of an anchor's pairs, by what sums over all of them come to.
type Choice struct {
	Rounds [][]Sum // the sums, as those of a [Formula]
	// Keep tells which pairs stay if they are positive, and which if negative, bool of the shape of similarity. It works number by number, of
	// what the sums came to for the anchor of each pair. What it chooses is constant for the gradient.
	Keep func(similarity *graph.Node, sums []Result) (positive, negative *graph.Node)
}

// Of narrows the masks of a matrix, of whole rows.
func (c Choice) Of(similarity, positive, negative *graph.Node) (chosenPositive, chosenNegative *graph.Node) {
	similarity = graph.StopGradient(similarity)
	sums := Formula{Rounds: c.Rounds}.results(similarity, positive, negative)
	keepPositive, keepNegative := c.Keep(similarity, along(sums, 1, similarity))
	return graph.LogicalAnd(positive, keepPositive), graph.LogicalAnd(negative, keepNegative)
}

// Within returns a formula over the pairs that are kept, as one over all of them.
func (c Choice) Within(f Formula) Formula {
	first := len(packed(c.Rounds))
	rounds := slices.Clone(c.Rounds)
	for _, round := range f.Rounds {
		chosen := slices.Clone(round)
		for k, sum := range round {
			narrowed := func(term Term, negative bool) Term {
				if term == nil {
					return nil
				}
				return func(similarity *graph.Node, before []Result) *graph.Node {
					x := term(similarity, before[first:])
					keep, other := c.Keep(graph.StopGradient(similarity), before[:first])
					if negative {
						keep = other
					}
					return graph.Where(keep, x, stable.Fill(x, sum.By.none(x)))
				}
			}
			chosen[k].Positive, chosen[k].Negative = narrowed(sum.Positive, false), narrowed(sum.Negative, true)
		}
		rounds = append(rounds, chosen)
	}
	return Formula{Rounds: rounds, Combine: func(results []Result) *graph.Node { return f.Combine(results[first:]) }}
}

// none returns the term that adds nothing to a sum of numbers like x.
func (by By) none(x *graph.Node) float64 {
	switch by {
	case LogSumExp:
		return stable.Absent
	case Largest:
		return stable.Lowest(x)
	}
	return 0
}
