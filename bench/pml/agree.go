package pml

import (
	"fmt"
	"math"
)

// tolerance bounds how far value and gradients may be apart and still be the same. Measured, they are within 4e-6.
const tolerance = 1e-4

// compare says how value and gradients agree. They must, unless there is a reason why they differ, and then they must not: a
// reason that no longer holds would hide the next difference.
func compare(got result, want answer, reason string) (string, error) {
	if want.failure != "" {
		return "", fmt.Errorf("the peer failed: %s", want.failure)
	}
	value := math.Abs(got.value-want.value) / (1 + math.Abs(want.value))
	gradient, err := apart(got.gradients, want.gradients)
	if err != nil {
		return "", err
	}
	same := value <= tolerance && gradient <= tolerance // false for NaN
	switch {
	case same && reason == "":
		return "the same", nil
	case same:
		return "", fmt.Errorf("said to differ (%s), but within %g and %g", reason, value, gradient)
	case reason == "":
		return "", fmt.Errorf("value %g, the peer's %g; gradients apart by %.2g of the largest", got.value, want.value, gradient)
	}
	return fmt.Sprintf("differs by %.1g and %.1g: %s", value, gradient, reason), nil
}

// apart returns how far gradients are from each other, in parts of the largest number of each; the most of all.
func apart(got [][]float32, want [][]float64) (float64, error) {
	if len(got) != len(want) {
		return 0, fmt.Errorf("%d gradients, the peer has %d", len(got), len(want))
	}
	most := 0.0
	for k := range want {
		if len(got[k]) != len(want[k]) {
			return 0, fmt.Errorf("gradient %d has %d numbers, the peer's %d", k, len(got[k]), len(want[k]))
		}
		worst, largest := 0.0, 0.0
		for i, x := range want[k] {
			worst, largest = max(worst, math.Abs(x-float64(got[k][i]))), max(largest, math.Abs(x))
		}
		if largest == 0 {
			return 0, fmt.Errorf("gradient %d is 0: nothing is compared", k)
		}
		most = max(most, worst/largest)
	}
	return most, nil
}
