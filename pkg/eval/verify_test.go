package eval_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/eval"
)

// blobs is classes about centres of their own.
func blobs(seed uint64, classes, perClass int, spread float64) eval.Set {
	r := rand.New(rand.NewPCG(seed, 3))
	set := eval.Set{Dim: 4}
	for c := range classes {
		centre := []float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
		for range perClass {
			for _, x := range centre {
				set.Embeddings = append(set.Embeddings, float32(x+spread*r.NormFloat64()))
			}
			set.Labels = append(set.Labels, int32(c))
		}
	}
	return set
}

func TestCompareAll(t *testing.T) {
	set := blobs(1, 5, 4, 0.3)
	all, err := eval.CompareAll(set, 1000, 1)
	if err != nil || len(all) != 20*19/2 {
		t.Fatal(len(all), err)
	}
	one, err := eval.Compare(set, [][2]int{{0, 1}, {3, 17}})
	if err != nil || one[0] != all[0] || one[0].Same != true || one[1].Same != false {
		t.Errorf("the pairs 0–1 and 3–17 are %+v, the first of all %+v: %v", one, all[0], err)
	}
	some, err := eval.CompareAll(set, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[bool]int{}
	for _, c := range some {
		kinds[c.Same]++
	}
	if kinds[true] != 30 || kinds[false] < 20 || kinds[false] > 60 {
		t.Errorf("with a limit of 40 there are %d pairs of one class and %d of two, want all 30 and about 40 of 160", kinds[true], kinds[false])
	}
	zero := eval.Set{Dim: 2, Embeddings: []float32{0, 0, 1, 0, 0, 3}, Labels: []int32{0, 0, 1}}
	if got, err := eval.CompareAll(zero, 9, 1); err != nil || got[0].Similarity != 0 || got[2].Similarity != 0 {
		t.Errorf("a vector of length 0: %+v, %v", got, err)
	}
	if _, err := eval.Compare(set, [][2]int{{0, 20}}); err == nil || !strings.Contains(err.Error(), "pair 0 is of vectors 0 and 20, and there are 20") {
		t.Errorf("a pair beyond the set: error %v", err)
	}
}

func TestVerifyEdges(t *testing.T) {
	apart := []eval.Comparison{{Similarity: 0.9, Same: true}, {Similarity: 0.8, Same: true}, {Similarity: 0.1, B: 1}, {Similarity: -1, B: 1}}
	v, err := eval.Verify(apart, 0.5, 0.1)
	if err != nil || v.AUC != 1 || v.EER != 0 || v.EERThreshold != 0.8 || v.Same != 2 || v.Different != 2 {
		t.Errorf("wholly apart: %+v, %v", v, err)
	}
	if len(v.At) != 1 || v.At[0] != (eval.OperatingPoint{Threshold: 0.1, FAR: 0.5, TAR: 1}) {
		t.Errorf("TAR@FAR: %+v; 0.1 of two pairs is less than one, and is not measured", v.At)
	}
	swapped := slices.Clone(apart)
	for i := range swapped {
		swapped[i].Same = !swapped[i].Same
	}
	if v, err := eval.Verify(swapped); err != nil || v.AUC != 0 || v.EER != 1 {
		t.Errorf("the wrong way round: %+v, %v", v, err)
	}
	equal := slices.Clone(apart)
	for i := range equal {
		equal[i].Similarity = 0.5
	}
	if v, err := eval.Verify(equal); err != nil || v.AUC != 0.5 || v.EER != 0.5 {
		t.Errorf("all equal: %+v, %v", v, err)
	}
	for _, c := range []struct {
		name string
		call func() error
		want string
	}{
		{"no pair of two classes", func() error { _, err := eval.Verify(apart[:2]); return err }, "pairs of one class and of two, got 2 and 0"},
		{"false accept rate of 1", func() error { _, err := eval.Verify(apart, 1); return err }, "must be in (0, 1), got 1"},
		{"not a number", func() error { _, err := eval.Verify([]eval.Comparison{{Similarity: math.NaN()}}); return err }, "comparison 0 is NaN"},
		{"few resamples", func() error {
			_, err := eval.VerifyIntervals(apart, eval.Bootstrap{Level: 0.95, Resamples: 3})
			return err
		}, "at least 20 resamples, got 0.95 and 3"},
		{"one fold", func() error { _, _, err := eval.FoldAccuracy(apart, []int{0, 0, 0, 0}); return err }, "there must be 2 folds at least"},
		{"too few folds", func() error { _, _, err := eval.FoldAccuracy(apart, []int{0}); return err }, "a fold for each of 4"},
		{"fold without a pair of one class", func() error {
			_, _, err := eval.FoldAccuracy(apart, []int{0, 0, 1, 1})
			return err
		}, "all folds but 0: eval: verification needs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.call(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// TestIntervalsCover draws many sets from one source and asks how often an interval holds the source's value.
func TestIntervalsCover(t *testing.T) {
	const trials = 60
	bootstrap := eval.Bootstrap{Level: 0.9, Resamples: 200, Seed: 1}
	var retrievals []eval.Retrieval
	truth, auc := 0.0, 0.0
	var verified [][]eval.Comparison
	for trial := range uint64(trials) {
		set := blobs(trial, 24, 5, 0.6)
		r, err := eval.Retrieve(set, eval.Options{})
		if err != nil {
			t.Fatal(err)
		}
		retrievals = append(retrievals, r)
		truth += r.MAPAtR / trials
		pairs, err := eval.CompareAll(set, 10000, 1)
		if err != nil {
			t.Fatal(err)
		}
		v, err := eval.Verify(pairs)
		if err != nil {
			t.Fatal(err)
		}
		auc += v.AUC / trials
		verified = append(verified, pairs)
	}
	inside, insideAUC := 0, 0
	for i, r := range retrievals {
		intervals, err := r.Intervals(bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		at := intervals["map_at_r"]
		if !(at.Low < r.MAPAtR && r.MAPAtR < at.High) {
			t.Errorf("the interval %v does not hold the value %v itself", at, r.MAPAtR)
		}
		if at.Low <= truth && truth <= at.High {
			inside++
		}
		v, err := eval.VerifyIntervals(verified[i], bootstrap, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		if v.AUC.Low <= auc && auc <= v.AUC.High {
			insideAUC++
		}
		if len(v.TAR) != 1 || !(v.TAR[0].Low < v.TAR[0].High && v.EER.Low < v.EER.High) {
			t.Errorf("intervals %+v", v)
		}
	}
	// 90 % of 60 is 54, by chance ± 5; classes of one set compete, which a bootstrap over classes sees only in part.
	if inside < 42 || insideAUC < 42 {
		t.Errorf("the intervals held the mean of all in %d (MAP@R) and %d (AUC) of %d sets, want about 54", inside, insideAUC, trials)
	}
	one, err := eval.Retrieve(eval.Set{Dim: 1, Embeddings: []float32{0, 1}, Labels: []int32{0, 0}}, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if intervals, err := one.Intervals(bootstrap); err != nil || intervals != nil {
		t.Errorf("of one class: %v, %v", intervals, err)
	}
	if i, err := (eval.OneShot{Error: 0.2, Runs: []float64{0, 0.2, 0.4}}).Interval(bootstrap); err != nil || !(i.Low < 0.2 && 0.2 < i.High) {
		t.Errorf("one-shot: %v, %v", i, err)
	}
}

// FoldAccuracy must find the threshold on the other folds, not on its own.
func TestFoldAccuracy(t *testing.T) {
	var all []eval.Comparison
	var fold []int
	for f := range 2 {
		shift := float64(f) // fold 1 lies higher: a threshold from fold 0 takes all of it, one from fold 1 none of fold 0
		for i := range 10 {
			all = append(all, eval.Comparison{Similarity: shift + 0.1*float64(i%5) + 0.5*float64(i/5), Same: i >= 5})
			fold = append(fold, f)
		}
	}
	accuracy, _, err := eval.FoldAccuracy(all, fold)
	if err != nil || accuracy != 0.5 {
		t.Errorf("accuracy %v, %v, want 0.5", accuracy, err)
	}
	for i := range all {
		fold[i] = i % 2
	}
	for i := range all {
		all[i].Similarity = map[bool]float64{true: 1, false: 0}[all[i].Same]
	}
	accuracy, deviation, err := eval.FoldAccuracy(all, fold)
	if err != nil || accuracy != 1 || deviation != 0 {
		t.Errorf("wholly apart: %v ± %v, %v", accuracy, deviation, err)
	}
}

func TestNeighboursAndMistakes(t *testing.T) {
	// On a line: class 0 at 0, 1 and 10; class 1 at 2, 10.5 and 30.
	set := eval.Set{Dim: 1, Embeddings: []float32{0, 1, 10, 2, 10.5, 30, 10}, Labels: []int32{0, 0, 0, 1, 1, 1, 2}}
	found, err := eval.NeighboursWithin(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := found[2]; len(got) != 2 || got[0] != (eval.Neighbour{Index: 6}) || got[1] != (eval.Neighbour{Index: 4, Distance: 0.5}) {
		t.Errorf("neighbours of vector 2: %v", got)
	}
	if got := found[4]; got[0].Index != 2 || got[1].Index != 6 { // equally far: the lower index first
		t.Errorf("neighbours of vector 4: %v", got)
	}
	across, err := eval.Neighbours(set, set, 100)
	if err != nil || len(across[0]) != 7 || across[0][0] != (eval.Neighbour{Index: 0}) || across[0][6].Index != 5 {
		t.Errorf("all neighbours of vector 0: %v, %v", across[0], err)
	}
	if _, err := eval.Neighbours(set, set, 0); err == nil || !strings.Contains(err.Error(), "at least 1, got 0") {
		t.Errorf("no neighbours: error %v", err)
	}
	mistakes, err := eval.Mistakes(set)
	if err != nil {
		t.Fatal(err)
	}
	want := []eval.Mistake{
		{Query: 2, Nearest: 6, Right: 1, Margin: 9}, {Query: 4, Nearest: 2, Right: 3, Margin: 8},
		{Query: 3, Nearest: 1, Right: 4, Margin: 7.5},
	}
	if !slices.Equal(mistakes, want) {
		t.Errorf("mistakes %+v, want %+v", mistakes, want)
	}
	confusions, err := eval.Confusions(set)
	if err != nil || !slices.Equal(confusions, []eval.Confusion{{Of: 1, As: 0, Count: 2}, {Of: 0, As: 2, Count: 1}, {Of: 2, As: 0, Count: 1}}) {
		t.Errorf("confusions %+v, %v", confusions, err)
	}
}
