package descent_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/notebooks/descent"
	"github.com/unipair/unipair/pkg/losses"
)

// The N-pair loss is least where each class is a point and the points are as far apart as points can be: the corners of a
// simplex, whose cosines are −1/(classes − 1).
func TestNPairEndsAtASimplex(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		start := descent.Huddle(3, 5, 3, 8, 0.5)
		path, err := descent.Follow(b, start, losses.NPair{}, losses.Cosine, 0.1, []int{0, 150})
		if err != nil {
			t.Fatal(err)
		}
		if p, n := path[0].Similarities(); p < 0.5 || n < 0.3 || p >= 0.99 {
			t.Errorf("the huddle begins at s_p = %.2f, s_n = %.2f, want both large", p, n)
		}
		if p, n := path[1].Similarities(); math.Abs(p-1) > 0.01 || math.Abs(n+0.25) > 0.01 || path[1].Found() != 1 {
			t.Errorf("it ends at s_p = %.3f, s_n = %.3f, recall@1 %.2f, want 1, −0.25 and 1", p, n, path[1].Found())
		}
	})
}

func TestFollowRestsWhereNothingPulls(t *testing.T) {
	apart := descent.Ring([]float64{0, 5}, []float64{180, 185})
	path, err := descent.Follow(backendtest.Go(t), apart, losses.Triplet{Margin: 0.2, Mining: losses.MineAll}, losses.Normalized(losses.NegativeL2), 0.1, []int{5})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range path[0].Embeddings {
		if math.Hypot(e[0]-apart.Embeddings[i][0], e[1]-apart.Embeddings[i][1]) > 1e-9 {
			t.Errorf("image %d has moved to %v", i, e)
		}
	}
}

func TestFoundCountsNearestOthers(t *testing.T) {
	b := descent.Ring([]float64{0, 10}, []float64{18, 90})
	if got := b.Found(); got != 0.5 {
		t.Errorf("Found() = %g, want two of four: 10° and 18° are nearest to each other", got)
	}
	if p, n := b.Similarities(); math.Abs(p-(math.Cos(math.Pi/18)+math.Cos(72*math.Pi/180))/2) > 1e-12 || n >= p {
		t.Errorf("Similarities() = %g, %g", p, n)
	}
}

func TestFollowRefuses(t *testing.T) {
	b := descent.Ring([]float64{0, 5}, []float64{180, 185})
	for want, steps := range map[string][]int{"rise from 0": {5, 2}, "stride > 0": nil} {
		if _, err := descent.Follow(backendtest.Go(t), b, losses.NPair{}, losses.Cosine, 0.1, steps); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("steps %v: got error %v, want one with %q", steps, err, want)
		}
	}
	if _, err := descent.Follow(backendtest.Go(t), b, losses.NTXent{}, losses.Cosine, 0.1, []int{1}); err == nil || !strings.Contains(err.Error(), "Temperature") {
		t.Errorf("an invalid loss: got error %v", err)
	}
}
