package losses_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/unipair/unipair/pkg/losses"
)

// TestRanges: each parameter has a range that its default is in, and what is drawn from the ranges together makes the loss.
func TestRanges(t *testing.T) {
	left := map[string]bool{"vicreg epsilon": true} // which keeps a root from 0
	for _, entry := range losses.Catalogue() {
		parameters := entry.Parameters()
		if len(entry.Ranges) != len(parameters) {
			t.Errorf("%s has %d ranges for %d parameters", entry.Name, len(entry.Ranges), len(parameters))
			continue
		}
		for _, p := range parameters {
			name := entry.Name + " " + p.Name
			if p.Range.Tried() == left[name] {
				t.Errorf("%s is tried: %v", name, p.Range.Tried())
			}
			if left[name] {
				continue
			}
			if x, ok := number(p.Default); ok && (x < p.Range.Low || x > p.Range.High) {
				t.Errorf("the default of %s is %g, out of %+v", name, x, p.Range)
			}
			low, high := p.Draw(0), p.Draw(1)
			if len(p.Range.Among) == 0 && (low != short(p.Range.Low) || high != short(p.Range.High)) {
				t.Errorf("%s is drawn from %s to %s, of %+v", name, low, high, p.Range)
			}
		}
		random, refused := rand.New(rand.NewPCG(1, 2)), 0
		const draws = 300
		for range draws {
			set := make(map[string]string)
			for _, p := range parameters {
				set[p.Name] = p.Draw(random.Float64())
			}
			if _, err := entry.With(set); err != nil {
				refused++
			}
		}
		if refused > 0 {
			t.Errorf("%s refuses %d of %d draws", entry.Name, refused, draws)
		}
	}
}

func number(value any) (x float64, ok bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	}
	return 0, false
}

func short(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }

// TestDraw: even u are even draws of what a range says.
func TestDraw(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		of    losses.Range
		u     float64
		want  string
	}{
		{"the middle of a margin", 0.2, losses.Range{Low: 0, High: 0.5}, 0.5, "0.25"},
		{"the middle of a scale", 8.0, losses.Range{Low: 4, High: 64, Log: true}, 0.5, "16"},
		{"below zero", -5.0, losses.Range{Low: -12, High: 0}, 0.25, "-9"},
		{"the first of three whole numbers", 2, losses.Range{Low: 2, High: 4}, 0.33, "2"},
		{"the second", 2, losses.Range{Low: 2, High: 4}, 0.34, "3"},
		{"the third", 2, losses.Range{Low: 2, High: 4}, 0.999, "4"},
		{"a whole number by factors", 10, losses.Range{Low: 10, High: 1000, Log: true}, 0.5, "100"},
		{"a word", "all", losses.Range{Among: []string{"all", "hard"}}, 0.6, "hard"},
		{"a truth", false, losses.Range{Among: []string{"false", "true"}}, 0.4, "false"},
		{"what is not tried", 1e-4, losses.Range{}, 0.7, "0.0001"},
	} {
		if got := (losses.Parameter{Default: c.value, Range: c.of}).Draw(c.u); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	seen := make(map[string]int)
	for i := range 300 {
		seen[losses.Parameter{Default: 2, Range: losses.Range{Low: 2, High: 4}}.Draw(float64(i)/300)]++
	}
	if got, want := fmt.Sprint(seen), "map[2:100 3:100 4:100]"; got != want {
		t.Errorf("whole numbers are drawn %s, want %s", got, want)
	}
}
