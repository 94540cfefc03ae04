package eval_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/eval"
)

// drawnLabels returns vectors with one to three of five labels each.
func drawnLabels(seed uint64, n int) (eval.Set, [][]int) {
	random := rand.New(rand.NewPCG(seed, 3))
	set, labels := eval.Set{Dim: 3, Labels: make([]int32, n)}, make([][]int, n)
	for i := range n {
		for range 3 {
			set.Embeddings = append(set.Embeddings, float32(random.NormFloat64()))
		}
		labels[i] = random.Perm(5)[:1+random.IntN(3)]
	}
	return set, labels
}

// shares is the oracle: the means by sorting all distances.
func shares(queries, references eval.Set, ofQ, ofR [][]int, within bool) (m eval.Metrics, lone int) {
	asked := 0.0
	for q := range queries.Len() {
		var order []int
		for r := range references.Len() {
			if !within || r != q {
				order = append(order, r)
			}
		}
		distance := func(r int) (d float64) {
			for j := range 3 {
				x := float64(queries.Embeddings[3*q+j]) - float64(references.Embeddings[3*r+j])
				d += x * x
			}
			return d
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(distance(a), distance(b)) })
		relevant, hits := []bool{}, 0.0
		total := 0.0
		for _, r := range order {
			is := slices.ContainsFunc(ofQ[q], func(label int) bool { return slices.Contains(ofR[r], label) })
			relevant = append(relevant, is)
			if is {
				total++
			}
		}
		if total == 0 {
			lone++
			continue
		}
		asked++
		for i, is := range relevant {
			if !is {
				continue
			}
			if hits++; hits == 1 {
				m.MRR += 1 / float64(i+1)
			}
			m.MAP += hits / float64(i+1) / total
			if float64(i+1) <= total {
				m.MAPAtR += hits / float64(i+1) / total
				m.RPrecision += 1 / total
			}
			if i == 0 {
				m.PrecisionAt1++
			}
		}
	}
	for _, x := range []*float64{&m.MRR, &m.MAP, &m.MAPAtR, &m.RPrecision, &m.PrecisionAt1} {
		*x /= asked
	}
	return m, lone
}

func TestRetrieveShared(t *testing.T) {
	for seed := range uint64(5) {
		set, labels := drawnLabels(seed, 40)
		others, theirs := drawnLabels(seed+100, 23)
		labels[7] = []int{77} // nothing shares it
		for name, c := range map[string]struct {
			references eval.Set
			labels     [][]int
			within     bool
			got        func() (eval.Retrieval, error)
		}{
			"within": {set, labels, true, func() (eval.Retrieval, error) { return eval.RetrieveShared(set, labels, eval.Options{}) }},
			"from": {others, theirs, false, func() (eval.Retrieval, error) {
				return eval.RetrieveSharedFrom(set, others, labels, theirs, eval.Options{})
			}},
		} {
			got, err := c.got()
			if err != nil {
				t.Fatal(err)
			}
			want, lone := shares(set, c.references, labels, c.labels, c.within)
			for _, pair := range [][2]float64{{got.MRR, want.MRR}, {got.MAP, want.MAP}, {got.MAPAtR, want.MAPAtR},
				{got.RPrecision, want.RPrecision}, {got.PrecisionAt1, want.PrecisionAt1}, {got.RecallAt[1], want.PrecisionAt1}} {
				if math.Abs(pair[0]-pair[1]) > 1e-12 {
					t.Errorf("%s, seed %d: %+v, want %+v", name, seed, got.Metrics, want)
				}
			}
			if got.Lone != lone || got.Queries != 40-lone || got.Classes != nil {
				t.Errorf("%s: %d queries, %d lone of %d, classes %v", name, got.Queries, got.Lone, lone, got.Classes)
			}
		}
	}
}

// With one label each it is retrieval by class.
func TestSharedOfOneLabel(t *testing.T) {
	set, _ := drawnLabels(9, 30)
	labels := make([][]int, 30)
	for i := range labels {
		set.Labels[i], labels[i] = int32(i%4), []int{i % 4}
	}
	want, err := eval.Retrieve(set, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := eval.RetrieveShared(set, labels, eval.Options{})
	if err != nil || got.MAPAtR != want.MAPAtR || got.MAP != want.MAP || got.RecallAt[4] != want.RecallAt[4] {
		t.Errorf("%+v, %v; want %+v", got.Metrics, err, want.Metrics)
	}
	for says, labels := range map[string][][]int{"want the labels of each of 30": labels[1:], "vector 2 has no label": append([][]int{{1}, {1}, {}}, labels[3:]...)} {
		if _, err := eval.RetrieveShared(set, labels, eval.Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one with %q", err, says)
		}
	}
}
