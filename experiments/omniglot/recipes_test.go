package main

import (
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/pkg/eval"
)

func TestScoresOf(t *testing.T) {
	metric := func(name string, value float64, interval *eval.Interval) evaluation.Metric {
		return evaluation.Metric{Metric: eval.Metric{Name: name, Value: value}, Interval: interval}
	}
	r := evaluation.Result{RetrievalOn: "the 40 images of each official run", Metrics: []evaluation.Metric{
		metric("precision_at_1", 0.9, nil), metric("map_at_r", 0.6, nil), metric("nmi", 0.5, nil),
	}}
	if got, err := scoresOf(r); err == nil {
		t.Errorf("without a one-shot error: %+v", got)
	}
	r.Metrics = append(r.Metrics, metric("one_shot_error", 0.0875, &eval.Interval{Low: 0.0625, High: 0.11}))
	got, err := scoresOf(r)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, scores{
		OneShotError: 0.0875, Interval: &[2]float64{0.0625, 0.11}, PrecisionAt1: 0.9, MAPAtR: 0.6,
		RetrievalOn: "the 40 images of each official run",
	})
}

func TestRecipeTable(t *testing.T) {
	r := recipes{names: []string{"omniglot-35", "omniglot-best"}, seeds: 2}
	var log []entry
	add := func(phase string, seed uint64, oneShot, seconds float64) {
		log = append(log, entry{
			key: r.key(phase, "omniglot-35", seed),
			scores: scores{
				OneShotError: oneShot, Interval: &[2]float64{oneShot - 0.02, oneShot + 0.02}, PrecisionAt1: 0.9, MAPAtR: 0.9,
				RetrievalOn: "the images", TrainingSeconds: seconds,
			},
		})
	}
	add("alone", 0, 0.09, 150)
	add("alone with TTA", 0, 0.08, 150)
	add("alone", 1, 0.11, 210)
	add("alone with TTA", 1, 0.10, 210)
	add("ensemble of 2", 0, 0.07, 360)
	add("ensemble of 2 with TTA", 0, 0.0675, 360)
	add("ensemble of 3", 0, 0.01, 360)
	got := r.table(newLog(log...))
	for _, want := range []string{
		"| omniglot-35 | seed 0 | 9.00 | 7.0 – 11.0 | 8.00 | 6.0 – 10.0 | 90.0 | 90.0 | 2.5 |\n",
		"| omniglot-35 | **mean ± sd** | **10.0 ± 1.4** | | **9.0 ± 1.4** | | 90.0 ± 0.0 | 90.0 ± 0.0 | 3.0 |\n",
		"| omniglot-35 | ensemble of 2 | 7.00 | 5.0 – 9.0 | 6.75 | 4.8 – 8.8 | 90.0 | 90.0 | 6.0 |\n",
		"| *people* | | *4.5* |", "Retrieval (without TTA) is among the images;",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("table = %s\nwant %q", got, want)
		}
	}
	if strings.Contains(got, "omniglot-best") {
		t.Error("a recipe without a measurement has a line")
	}
}
