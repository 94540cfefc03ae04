package omniglot

import (
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/viz"
)

// For tests of where runs are kept.
var (
	Fresh = fresh
	Dir   = Recipe.dir
)

// Nearest returns that of vectors of two numbers.
func Nearest(vectors []float32, query int) []int {
	return nearest(eval.Set{Dim: 2, Embeddings: vectors, Labels: make([]int32, len(vectors)/2)}, query)
}

// Extremes returns those of vectors of two numbers.
func Extremes(vectors []float32, labels []int32, classes, batches int) []viz.ScorePair {
	return extremes(eval.Set{Dim: 2, Embeddings: vectors, Labels: labels}, classes, batches)
}
