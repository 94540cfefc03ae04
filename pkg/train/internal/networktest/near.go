package networktest

import (
	"math"
	"testing"
)

// Near fails the test unless all numbers are near those that are wanted, and there are as many.
func Near(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(float64(got[i]-want[i])) <= tolerance) {
			t.Fatalf("%s: number %d = %v, want %v", what, i, got[i], want[i])
		}
	}
}
