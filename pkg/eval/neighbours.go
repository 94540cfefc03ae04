package eval

import (
	"fmt"
	"math"
	"slices"
)

// Neighbour is a reference that a query found.
type Neighbour struct {
	Index    int     // of the reference
	Distance float64 // Euclidean
}

// Neighbours returns the k nearest references of each query, the nearest first and equal ones by index. Where there are fewer than k, it
// returns all.
func Neighbours(queries, references Set, k int) ([][]Neighbour, error) {
	if err := checkPair(queries, references); err != nil {
		return nil, err
	}
	return neighbours(queries, references, k, false)
}

// NeighboursWithin returns the k nearest others of each vector of a set, as [Neighbours] does.
func NeighboursWithin(set Set, k int) ([][]Neighbour, error) {
	if err := set.Validate(); err != nil {
		return nil, err
	}
	return neighbours(set, set, k, true)
}

func neighbours(queries, references Set, k int, same bool) ([][]Neighbour, error) {
	if k < 1 {
		return nil, fmt.Errorf("eval: the number of neighbours must be at least 1, got %d", k)
	}
	found := make([][]Neighbour, queries.Len())
	eachQuery(queries, references, func(q int, distances []float64) {
		self := -1
		if same {
			self = q
		}
		found[q] = closest(distances, k, self)
	})
	return found, nil
}

// closest returns the k references of least squared distance, except self.
func closest(distances []float64, k, self int) []Neighbour {
	var best []int // rising
	for r := range distances {
		if r == self || len(best) == k && compareAt(distances, best[k-1], r) < 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, r, func(a, b int) int { return compareAt(distances, a, b) })
		if len(best) == k {
			best = best[:k-1]
		}
		best = slices.Insert(best, at, r)
	}
	found := make([]Neighbour, len(best))
	for i, r := range best {
		found[i] = Neighbour{r, math.Sqrt(distances[r])}
	}
	return found
}
