package omniglot_test

import (
	"math"
	"testing"

	"github.com/unipair/unipair/notebooks/omniglot"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

func TestTrialTakesTheBestWrongCandidate(t *testing.T) {
	trial := omniglot.Trial{Answer: 1, Similarities: []float64{0.3, 0.9, 0.5}}
	if got, want := trial.Score(), (viz.ScorePair{Sn: 0.5, Sp: 0.9}); got != want {
		t.Errorf("Score() = %v, want %v", got, want)
	}
}

func TestIntervalIsTheMeanAndItsError(t *testing.T) {
	judged := omniglot.Exam{OneShot: eval.OneShot{Error: 0.2, Runs: []float64{0.1, 0.3, 0.1, 0.3}}}
	got := judged.Interval("x")
	half := 100 * 1.96 * math.Sqrt(0.04/3/4)
	if math.Abs(got.Mean-20) > 1e-9 || math.Abs(got.High-got.Mean-half) > 1e-9 || math.Abs(got.Mean-got.Low-half) > 1e-9 {
		t.Errorf("Interval = %+v, want 20 ± %g", got, half)
	}
}

func TestRetrievalsAreTheNearestFirst(t *testing.T) {
	blank := data.Image{Width: 1, Height: 1, Pixels: []float32{0.75}}
	trial := omniglot.Trial{Query: blank, Candidates: []data.Image{blank, blank, blank}, Answer: 0, Similarities: []float64{0.5, -0.1, 0.9}}
	got := omniglot.Exam{Trials: []omniglot.Trial{trial}}.Retrievals(1, 2)
	if len(got) != 1 || len(got[0].Neighbours) != 2 {
		t.Fatalf("Retrievals(1, 2) = %v, want one of two neighbours", got)
	}
	first, second := got[0].Neighbours[0], got[0].Neighbours[1]
	if first.Similarity != 0.9 || first.Right || second.Similarity != 0.5 || !second.Right {
		t.Errorf("neighbours are %+v and %+v, want the wrong one at 0.9 and the right one at 0.5", first, second)
	}
	if shade, _, _, _ := got[0].Query.At(0, 0).RGBA(); shade>>8 != 191 {
		t.Errorf("three quarters of light are shown as %d, want 191", shade>>8)
	}
}

func TestHistoryKeepsTheBand(t *testing.T) {
	trained := omniglot.Trained{History: []train.Record{{Step: 3, Positive: train.Summary{Mean: 0.5, Q05: 0.2, Q95: 0.8}}}}
	h := trained.Similarities()
	if c := h.Curves[1]; c.X[0] != 3 || c.Mean[0] != 0.5 || c.Low[0] != 0.2 || c.High[0] != 0.8 {
		t.Errorf("Similarities() has %+v for s_p, want step 3, 0.5 in 0.2 to 0.8", c)
	}
	if got := trained.Daylight(); got != 0.2 {
		t.Errorf("Daylight() = %g, want 0.2 over a band of s_n that ends at 0", got)
	}
}

// What overlaps with the best stands beside it; the rest is behind.
func TestLeaders(t *testing.T) {
	a, b, c := viz.ErrorBar{Name: "a", Mean: 20, Low: 15, High: 25}, viz.ErrorBar{Name: "b", Mean: 24, Low: 20, High: 28}, viz.ErrorBar{Name: "c", Mean: 40, Low: 35, High: 45}
	for _, test := range []struct {
		name             string
		bars             []viz.ErrorBar
		together, behind string
	}{
		{"two and one", []viz.ErrorBar{c, b, a}, "20.0 % (15.0 to 25.0) with a, 24.0 % (20.0 to 28.0) with b", "40.0 % (35.0 to 45.0) with c"},
		{"one", []viz.ErrorBar{c}, "40.0 % (35.0 to 45.0) with c", ""},
		{"none together", []viz.ErrorBar{a, c}, "20.0 % (15.0 to 25.0) with a", "40.0 % (35.0 to 45.0) with c"},
	} {
		if together, behind := omniglot.Leaders(test.bars); together != test.together || behind != test.behind {
			t.Errorf("%s: %q and %q, want %q and %q", test.name, together, behind, test.together, test.behind)
		}
	}
}
