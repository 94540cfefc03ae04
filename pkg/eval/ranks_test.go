package eval

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// ranksByDistance is the definition: the ranks, from 1 and rising, that the references relevant have among all by distance. relevant is rising.
func ranksByDistance(distances []float64, relevant []int) []int {
	order := slices.Clone(relevant)
	slices.SortStableFunc(order, func(a, b int) int { return compareAt(distances, a, b) })
	closer := make([]int, len(order)+1) // closer[i]: references that stand before order[i] but not before order[i−1]
	for r := range distances {
		at, _ := slices.BinarySearchFunc(order, r, func(a, b int) int { return compareAt(distances, a, b) })
		if at < len(order) && order[at] == r {
			at++ // it stands before those after it
		}
		closer[at]++
	}
	result := make([]int, len(order))
	total := 0
	for i := range result {
		total += closer[i]
		result[i] = total + 1
	}
	return result
}

// sets are vectors that make close calls: of classes of several sizes, with duplicates, ties, zeros and of any length; and more of them than
// are placed in one stretch, a number that groups of eight do not divide.
func sets(random *rand.Rand) map[string][]float64 {
	const dim = 3
	all := map[string][]float64{"random": nil, "grid": nil, "duplicates": nil, "collapsed": nil, "zero": nil, "nearly equal": nil, "long": nil, "short": nil, "outlier": nil, "many": nil}
	for name := range all {
		n := 120
		if name == "many" {
			n = 2*stretch + 101
		}
		for i := range n {
			for range dim {
				x := random.NormFloat64()
				switch name {
				case "grid":
					x = float64(random.IntN(3))
				case "duplicates":
					x = float64(i % 7)
				case "collapsed":
					x = 0.3
				case "zero":
					x = 0
				case "nearly equal":
					x = 1 + 1e-7*x
				case "long":
					x *= 1e30
				case "short":
					x *= 1e-37
				case "outlier":
					if i == 5 {
						x *= 1e6
					}
				}
				all[name] = append(all[name], float64(float32(x)))
			}
		}
	}
	return all
}

// Ranks by keys are those by distance, however the keys err within the window, and whatever is left out; up to a limit where
// there is one.
func TestPlacerRanksByDistance(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, vectors := range sets(random) {
		const dim = 3
		n := len(vectors) / dim
		k := newKeys(vectors, vectors, dim)
		p := placer{queries: vectors, references: vectors, dim: dim}
		for query := 0; query < n; query += max(1, n/100) {
			var class, relevant []int
			distances := make([]float64, n)
			classes := []int{2, 9, 60}[query%3]
			for r := range n {
				distances[r] = squaredDistance(vectors[query*dim:(query+1)*dim], vectors[r*dim:(r+1)*dim])
				if r%classes != query%classes {
					continue
				}
				if class = append(class, r); r == query || r%5 == 0 {
					distances[r] = math.Inf(1)
				} else {
					relevant = append(relevant, r)
				}
			}
			if len(relevant) == 0 {
				continue
			}
			want := ranksByDistance(distances, relevant)
			for _, wider := range []float32{1, 1e3, 1e6} {
				window := k.window(query) * wider
				block := make([]float32, n)
				k.multiply(query, query+1, block)
				if wider > 1 {
					for i := range block {
						block[i] += (random.Float32() - 0.5) * window * 0.9
					}
				}
				if got := p.rank(query, block, window, class, relevant, n); !slices.Equal(got, want) {
					t.Fatalf("%s, query %d, window %g: ranks %v, want %v", name, query, window, got, want)
				}
				for _, limit := range []int{1, 4, 40} {
					got := p.rank(query, block, window, class, relevant, limit)
					for i, rank := range want {
						if min(got[i], limit+1) != min(rank, limit+1) {
							t.Fatalf("%s, query %d, limit %d: ranks %v, want %v", name, query, limit, got, want)
						}
					}
				}
			}
		}
	}
}

// Rounding of a real product stays within the window that keys are trusted beyond.
func TestKeysAreWithinTheirWindow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, dim := range []int{1, 7, 64, 700} {
		vectors := make([]float64, 30*dim)
		for i := range vectors {
			vectors[i] = float64(float32(random.NormFloat64() * 1e4))
		}
		k := newKeys(vectors, vectors, dim)
		block := make([]float32, 30*30)
		k.multiply(0, 30, block)
		for q := range 30 {
			for r := range 30 {
				exact := 0.0
				for i := range k.width {
					exact += float64(k.queries[q*k.width+i]) * float64(k.references[r*k.width+i])
				}
				if off := math.Abs(exact - float64(block[q*30+r])); off > float64(k.window(q))/2 {
					t.Errorf("dim %d: off by %g, window %g", dim, off, k.window(q))
				}
			}
		}
	}
}
