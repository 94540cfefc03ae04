package eval

import (
	"maps"
	"math"
	"slices"
)

// entropy returns −Σ p·log p of counts out of n, added up by rising label so that it rounds the same way every time.
func entropy(counts map[int32]float64, n float64) float64 {
	total := 0.0
	for _, label := range slices.Sorted(maps.Keys(counts)) {
		p := counts[label] / n
		total -= p * math.Log(p)
	}
	return total
}

// sortedPairs returns the keys in order.
func sortedPairs(counts map[[2]int32]float64) [][2]int32 {
	return slices.SortedFunc(maps.Keys(counts), func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
}
