package main

import (
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/rankstest"
)

// Each of two ranks receives what the model says, but for the few numbers that are left out of it.
func TestExchangedIsTheModel(t *testing.T) {
	device := backendtest.Go(t)
	for _, of := range trainings(true) {
		rankstest.Together(t, 2, func(g ranks.Group) error {
			s, err := of.measure(t.Context(), device, g)
			if err != nil || g.Rank() > 0 { // which is told of no step
				return err
			}
			want := exchanged(2, float64(of.rows), 128, float64(s.Network), of.classes > 0)
			if len(s.Seconds) != of.steps || !(math.Abs(s.Bytes-want) <= 0.02*want+1024) {
				t.Errorf("%s: %.0f bytes in each of %d steps, want %.0f in %d", of.name, s.Bytes, len(s.Seconds), want, of.steps)
			}
			return nil
		})
	}
}

// The model, by hand.
func TestModel(t *testing.T) {
	// Three quarters of 4,000 bytes of embeddings, twice, and of 8,000 of the network; 24 bytes a row of three others.
	if got, want := exchanged(4, 100, 10, 1000, false), 0.75*(4000+4000+8000)+3*24*100; got != want {
		t.Errorf("pairs: %g bytes, want %g", got, want)
	}
	if got, want := exchanged(4, 100, 10, 1000, true), 0.75*(6*4000+8000)+3*16*100; got != want {
		t.Errorf("classes: %g bytes, want %g", got, want)
	}
	// 12 rounds of a ring and 16 along a tree.
	if got, want := (link{"", 1e6, 0.001}).seconds(4, 2e6), 2.028; math.Abs(got-want) > 1e-12 {
		t.Errorf("%g s, want %g", got, want)
	}
}

// A report has efficiencies within rounds, and what they come to on more machines.
func TestReport(t *testing.T) {
	all := []training{{"Circle, 2,048 rows", 2048, 0, 3, 2}}
	taken := []map[string][]steps{{
		alone: {{Seconds: []float64{8, 9, 8}}, {Seconds: []float64{4}}},
		both:  {{Seconds: []float64{5}, Exchange: 1, Bytes: 3e6, Network: 1000}, {Seconds: []float64{2.5}, Exchange: 1, Bytes: 3e6, Network: 1000}},
		half:  {{Seconds: []float64{2}}, {Seconds: []float64{1}}},
	}}
	text, err := report(all, taken)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| Circle, 2,048 rows | 6 | 3.75 | 0.80 (0.80 – 0.80) | 1.5 | 0.80 (0.80 – 0.80) | 1 s | -0.25 s | 3.000 | 1.102 |",
		// Half of the rows of two on each of four, against twice as many: twice the work.
		"| Circle, 2,048 rows | 4 | 4096 | 5.5 | 153.4 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nlacks %s", text, want)
		}
	}
	if _, err := report(all, []map[string][]steps{{alone: taken[0][alone]}}); err == nil {
		t.Error("a training that two did not take has a report")
	}
}
