package eval

import "github.com/unipair/unipair/internal/parallel"

// block counts the queries that share one pass over the references: few enough that their distances stay in the cache.
const block = 16

// squaredDistance returns |x − y|².
func squaredDistance(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64 // four sums, so that additions need not wait for each other
	for len(x) >= 4 {
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		a, b, c, d = a+d0*d0, b+d1*d1, c+d2*d2, d+d3*d3
		x, y = x[4:], y[4:]
	}
	for i := range x {
		diff := x[i] - y[i]
		a += diff * diff
	}
	return a + b + c + d
}

// eachQuery calls f with each query's index and its squared distances to all references, from several goroutines at once.
// The distances are f's until it returns. References are made precise one by one: of a large set, all at once are twice the set.
func eachQuery(queries, references Set, f func(query int, distances []float64)) {
	count, others, dim := queries.Len(), references.Len(), queries.Dim
	parallel.With((count+block-1)/block, func() func(int) {
		distances, reference := make([]float64, min(block, count)*others), make([]float64, dim)
		return func(b int) {
			first, last := b*block, min((b+1)*block, count)
			queries := Set{Dim: dim, Embeddings: queries.Embeddings[first*dim : last*dim]}.precise()
			for r := range others {
				for i, x := range references.Embeddings[r*dim : (r+1)*dim] {
					reference[i] = float64(x)
				}
				for q := first; q < last; q++ {
					distances[(q-first)*others+r] = squaredDistance(queries[(q-first)*dim:(q-first+1)*dim], reference)
				}
			}
			for q := first; q < last; q++ {
				f(q, distances[(q-first)*others:(q-first+1)*others])
			}
		}
	})
}

// compareAt orders two references by distance, equal ones by index.
func compareAt(distances []float64, a, b int) int {
	switch {
	case distances[a] < distances[b]:
		return -1
	case distances[a] > distances[b]:
		return 1
	default:
		return a - b
	}
}

// product returns x·y, added up in one order whoever asks.
func product(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64 // four sums, so that additions need not wait for each other
	for len(x) >= 4 {
		a, b, c, d = a+x[0]*y[0], b+x[1]*y[1], c+x[2]*y[2], d+x[3]*y[3]
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		a += v * y[i]
	}
	return a + b + c + d
}
