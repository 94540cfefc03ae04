package pml

import (
	"math"
	"strings"
	"testing"
)

// Value and every gradient must agree, or differ for a reason; a reason without a difference is refused, and so are a gradient
// that compares nothing and one that is not a number.
func TestCompare(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name      string
		value     float64
		gradients [][]float32
		want      answer
		reason    string
		said      string // of the agreement, or of the error
		fails     bool
	}{
		{"same", 2, [][]float32{{1, 2}}, answer{value: 2.0002, gradients: [][]float64{{1, 2.0001}}}, "", "the same", false},
		{"value", 2, [][]float32{{1}}, answer{value: 2.001, gradients: [][]float64{{1}}}, "", "value 2, the peer's 2.001", true},
		{"gradient", 2, [][]float32{{1, 2}}, answer{value: 2, gradients: [][]float64{{1.001, 2}}}, "", "apart by 0.0005", true},
		{"second gradient", 2, [][]float32{{1}, {3}}, answer{value: 2, gradients: [][]float64{{1}, {4}}}, "", "apart by 0.25", true},
		{"reason", 2, [][]float32{{1}}, answer{value: 3, gradients: [][]float64{{2}}}, "their bug", "differs by 0.2 and 0.5: their bug", false},
		{"reason in gradient", 2, [][]float32{{1}}, answer{value: 2, gradients: [][]float64{{2}}}, "their bug", "differs by 0 and 0.5: their bug", false},
		{"stale reason", 2, [][]float32{{1}}, answer{value: 2, gradients: [][]float64{{1}}}, "their bug", "said to differ", true},
		{"nan here", nan, [][]float32{{1}}, answer{value: 2, gradients: [][]float64{{1}}}, "", "value NaN", true},
		{"nan gradient here", 2, [][]float32{{float32(nan)}}, answer{value: 2, gradients: [][]float64{{1}}}, "", "NaN of the largest", true},
		{"not finite there", 2, [][]float32{{1}}, answer{value: 2, gradients: [][]float64{{}}}, "", "1 numbers, the peer's 0", true},
		{"a gradient short", 2, [][]float32{{1}}, answer{value: 2, gradients: [][]float64{{1}, {1}}}, "", "1 gradients, the peer has 2", true},
		{"vacuous", 2, [][]float32{{0}}, answer{value: 2, gradients: [][]float64{{0}}}, "", "nothing is compared", true},
		{"raised", 2, [][]float32{{1}}, answer{failure: "ValueError: x"}, "", "ValueError: x", true},
	} {
		got, err := compare(result{value: c.value, gradients: c.gradients}, c.want, c.reason)
		if err != nil {
			got = err.Error()
		}
		if (err != nil) != c.fails || !strings.Contains(got, c.said) {
			t.Errorf("%s: got %q, error %t; want %q, error %t", c.name, got, err != nil, c.said, c.fails)
		}
	}
}
