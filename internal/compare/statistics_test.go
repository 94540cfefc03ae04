package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func near(a, b, within float64) bool {
	return math.Abs(a-b) <= within || math.IsNaN(a) && math.IsNaN(b)
}

// The expected values are by hand, and by Simpson integration of the density of Student's t in Python.
func TestBehind(t *testing.T) {
	equal := []float64{10, 10, 10, 10}
	for _, c := range []struct {
		name             string
		a, b             sample
		by, low, high, p float64
	}{
		// Differences 1 2 3 4: mean 2.5, s²/4 = 5/12; t = 3.873, 3 degrees; 2.5 ± 3.18245·0.645497.
		{"paired classes of two fixed lines", sample{[][]float64{{2, 4, 6, 8}}, true, equal}, sample{[][]float64{{1, 2, 3, 4}}, true, equal},
			2.5, 0.445739, 4.554261, 0.030466},
		// Classes differ by 1 each; seeds have means 1 and 3: v = 2/2 = 1, one degree: t = 1, p = 0.5, and 12.7062 on either side.
		{"seeds alone", sample{[][]float64{{2, 2, 2, 2}, {4, 4, 4, 4}}, false, equal}, sample{[][]float64{{2, 2, 2, 2}}, true, equal},
			1, -11.706205, 13.706205, 0.5},
		// v = 5/12 + 1, freedom = v²/((5/12)²/3 + 1) = 1.897155.
		{"classes and seeds", sample{[][]float64{{1, 3, 5, 7}, {3, 5, 7, 9}}, false, equal}, sample{[][]float64{{1, 2, 3, 4}}, true, equal},
			2.5, -2.896641, 7.896641, 0.177362},
		// Weights 3 and 1: d = (3·1 + 1·5)/4 = 2, v = 2·(9·1 + 1·9)/16 = 2.25; t = 2/1.5, one degree.
		{"classes of unequal queries", sample{[][]float64{{1, 5}}, true, []float64{3, 1}}, sample{[][]float64{{0, 0}}, true, []float64{3, 1}},
			2, -17.059307, 21.059307, 0.409666},
		{"the same", sample{[][]float64{{1, 5}}, true, []float64{3, 1}}, sample{[][]float64{{1, 5}}, true, []float64{3, 1}}, 0, 0, 0, 1},
		{"the same everywhere but for a constant", sample{[][]float64{{2, 6}}, true, []float64{3, 1}}, sample{[][]float64{{1, 5}}, true, []float64{3, 1}},
			1, 1, 1, 0},
		{"one seed", sample{[][]float64{{2, 6}}, false, []float64{3, 1}}, sample{[][]float64{{1, 5}}, true, []float64{3, 1}},
			1, math.NaN(), math.NaN(), math.NaN()},
	} {
		d := behind(c.a, c.b)
		if !near(d.By, c.by, 1e-12) || !near(d.Low, c.low, 1e-5) || !near(d.High, c.high, 1e-5) || !near(d.P, c.p, 1e-6) {
			t.Errorf("%s: %+v, want %g in %g to %g, p %g", c.name, d, c.by, c.low, c.high, c.p)
		}
	}
}

// The expected values are those of R's p.adjust(p, "holm").
func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{[]float64{0.01, 0.02, 0.03}, []float64{0.03, 0.04, 0.04}},
		{[]float64{0.03, 0.001, 0.2, 0.02}, []float64{0.06, 0.004, 0.2, 0.06}},
		{[]float64{0.9, 0.8}, []float64{1, 1}},
		{[]float64{math.NaN(), 0.02}, []float64{1, 0.04}},
		{nil, []float64{}},
	} {
		got := holm(c.p)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return near(a, b, 1e-12) }) {
			t.Errorf("holm(%v) = %v, want %v", c.p, got, c.want)
		}
	}
}

// drawnLine returns a line whose classes are as hard as those of all others, with noise of seeds and of classes.
func drawnLine(mean float64, hard []float64, seeds int, r *rand.Rand) sample {
	s := sample{weights: slices.Repeat([]float64{10}, len(hard))}
	for range seeds {
		shift, values := 0.01*r.NormFloat64(), make([]float64, len(hard))
		for c := range values {
			values[c] = mean + hard[c] + shift + 0.03*r.NormFloat64()
		}
		s.values = append(s.values, values)
	}
	return s
}

func hardness(classes int, r *rand.Rand) []float64 {
	hard := make([]float64, classes)
	for c := range hard {
		hard[c] = 0.2 * r.NormFloat64()
	}
	return hard
}

// What is equal is hardly ever told apart, and what is far apart always is: classes that are hard for all leave both as they are.
func TestGroupsOfKnownDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	wrong := 0
	const tries = 200
	for range tries {
		hard := hardness(30, r)
		var lines []sample
		for range 6 {
			lines = append(lines, drawnLine(0.5, hard, 5, r))
		}
		if _, group, _ := grouped(lines); slices.Max(group) > 1 {
			wrong++
		}
	}
	if wrong > tries/20+6 { // 5 %, and two standard deviations of so many tries
		t.Errorf("equal losses are told apart in %d of %d comparisons", wrong, tries)
	}
	hard := hardness(30, r)
	lines := []sample{drawnLine(0.3, hard, 5, r), drawnLine(0.6, hard, 5, r), drawnLine(0.3, hard, 5, r), drawnLine(0.45, hard, 5, r)}
	order, group, pair := grouped(lines)
	if order[0] != 1 || order[1] != 3 || fmt.Sprint(group) != "[1 2 3 3]" {
		t.Errorf("order %v, groups %v", order, group)
	}
	if d := pair(0, 1); !d.Told() || d.Low < 0.1 || d.High > 0.2 {
		t.Errorf("the second is behind by %+v, want 0.15", d)
	}
}

func TestOneSeedTellsNothingApart(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	hard := hardness(30, r)
	_, group, pair := grouped([]sample{drawnLine(0.9, hard, 1, r), drawnLine(0.1, hard, 1, r)})
	if fmt.Sprint(group) != "[1 1]" || pair(0, 1).Told() {
		t.Errorf("groups %v, %+v", group, pair(0, 1))
	}
}
