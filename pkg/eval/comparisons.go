package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Comparison is a pair of vectors and whether both are of one class.
type Comparison struct {
	Similarity float64 // cosine, in [−1, 1]
	Same       bool    // both are of one class
	A, B       int32   // the classes
}

// Compare compares pairs of vectors of a set by their cosine. The cosine of equal vectors is exactly 1. Equal pairs of vectors have the
// same cosine to the bit, whichever comes first. A vector of length 0 has the cosine 0 with all.
func Compare(set Set, pairs [][2]int) ([]Comparison, error) {
	if err := set.Validate(); err != nil {
		return nil, err
	}
	cosines := newCosines(set)
	compared := make([]Comparison, len(pairs))
	for i, pair := range pairs {
		if min(pair[0], pair[1]) < 0 || max(pair[0], pair[1]) >= set.Len() {
			return nil, fmt.Errorf("eval: pair %d is of vectors %d and %d, and there are %d", i, pair[0], pair[1], set.Len())
		}
		compared[i] = cosines.compare(pair[0], pair[1])
	}
	return compared, nil
}

// CompareAll compares every vector of a set with every other, each pair once. Where a kind of pairs (within a class, between classes) has
// more than limit, it draws about limit of them instead. The same seed draws the same pairs. A rate among drawn pairs is the rate among
// all, but for chance.
func CompareAll(set Set, limit int, seed uint64) ([]Comparison, error) {
	if err := set.Validate(); err != nil {
		return nil, err
	}
	if limit < 1 {
		return nil, fmt.Errorf("eval: at least 1 pair of a kind must be allowed, got %d", limit)
	}
	counts := make(map[int32]int)
	for _, label := range set.Labels {
		counts[label]++
	}
	n := set.Len()
	same := 0
	for _, count := range counts {
		same += count * (count - 1) / 2
	}
	draw := map[bool]float64{true: share(limit, same), false: share(limit, n*(n-1)/2-same)}
	cosines := newCosines(set)
	var all []Comparison
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	for a := range n {
		for b := a + 1; b < n; b++ {
			if p := draw[set.Labels[a] == set.Labels[b]]; p == 1 || random.Float64() < p {
				all = append(all, cosines.compare(a, b))
			}
		}
	}
	return all, nil
}

// share returns the probability with which each of some pairs is drawn, so that about limit are.
func share(limit, of int) float64 {
	if of <= limit {
		return 1
	}
	return float64(limit) / float64(of)
}

// cosines compares the vectors of a set.
type cosines struct {
	set     Set
	vectors []float64
	squares []float64 // |x|²
}

func newCosines(set Set) cosines {
	c := cosines{set: set, vectors: set.precise()}
	for i := range set.Len() {
		c.squares = append(c.squares, product(c.at(i), c.at(i)))
	}
	return c
}

func (c cosines) at(i int) []float64 { return c.vectors[i*c.set.Dim : (i+1)*c.set.Dim] }

// compare divides once, by √(|a|²·|b|²). For equal vectors that is |a|² to the bit, as x·y is. The product of two vectors that were
// brought to length 1 would be as much off 1 as each of them happens to be.
func (c cosines) compare(a, b int) Comparison {
	similarity := 0.0
	if squares := c.squares[a] * c.squares[b]; squares > 0 {
		similarity = min(1, max(-1, product(c.at(a), c.at(b))/math.Sqrt(squares)))
	}
	return Comparison{similarity, c.set.Labels[a] == c.set.Labels[b], c.set.Labels[a], c.set.Labels[b]}
}
