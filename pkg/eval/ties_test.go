package eval_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/unipair/unipair/pkg/eval"
)

// copies is a set in which each of some random vectors comes several times, in random order, and the number of the vector that each
// is a copy of. The classes have nothing to do with that, so that ties are within and between classes.
func copies(random *rand.Rand, dim int, scale float64) (set eval.Set, of []int) {
	const vectors, times = 12, 4
	different := make([][]float32, vectors)
	for v := range different {
		for range dim {
			different[v] = append(different[v], float32(scale*random.NormFloat64()))
		}
	}
	set.Dim = dim
	for _, i := range random.Perm(vectors * times) {
		of = append(of, i%vectors)
		set.Embeddings = append(set.Embeddings, different[i%vectors]...)
		set.Labels = append(set.Labels, int32(random.IntN(3)))
	}
	return set, of
}

// tieScales are lengths at which float32 has most, few and hardly any digits and room to spare.
var tieScales = []float64{1, 1e-3, 1e18, 1e-20}

// Equal vectors are equally near, in every number that pairs are told apart by: copies have the cosine 1, of two vectors all copies
// have the same cosine.
func TestCopiesHaveOneCosine(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 8))
	for _, dim := range []int{2, 3, 7, 16, 33, 64, 128, 512} {
		for _, scale := range tieScales {
			set, of := copies(random, dim, scale)
			all, err := eval.CompareAll(set, math.MaxInt, 1)
			if err != nil {
				t.Fatal(err)
			}
			known := map[[2]int]float64{}
			next := 0
			for a := range of {
				for b := a + 1; b < len(of); b++ {
					got := all[next].Similarity
					next++
					pair := [2]int{min(of[a], of[b]), max(of[a], of[b])}
					want, seen := known[pair]
					switch {
					case pair[0] == pair[1] && got != 1:
						t.Errorf("%d numbers of about %g: copies have the cosine %.17g, want 1", dim, scale, got)
					case seen && got != want, math.Abs(got) > 1:
						t.Errorf("%d numbers of about %g: vectors %v have the cosine %.17g, and other copies %.17g", dim, scale, pair, got, want)
					}
					known[pair] = got
				}
			}
		}
	}
}

// So have a vector and eight times it, which is exact; opposite ones have −1.
func TestOppositeAndScaled(t *testing.T) {
	for _, dim := range []int{1, 2, 5, 100} {
		set := eval.Set{Dim: dim, Labels: []int32{0, 0, 0}}
		for _, factor := range []float32{1, -1, 8} {
			again := rand.New(rand.NewPCG(2, uint64(dim)))
			for range dim {
				set.Embeddings = append(set.Embeddings, factor*float32(again.NormFloat64()))
			}
		}
		got, err := eval.Compare(set, [][2]int{{0, 1}, {0, 2}, {1, 2}, {0, 0}})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{-1, 1, -1, 1} {
			if got[i].Similarity != want {
				t.Errorf("%d numbers: cosine %d is %.17g, want %g", dim, i, got[i].Similarity, want)
			}
		}
	}
}

// The rates are those of the pairs counted one by one, where equal similarity is being a pair of copies of the same two vectors.
func TestTiesInRates(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 8))
	for _, dim := range []int{2, 9, 64, 257} {
		set, of := copies(random, dim, 1)
		all, err := eval.CompareAll(set, math.MaxInt, 1)
		if err != nil {
			t.Fatal(err)
		}
		first := map[[2]int]float64{} // the cosine of two vectors, whatever the copies
		values := make([]float64, len(all))
		next := 0
		for a := range of {
			for b := a + 1; b < len(of); b++ {
				pair := [2]int{min(of[a], of[b]), max(of[a], of[b])}
				if _, seen := first[pair]; !seen {
					first[pair] = cosine(set, a, b)
				}
				values[next] = first[pair]
				if pair[0] == pair[1] {
					values[next] = 1
				}
				next++
			}
		}
		v, err := eval.Verify(all, 0.3, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		won, pairs := 0.0, 0.0
		for i, a := range all {
			for j, b := range all {
				if a.Same && !b.Same {
					pairs++
					switch {
					case values[i] == values[j]:
						won += 0.5
					case values[i] > values[j]:
						won++
					}
				}
			}
		}
		if v.AUC != won/pairs {
			t.Errorf("%d numbers: AUC %.17g, want %.17g", dim, v.AUC, won/pairs)
		}
		for _, at := range append(v.At, v.ROC()[1:]...) {
			accepted := map[bool]float64{}
			for i, c := range all {
				if values[i] > at.Threshold-1e-12 {
					accepted[c.Same]++
				}
			}
			want := fmt.Sprintf("FAR %.15g, TAR %.15g", accepted[false]/float64(v.Different), accepted[true]/float64(v.Same))
			if got := fmt.Sprintf("FAR %.15g, TAR %.15g", at.FAR, at.TAR); got != want || at.Threshold > 1 {
				t.Errorf("%d numbers, from %.17g on: %s, want %s", dim, at.Threshold, got, want)
			}
		}
	}
}

