package main

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
)

// tunedBy returns the tuning lines of a loss with these MAP@R.
func (r ranking) tunedBy(loss string, mapAtR ...float64) (entries []entry) {
	for i, x := range mapAtR {
		entries = append(entries, entry{key: r.key(tunePhase, settingsOf(loss)[i], 0), scores: scores{MAPAtR: x}})
	}
	return entries
}

func TestChooseByValidation(t *testing.T) {
	r := ranking{losses: []string{"circle"}, seeds: 1, steps: 300}
	other := r
	other.steps = 700
	for _, test := range []struct {
		name string
		log  []entry
		want int // place among the settings; -1: none yet
	}{
		{"the highest", r.tunedBy("circle", 0.2, 0.3, 0.5, 0.4), 2},
		{"the first of equal ones", r.tunedBy("circle", 0.2, 0.5, 0.5, 0.4), 1},
		{"a collapse is the worst", r.tunedBy("circle", 0, 0.01, 0, 0), 1},
		{"all collapsed", r.tunedBy("circle", 0, 0, 0, 0), 0},
		{"not before all are tried", r.tunedBy("circle", 0.2, 0.5, 0.5), -1},
		{"nor by another budget", other.tunedBy("circle", 0.2, 0.5, 0.5, 0.4), -1},
	} {
		chosen, _, ok := r.choose(newLog(test.log...), "circle")
		if ok != (test.want >= 0) || ok && chosen != settingsOf("circle")[test.want] {
			t.Errorf("%s: %v, %v", test.name, chosen, ok)
		}
	}
}

func TestTrainingThatFailsIsTheWorst(t *testing.T) {
	p := protocol{worst: scores{OneShotError: 1, Runs: []float64{1, 1}}}
	broken := setting{Loss: "circle", Set: "gamma=-1", LearningRate: 1e-3}.config(300, 0)
	found, err := p.of(t.Context(), nil, broken)
	if err != nil || found.OneShotError != 1 || len(found.Runs) != 2 || !strings.Contains(found.Error, "train: ") {
		t.Errorf("%+v, %v", found, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found, err := p.of(ctx, nil, broken); err == nil {
		t.Errorf("an interrupted training scores %+v", found)
	}
}

// tested returns a row of seeds with these errors in two runs each.
func tested(loss string, seeds ...[2]float64) row {
	w := row{loss: loss}
	for _, runs := range seeds {
		w.tests = append(w.tests, entry{scores: scores{OneShotError: mean(runs[:]), Runs: runs[:]}})
	}
	return w
}

func TestNoiseMarks(t *testing.T) {
	best := tested("best", [2]float64{0.10, 0.20}, [2]float64{0.10, 0.20})
	for _, test := range []struct {
		name              string
		row               row
		by, standardError float64
		mark              string
	}{
		// Runs that are all harder by as much leave nothing to chance, though the runs themselves differ widely.
		{"worse in each run alike", tested("a", [2]float64{0.15, 0.25}, [2]float64{0.15, 0.25}), 0.05, 0, ""},
		// Differences of 0 and 0.1: deviation 0.0707, over √2 runs 0.05.
		{"worse in one run", tested("b", [2]float64{0.10, 0.30}, [2]float64{0.10, 0.30}), 0.05, 0.05, " ≈"},
		// Seeds of 0.15 and 0.25: deviation 0.0707, over √2 seeds 0.05.
		{"worse by one seed", tested("c", [2]float64{0.10, 0.20}, [2]float64{0.20, 0.30}), 0.05, 0.05, " ≈"},
		{"one seed says nothing", tested("d", [2]float64{0.90, 0.95}), 0.775, math.NaN(), " ≈"},
	} {
		by, standardError := test.row.worse(best)
		same := math.Abs(standardError-test.standardError) < 1e-12 || math.IsNaN(standardError) && math.IsNaN(test.standardError)
		if math.Abs(by-test.by) > 1e-12 || !same || noise(by, standardError) != test.mark {
			t.Errorf("%s: %g ± %g%s, want %g ± %g%s", test.name, by, standardError, noise(by, standardError), test.by, test.standardError, test.mark)
		}
	}
}

func TestRankingTable(t *testing.T) {
	r := ranking{losses: []string{"softmax", "circle", "triplet", "n-pair"}, seeds: 2, steps: 300}
	log := slices.Concat(r.tunedBy("softmax", 0.1, 0.2, 0.3, 0.2), r.tunedBy("circle", 0.2, 0.3, 0.4, 0.5), r.tunedBy("triplet", 0.3, 0.2, 0.1, 0))
	test := func(s setting, seed uint64, a, b float64, text string) {
		log = append(log, entry{
			key:        r.key(testPhase, s, seed),
			scores:     scores{OneShotError: (a + b) / 2, Runs: []float64{a, b}, PrecisionAt1: 0.5, Error: text},
			CPUSeconds: 30,
		})
	}
	softmax, circle, triplet := settingsOf("softmax")[2], settingsOf("circle")[3], settingsOf("triplet")[0]
	test(softmax, 0, 0.25, 0.35, "")
	test(softmax, 1, 0.27, 0.37, "")
	test(circle, 0, 0.10, 0.20, "")
	test(circle, 1, 0.14, 0.20, "")
	test(settingsOf("circle")[0], 0, 0.01, 0.01, "") // not the chosen one
	test(circle, 2, 0.01, 0.01, "")                  // a seed too many
	test(triplet, 0, 1, 1, "train: the network collapsed")
	got := r.table(newLog(log...))
	for _, want := range []string{
		// 15 and 17: deviation 1.41, over √2 1.0; √(0.16 · 0.84 / 400) is 1.83; both 2.09.
		"| 1 | circle | 16.0 ± 1.4 | 1.8 | 2.1 | – | 50.0 ± 0.0 | margin=0.4 gamma=80 | 0.003 | 50.0 | 30 |\n",
		// The runs' differences are 14 and 16: deviation 1.41, over √2 1.0; with 1.0 of either's seeds √3.
		"| 2 | softmax | 31.0 ± 1.4 | 2.3 | 2.5 | 15.0 ± 1.7 | 50.0 ± 0.0 | – | 0.003 | 30.0 | 30 |\n",
		"| 3 | triplet | 100.0 ± ? | 0.0 | ? | 84.0 ± ? ≈ | 50.0 ± ? | margin=0.1 mining=hard | 0.001 | 30.0 | 30 |\n",
		"\nNot all seeds are there yet: triplet 1.\n",
		"\n1 losses are not there yet.\n",
		"- triplet margin=0.1 mining=hard at 0.001, test, seed 0: train: the network collapsed\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("table = %s\nwant a line %q", got, want)
		}
	}
	if got := strings.Count(got, "| "+"circle"); got != 1 {
		t.Errorf("circle has %d lines", got)
	}
}
