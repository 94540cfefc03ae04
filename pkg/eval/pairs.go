package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Comparison is a pair of vectors and whether both are of one class.
type Comparison struct {
	Similarity float64 // cosine
	Same       bool
	A, B       int32 // the classes
}

// Compare compares pairs of vectors of a set by their cosine; a vector of length 0 has the cosine 0 with all.
func Compare(set Set, pairs [][2]int) ([]Comparison, error) {
	if err := set.Check(); err != nil {
		return nil, err
	}
	unit := set.unit()
	compared := make([]Comparison, len(pairs))
	for i, pair := range pairs {
		if min(pair[0], pair[1]) < 0 || max(pair[0], pair[1]) >= set.Len() {
			return nil, fmt.Errorf("eval: pair %d is of vectors %d and %d, and there are %d", i, pair[0], pair[1], set.Len())
		}
		compared[i] = compare(set, unit, pair[0], pair[1])
	}
	return compared, nil
}

// CompareAll compares every vector of a set with every other, each pair once. Of more than limit pairs of a kind (within a class,
// between classes) limit are drawn instead; the same seed draws the same ones. A rate among drawn pairs is that among all, but for
// chance.
func CompareAll(set Set, limit int, seed uint64) ([]Comparison, error) {
	if err := set.Check(); err != nil {
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
	unit := set.unit()
	var all []Comparison
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	for a := range n {
		for b := a + 1; b < n; b++ {
			if p := draw[set.Labels[a] == set.Labels[b]]; p == 1 || random.Float64() < p {
				all = append(all, compare(set, unit, a, b))
			}
		}
	}
	return all, nil
}

// share is the probability with which one of so many is drawn, so that about limit are.
func share(limit, of int) float64 {
	if of <= limit {
		return 1
	}
	return float64(limit) / float64(of)
}

func compare(set Set, unit []float64, a, b int) Comparison {
	similarity := 0.0
	for i := range set.Dim {
		similarity += unit[a*set.Dim+i] * unit[b*set.Dim+i]
	}
	return Comparison{similarity, set.Labels[a] == set.Labels[b], set.Labels[a], set.Labels[b]}
}

// unit returns the vectors brought to length 1, in float64.
func (s Set) unit() []float64 {
	vectors := s.precise()
	for i := range s.Len() {
		row := vectors[i*s.Dim : (i+1)*s.Dim]
		length := 0.0
		for _, x := range row {
			length += x * x
		}
		if length > 0 {
			for j := range row {
				row[j] /= math.Sqrt(length)
			}
		}
	}
	return vectors
}
