// Package free lets scores, or vectors, go where a loss sends them, with no network between: what the loss asks for, carried out to
// the letter.
//
// [Pairs] moves single pairs of scores about their plane. [Descend] and [Follow] move the unit vectors of a [Batch] on their sphere:
// by steps in proportion to the gradient, or by steps of one length. All computes in float64.
package free
