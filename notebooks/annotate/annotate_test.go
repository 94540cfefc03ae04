package annotate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/notebooks/annotate"
	"github.com/unipair/unipair/notebooks/probe"
	"github.com/unipair/unipair/pkg/eval"
)

// directions returns n vectors of each of some classes, round directions of their own in a plane.
func directions(classes, n int) eval.Set {
	random, set := rand.New(rand.NewPCG(4, 0)), eval.Set{Dim: 2}
	for i := range classes * n {
		sin, cos := math.Sincos(2*math.Pi*float64(i%classes)/float64(classes) + 0.05*random.NormFloat64())
		set.Embeddings = append(set.Embeddings, float32(cos), float32(sin))
		set.Labels = append(set.Labels, int32(i%classes))
	}
	return set
}

func TestLongTailedPool(t *testing.T) {
	pool := annotate.NewPool(directions(6, 20), 6)
	long := pool.LongTailed(0.5, 3)
	count := map[int32]int{}
	for _, label := range long.Items.Labels {
		count[label]++
	}
	var sizes []int
	for _, n := range count {
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{1, 1, 1, 3, 5, 10}) {
		t.Errorf("class sizes %v, want 10 · 0.5^r", sizes)
	}
	if long.Test.Len() != pool.Test.Len() || pool.Items.Len() != 60 {
		t.Error("the test part or the pool itself changed")
	}
	if again := pool.LongTailed(0.5, 3); !slices.Equal(again.Items.Embeddings, long.Items.Embeddings) {
		t.Error("the same seed gave another pool")
	}
}

func TestKCentreTakesTheFarthest(t *testing.T) {
	items := eval.Set{Dim: 1, Embeddings: []float32{0, 0.1, 0.5, 1, 0.7}, Labels: make([]int32, 5)}
	got := annotate.KCentre().Choose(annotate.State{Items: items, Labelled: []int{0}, Rest: []int{1, 2, 3, 4}}, 2)
	if !slices.Equal(got, []int{3, 2}) { // 1 is farthest from 0; then 0.5 is, from both
		t.Errorf("chosen %v, want 3 and 2", got)
	}
}

func TestUncertaintyTakesTheBorder(t *testing.T) {
	items := eval.Set{Dim: 1, Embeddings: []float32{-1, 1, 0.9, 0.05, -0.8}, Labels: []int32{0, 1, 0, 0, 0}}
	model, err := probe.Fit(probe.Take(items, []int{0, 1}), 2)
	if err != nil {
		t.Fatal(err)
	}
	got := annotate.Uncertainty().Choose(annotate.State{Items: items, Rest: []int{2, 3, 4}, Model: model}, 2)
	if !slices.Equal(got, []int{3, 4}) {
		t.Errorf("chosen %v, want the one at 0.05, then the one at −0.8", got)
	}
}

// All strategies begin alike; none asks twice or learns a hidden label; k-centre finds every class where blind choice misses some.
func TestPlay(t *testing.T) {
	pool := annotate.NewPool(directions(12, 8), 12)
	watch := annotate.Strategy{Name: "watch", Choose: func(s annotate.State, n int) []int {
		for _, i := range s.Rest {
			if s.Items.Labels[i] != 0 || slices.Contains(s.Labelled, i) {
				t.Errorf("item %d of the rest: label %d, labelled %v", i, s.Items.Labels[i], s.Labelled)
			}
		}
		return s.Rest[:n]
	}}
	plan := annotate.Plan{Start: 4, Step: 4, Rounds: 2, Seeds: 3}
	outcomes, err := plan.Play(func(uint64) annotate.Pool { return pool }, annotate.Random(), annotate.KCentre(), watch)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(outcomes[0].Labels, []int{4, 8, 12}) || len(outcomes[0].Accuracy) != 3 {
		t.Errorf("labels %v, %d seeds", outcomes[0].Labels, len(outcomes[0].Accuracy))
	}
	for seed := range 3 {
		if outcomes[0].Accuracy[seed][0] != outcomes[1].Accuracy[seed][0] {
			t.Errorf("seed %d: strategies begin at different accuracies", seed)
		}
		if found := outcomes[1].Found[seed]; found[2] < 11 || found[2] < outcomes[0].Found[seed][2] {
			t.Errorf("seed %d: k-centre found %v of 12 classes, blind choice %v", seed, found, outcomes[0].Found[seed])
		}
	}
	if asked := slices.Sorted(slices.Values(outcomes[1].Asked[2])); len(asked) != 12 || len(slices.Compact(asked)) != 12 {
		t.Errorf("asked %v, want 12 different items", asked)
	}
	m, err := outcomes[1].Map(pool, 2)
	if err != nil {
		t.Fatal(err)
	}
	if chosen := slices.DeleteFunc(m.Labels, func(role int32) bool { return role == 0 }); len(chosen) != 8 {
		t.Errorf("the map shows %d items as chosen, want 8", len(chosen))
	}
	again, err := plan.Play(func(uint64) annotate.Pool { return pool }, annotate.Random())
	if err != nil || !slices.Equal(again[0].Accuracy[1], outcomes[0].Accuracy[1]) {
		t.Errorf("played again: %v, %v", again, err)
	}
	plan.Rounds = 20
	if _, err := plan.Play(func(uint64) annotate.Pool { return pool }, annotate.Random()); err == nil || !strings.Contains(err.Error(), "48 items") {
		t.Errorf("more labels than items: %v", err)
	}
}

