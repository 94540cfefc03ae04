package free_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/notebooks/free"
	"github.com/unipair/unipair/pkg/losses"
)

// The N-pair loss is least where each class is a point and the points are as far apart as points can be: the corners of a
// simplex, whose cosines are −1/(classes − 1).
func TestNPairEndsAtASimplex(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		start := free.Huddle(3, 5, 3, 8, 0.5)
		path, err := free.Follow(b, start, losses.NPair{}, losses.Cosine, 0.1, []int{0, 150})
		if err != nil {
			t.Fatal(err)
		}
		if c := path[0].Cosines(); c.Sp < 0.5 || c.Sn < 0.3 || c.Sp >= 0.99 {
			t.Errorf("the huddle begins at s_p = %.2f, s_n = %.2f, want both large", c.Sp, c.Sn)
		}
		if c := path[1].Cosines(); math.Abs(c.Sp-1) > 0.01 || math.Abs(c.Sn+0.25) > 0.01 || path[1].Found() != 1 {
			t.Errorf("it ends at s_p = %.3f, s_n = %.3f, recall@1 %.2f, want 1, −0.25 and 1", c.Sp, c.Sn, path[1].Found())
		}
	})
}

// N directions cannot all be more than arccos(−1/(N−1)) apart, the corners of a simplex.
func TestCircleEndsAtTheSimplexOrTheMargin(t *testing.T) {
	const m = 0.4
	for _, test := range []struct {
		name    string
		classes int
		want    float64 // of s_n
	}{{"margin", 2, -m}, {"margin, of three", 3, -m}, {"simplex", 5, -0.25}} {
		t.Run(test.name, func(t *testing.T) {
			start := free.Scattered(1, test.classes, 3, 8)
			course, err := free.Descend(backendtest.Go(t), start, losses.Circle{Margin: m, Gamma: 8}, 0.02, 1200)
			if err != nil {
				t.Fatal(err)
			}
			end := course[len(course)-1]
			if len(course) != 1201 || math.Abs(end.Sn-test.want) > 0.02 || end.Sp < 0.98 {
				t.Errorf("%d moments, the last at s_n = %g, s_p = %g, want 1201, %g and 1", len(course), end.Sn, end.Sp, test.want)
			}
			if end.LargestSn < end.Sn || end.SmallestSp > end.Sp {
				t.Errorf("extremes %+v do not enclose the means", end)
			}
			if low := course.Lowest(); test.classes == 2 && !(course[low].Value < end.Value) {
				t.Errorf("the value of two classes, %g at last, was never lower", end.Value)
			}
		})
	}
}

func TestFollowRestsWhereNothingPulls(t *testing.T) {
	apart := free.Ring([]float64{0, 5}, []float64{180, 185})
	triplet, euclid := losses.Triplet{Margin: 0.2, Mining: losses.MineAll}, losses.Normalized(losses.NegativeL2)
	path, err := free.Follow(backendtest.Go(t), apart, triplet, euclid, 0.1, []int{5})
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
	b := free.Ring([]float64{0, 10}, []float64{18, 90})
	if got := b.Found(); got != 0.5 {
		t.Errorf("Found() = %g, want two of four: 10° and 18° are nearest to each other", got)
	}
	cos := func(degrees float64) float64 { return math.Cos(degrees * math.Pi / 180) }
	want := free.Cosines{Sp: (cos(10) + cos(72)) / 2, Sn: (cos(18) + cos(90) + cos(8) + cos(80)) / 4, SmallestSp: cos(72), LargestSn: cos(8)}
	got := b.Cosines()
	differences := []float64{got.Sp - want.Sp, got.Sn - want.Sn, got.SmallestSp - want.SmallestSp, got.LargestSn - want.LargestSn}
	for _, difference := range differences {
		if math.Abs(difference) > 1e-12 {
			t.Fatalf("Cosines() = %+v, want %+v", got, want)
		}
	}
}

func TestDescentRefuses(t *testing.T) {
	ring := free.Ring([]float64{0, 5}, []float64{180, 185})
	follow := func(loss losses.Loss, steps ...int) error {
		_, err := free.Follow(backendtest.Go(t), ring, loss, losses.Cosine, 0.1, steps)
		return err
	}
	descend := func(start free.Batch, loss losses.Loss, rate float64) error {
		_, err := free.Descend(backendtest.Go(t), start, loss, rate, 1)
		return err
	}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"steps that fall", follow(losses.NPair{}, 5, 2), "rise from 0"},
		{"no steps", follow(losses.NPair{}), "stride > 0"},
		{"an invalid loss followed", follow(losses.NTXent{}, 1), "Temperature"},
		{"no images", descend(free.Batch{}, losses.NPair{}, 0.1), "want an image"},
		{"no rate", descend(ring, losses.NPair{}, 0), "rate > 0"},
		{"an invalid loss descended", descend(ring, losses.NTXent{}, 0.1), "Temperature"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.name, test.err, test.want)
		}
	}
}
