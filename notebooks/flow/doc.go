// Package flow lets a loss move scores, or vectors, with no network between: what it asks for, carried out to the letter.
//
// pair.go moves single pairs of scores about their plane; vectors.go moves unit vectors on their sphere. Both go down the gradient
// in small steps of one length, in float64.
package flow