func TestTable(t *testing.T) {
	labels := []int{10, 20}
	blind := annotate.Outcome{Name: "random", Labels: labels, Accuracy: [][]float64{{0.2, 0.4}, {0.2, 0.6}}, Found: [][]int{{1, 2}, {1, 2}}}
	clever := annotate.Outcome{Name: "clever", Labels: labels, Accuracy: [][]float64{{0.2, 0.6}, {0.2, 0.5}}, Found: [][]int{{1, 3}, {1, 3}}}
	_, rows := annotate.Table(blind, clever)
	// Seed 0 is 20 points ahead and needed 15 of 20 labels; seed 1 is 10 behind and never got there.
	if r := rows[1]; r[1] != "55.0 ± 7.1" || r[2] != "+5.0 ± 21.2" || r[4] != "25 % ± 0.0, 1 of 2 seeds" {
		t.Errorf("row %q", r)
	}
	if h := annotate.Histories("both", blind, clever); len(h) != 2 || len(h[1].Curves) != 2 || h[1].Curves[1].Mean[1] != 3 {
		t.Errorf("histories %+v", h)
	}
	if c := clever.Accuracies(); c.X[1] != 20 || math.Abs(c.Mean[1]-55) > 1e-9 || math.Abs(c.High[1]-55-10/math.Sqrt2) > 1e-9 {
		t.Errorf("curve %+v", c)
	}
}

// Differences are taken seed by seed: two strategies that differ by as much with every seed differ without a spread, however the seeds do.
func TestGainsArePaired(t *testing.T) {
	first := annotate.Outcome{Name: "random", Labels: []int{5, 9}, Accuracy: [][]float64{{0.1, 0.2}, {0.1, 0.8}}, Found: [][]int{{1, 2}, {1, 4}}}
	second := annotate.Outcome{Name: "other", Labels: []int{5, 9}, Accuracy: [][]float64{{0.1, 0.3}, {0.1, 0.9}}, Found: [][]int{{1, 4}, {1, 6}}}
	g := annotate.Gains(first, second)[0]
	if math.Abs(g.Points-10) > 1e-9 || g.Spread > 1e-9 || g.Ahead != 2 || g.Seeds != 2 || g.Classes != 5 || g.Compare != 3 {
		t.Errorf("got %+v, want 10 ± 0 points, ahead with 2 of 2, 5 classes for 3", g)
	}
	if want := "other is at +10.0 ± 0.0 points (a lead; ahead with 2 of 2 seeds)"; g.Words() != want {
		t.Errorf("got %q, want %q", g.Words(), want)
	}
	chart := annotate.Leads("x", first, second)
	if c := chart.Curves[1]; math.Abs(c.Mean[1]-10) > 1e-9 || math.Abs(c.Low[1]-10) > 1e-9 || chart.Curves[0].Low != nil {
		t.Errorf("curves %+v", chart.Curves)
	}
}
