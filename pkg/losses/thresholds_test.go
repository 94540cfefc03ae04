package losses_test

import (
	"math"
	"testing"

	"github.com/unipair/unipair/pkg/losses"
)

// The ranked list as published: weighted means without the library's 1e-5.
func TestRankedListByHand(t *testing.T) {
	loss := losses.RankedList{Margin: 0.4, Alpha: 0.5, PositiveTemperature: 2, NegativeTemperature: 5, Balance: 0.3}
	byHand(t, loss, randomRows(52, 8, 9), func(s []float64, positive, negative []bool) float64 {
		mean := func(mask []bool, violation func(float64) float64, temperature float64) float64 {
			weigh := func(x float64) float64 {
				if v := violation(x); v > 0 {
					return math.Exp(temperature * v)
				}
				return 0
			}
			weights, _ := sumOf(s, mask, weigh)
			sum, _ := sumOf(s, mask, func(x float64) float64 { return weigh(x) * math.Max(0, violation(x)) })
			if weights == 0 {
				return 0
			}
			return sum / weights
		}
		return 0.7*mean(positive, func(x float64) float64 { return -x - 0.1 }, 2) +
			0.3*mean(negative, func(x float64) float64 { return 0.5 + x }, 5)
	})
}
