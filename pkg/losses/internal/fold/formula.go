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

import "github.com/gomlx/gomlx/core/graph"

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
	By                 By
	Positive, Negative Term // what is summed up; nil where that side is not looked at
	Together           bool // one sum over both sides, with Positive of the ones and Negative of the others
}

// Term makes of similarities what is summed up, number by number: it must not look from one pair at another. The argument before is what
// the rounds before came to for the anchor of each pair, of the shape of similarity.
type Term func(similarity *graph.Node, before []Result) *graph.Node

// Result holds what a sum came to, float [anchors] each; nil for a side that was not looked at, one node for both if Together.
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