// cosine is x·y/(|x|·|y|).
func cosine(set eval.Set, a, b int) float64 {
	var xy, xx, yy float64
	for i := range set.Dim {
		x, y := float64(set.Embeddings[a*set.Dim+i]), float64(set.Embeddings[b*set.Dim+i])
		xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
	}
	return xy / (math.Sqrt(xx) * math.Sqrt(yy))
}

// Copies stand in the order of their indices, whatever is before them, in neighbours and in ranks alike: of a class that is every
// fourth copy of its own vector the ranks are known.
func TestCopiesRankByIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 8))
	for _, dim := range []int{2, 17, 128} {
		for _, scale := range tieScales {
			set, of := copies(random, dim, scale)
			found, err := eval.NeighboursWithin(set, 3)
			if err != nil {
				t.Fatal(err)
			}
			right := 0.0
			for q, near := range found {
				last := -1
				for _, n := range near {
					if of[n.Index] != of[q] || n.Index <= last || n.Distance != 0 {
						t.Fatalf("%d numbers of about %g: vector %d finds %+v, want its copies by index at distance 0", dim, scale, q, near)
					}
					last = n.Index
				}
				if set.Labels[near[0].Index] == set.Labels[q] {
					right++
				}
			}
			r, err := eval.Retrieve(set, eval.Options{})
			if err != nil || r.Lone > 0 || math.Abs(r.PrecisionAt1-right/float64(set.Len())) > 1e-12 {
				t.Errorf("%d numbers of about %g: precision@1 %g of %d, %v, want %g", dim, scale, r.PrecisionAt1, r.Queries, err, right/float64(set.Len()))
			}
		}
	}
}

// A perfect area is 1, however many rates it is the sum of, a rate of exactly one pair is measured, and a threshold between two
// similarities that are neighbours parts them.
func TestRatesAreCounted(t *testing.T) {
	for different := 1; different < 200; different++ {
		var all []eval.Comparison
		for i := range different {
			all = append(all, eval.Comparison{Similarity: -float64(i) / 1000, B: 1}, eval.Comparison{Similarity: 0.5 + float64(i)/1000, Same: true})
		}
		v, err := eval.Verify(all, min(1/float64(different), 0.999))
		if err != nil || v.AUC != 1 || different > 1 && (len(v.At) != 1 || v.At[0].FAR != 1/float64(different)) {
			t.Errorf("%d pairs of a kind: AUC %.17g, %+v, %v; want 1 and the rate of one pair", different, v.AUC, v.At, err)
		}
	}
	for _, low := range []float64{0.3, math.Nextafter(0.3, 0), math.Nextafter(0.3, 1)} {
		var all []eval.Comparison
		var folds []int
		for fold := range 2 {
			all = append(all, eval.Comparison{Similarity: math.Nextafter(low, 1), Same: true}, eval.Comparison{Similarity: low, B: 1})
			folds = append(folds, fold, fold)
		}
		if accuracy, _, err := eval.FoldAccuracy(all, folds); err != nil || accuracy != 1 {
			t.Errorf("similarities %.17g and the next: accuracy %g, %v, want 1", low, accuracy, err)
		}
	}
}
