// Package hardbatches holds the batches on which losses of other libraries fail: too few classes or rows of a class, vectors that
// are alike, opposite, zero, tiny or large. All have 6 rows of 3 numbers, so that they run in one compiled graph.
package hardbatches

import (
	"math"
	"math/rand/v2"
)

// Batch is embeddings with labels, and class weights for the labels that are below their number.
type Batch struct {
	Labels     []int32
	Embeddings [][]float64
	Weights    [][]float64
}

// All returns them by name.
func All() map[string]Batch {
	random := rand.New(rand.NewPCG(11, 0))
	vectors := func(change func(i int, v []float64)) [][]float64 {
		var all [][]float64
		for i := range 6 {
			v := []float64{random.NormFloat64(), random.NormFloat64(), random.NormFloat64()}
			change(i, v)
			all = append(all, v)
		}
		return all
	}
	set := func(values ...float64) func(int, []float64) { return func(_ int, v []float64) { copy(v, values) } }
	keep := func(int, []float64) {}
	scale := func(by float64) func(int, []float64) {
		return func(_ int, v []float64) {
			for j := range v {
				v[j] *= by
			}
		}
	}
	two := []int32{0, 0, 0, 1, 1, 1}
	batches := map[string]Batch{
		"ordinary":       {Labels: two, Embeddings: vectors(keep)},
		"one class":      {Labels: []int32{1, 1, 1, 1, 1, 1}, Embeddings: vectors(keep)},
		"all distinct":   {Labels: []int32{0, 1, 2, 3, 4, 5}, Embeddings: vectors(keep)},
		"singleton":      {Labels: []int32{0, 0, 0, 1, 1, 2}, Embeddings: vectors(keep)},
		"zero row":       {Labels: two, Embeddings: vectors(func(i int, v []float64) { scale(float64(min(i, 1)))(i, v) })},
		"all zero":       {Labels: two, Embeddings: vectors(set(0, 0, 0))},
		"collapsed":      {Labels: two, Embeddings: vectors(set(0.3, -0.4, 0.5))},
		"duplicates":     {Labels: two, Embeddings: vectors(func(i int, v []float64) { set(float64(i/2), 1, 0.5)(i, v) })},
		"antipodal":      {Labels: two, Embeddings: vectors(func(i int, v []float64) { set(float64(1-2*(i%2)), 0, 0)(i, v) })},
		"sub-epsilon":    {Labels: two, Embeddings: vectors(scale(1e-14))},
		"tiny":           {Labels: two, Embeddings: vectors(scale(1e-6))},
		"far-apart":      {Labels: two, Embeddings: vectors(scale(1e4))},
		"labels to 2^31": {Labels: []int32{math.MaxInt32, math.MaxInt32, math.MaxInt32, 1 << 24, 1<<24 + 1, 1<<24 + 1}, Embeddings: vectors(keep)},
	}
	for name, in := range batches {
		in.Weights = [][]float64{{1, 0, 0}, {0, 1, 0}, {0.6, 0, 0.8}, {0, 0, 0}, {-1, 0, 0}, {1, 0, 0}}
		batches[name] = in
	}
	return batches
}
