package losses_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// Every mining of triplets, hinge and soft, by loops over the three. XLA counts the hinges by sorting, in float32 in another way
// than in float64; the pure-Go backend counts them one by one.
func TestTripletsByHand(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		r := randomRows(54, 12, 11)
		for _, loss := range []losses.Triplet{
			{Margin: 0.3, Mining: losses.MineAll}, {Margin: 0.3, Mining: losses.MineSemiHard},
			{Margin: 0.3, Mining: losses.MineHard}, {Margin: 0.3, Mining: losses.MineEasyPositive},
			{Margin: 0.3, Mining: losses.MineAll, Soft: true}, {Margin: 0.3, Mining: losses.MineSemiHard, Soft: true},
		} {
			value, _ := scoresGradient(t, b, loss, r)
			want := 0.0
			for i, s := range r.similarity {
				want += tripletsByHand(loss, s, r.positive[i], r.negative[i])
			}
			if math.Abs(value-want) > 1e-9 || want == 0 {
				t.Errorf("%+v = %.15g, want %.15g", loss, value, want)
			}
			in := randomBatch(55, 5, 3, 4)
			double := evaluate(t, b, dtypes.Float64, in, pairs(losses.Cosine), reduced(loss, losses.Mean))
			single := evaluate(t, b, dtypes.Float32, in, pairs(losses.Cosine), reduced(loss, losses.Mean))
			learns(t, "triplet", double)
			same(t, fmt.Sprintf("%+v in float32", loss), single, double, 1e-5, 1e-4)
		}
	})
}

func tripletsByHand(loss losses.Triplet, s []float64, positive, negative []bool) float64 {
	hardest, easiest := math.Inf(1), math.Inf(-1)
	for p, x := range s {
		if positive[p] {
			hardest, easiest = math.Min(hardest, x), math.Max(easiest, x)
		}
	}
	nearest, beyond := math.Inf(-1), math.Inf(-1)
	for n, x := range s {
		if negative[n] {
			nearest = math.Max(nearest, x)
			if x < easiest {
				beyond = math.Max(beyond, x)
			}
		}
	}
	sum, count := 0.0, 0.0
	for p := range s {
		for n := range s {
			gap := s[n] - s[p]
			chosen := map[losses.Mining]bool{
				losses.MineAll:          true,
				losses.MineSemiHard:     gap < 0 && gap >= -loss.Margin,
				losses.MineHard:         s[p] == hardest && s[n] == nearest,
				losses.MineEasyPositive: s[p] == easiest && s[n] == beyond,
			}[loss.Mining]
			if !positive[p] || !negative[n] || !chosen {
				continue
			}
			term := math.Max(0, gap+loss.Margin)
			if loss.Soft {
				term = math.Log1p(math.Exp(gap + loss.Margin))
			}
			sum, count = sum+term, count+1
		}
	}
	return sum / math.Max(count, 1)
}
