package gaps

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
)

// drawn returns similarities, many of which tie or are a quarter apart, with positives, negatives and neither.
func drawn(size int) (similarity [][]float64, positive, negative [][]bool) {
	random := rand.New(rand.NewPCG(9, uint64(size)))
	for range size {
		s, p, n := make([]float64, size), make([]bool, size), make([]bool, size)
		for j := range s {
			s[j] = float64(random.IntN(17)-8) / 8
			kind := random.IntN(3)
			p[j], n[j] = kind == 0, kind == 1
		}
		similarity, positive, negative = append(similarity, s), append(positive, p), append(negative, n)
	}
	return similarity, positive, negative
}

// Partners are counted as two loops count them, bounds that tie included.
func TestPartners(t *testing.T) {
	similarity, positive, negative := drawn(11)
	low, high := Bound{At: -0.25}, Bound{At: 0.25}
	lowToo, highToo := Bound{At: -0.25, OrEqual: true}, Bound{At: 0.25, OrEqual: true}
	for _, c := range []struct {
		name  string
		in    Interval
		takes func(gap float64) bool
	}{
		{"all", Interval{}, func(float64) bool { return true }},
		{"above", Interval{Low: &low}, func(gap float64) bool { return gap > -0.25 }},
		{"from", Interval{Low: &lowToo}, func(gap float64) bool { return gap >= -0.25 }},
		{"up to", Interval{High: &high}, func(gap float64) bool { return gap <= 0.25 }},
		{"below", Interval{High: &highToo}, func(gap float64) bool { return gap < 0.25 }},
		{"between", Interval{Low: &low}.And(Interval{High: &highToo}), func(gap float64) bool { return gap > -0.25 && gap < 0.25 }},
		{"the narrower of two", Interval{Low: &low}.And(Interval{Low: &lowToo}), func(gap float64) bool { return gap > -0.25 }},
		{"none", Interval{Low: &high, High: &low}, func(float64) bool { return false }},
	} {
		backendtest.Each(t, func(t *testing.T, b compute.Backend) {
			out := graph.MustExecOnce(b, func(s, p, n *graph.Node) *graph.Node {
				return Pairs{s, p, n}.Partners(c.in)
			}, similarity, positive, negative)
			for i, row := range out.Value().([][]float64) {
				for j, got := range row {
					want := 0.0
					for k := range row {
						gap := similarity[i][k] - similarity[i][j]
						if positive[i][j] && negative[i][k] && c.takes(gap) || negative[i][j] && positive[i][k] && c.takes(-gap) {
							want++
						}
					}
					if got != want {
						t.Errorf("%s: pair %d of anchor %d has %g partners, want %g", c.name, j, i, got, want)
					}
				}
			}
		})
	}
}

// Sums over the cube, and their gradient, are those of loops, with the nearer end of a pair and without.
func TestCube(t *testing.T) {
	similarity, of, _ := drawn(7)
	for i := range similarity {
		for j := range similarity[i] {
			similarity[i][j] += float64(i-j) / 64 // no ties
		}
	}
	for name, swap := range map[string]bool{"own row": false, "nearer end": true} {
		sums, gradient := make([][]float64, 7), make([][]float64, 7)
		for a := range sums {
			sums[a], gradient[a] = make([]float64, 7), make([]float64, 7)
		}
		for a := range 7 {
			for p := range 7 {
				for j := range 7 {
					if !of[a][j] {
						continue
					}
					row := a
					if swap && similarity[p][j] > similarity[a][j] {
						row = p
					}
					gap := similarity[row][j] - similarity[a][p]
					sums[a][p] += gap * gap
					gradient[row][j] += 2 * gap
					gradient[a][p] -= 2 * gap
				}
			}
		}
		backendtest.Each(t, func(t *testing.T, b compute.Backend) {
			out := graph.MustExecOnceN(b, func(s, of *graph.Node) []*graph.Node {
				sums := Cube{Similarity: s, Of: of, Swap: swap}.Sum(graph.Square, func(gap *graph.Node) *graph.Node { return graph.MulScalar(gap, 2) })
				return []*graph.Node{sums, graph.Gradient(graph.ReduceAllSum(sums), s)[0]}
			}, similarity, of)
			for k, want := range [][][]float64{sums, gradient} {
				for i, got := range tensors.MustCopyFlatData[float64](out[k]) {
					if want := want[i/7][i%7]; got-want > 1e-12 || want-got > 1e-12 {
						t.Errorf("%s, output %d, pair %d of anchor %d: %g, want %g", name, k, i%7, i/7, got, want)
					}
				}
			}
		})
	}
}
