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

// NearSize fails the test unless all numbers are within so much of the largest that is wanted, or of 1 if that is larger.
func NearSize(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	largest, narrow := 1.0, make([]float32, len(want))
	for i, x := range want {
		largest, narrow[i] = max(largest, math.Abs(x)), float32(x)
	}
	Near(t, what, got, narrow, tolerance*largest)
}
