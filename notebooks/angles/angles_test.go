package angles_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/notebooks/angles"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// corners returns three classes of noisy pixels that a line tells apart.
func corners() angles.Drawings {
	d := angles.Drawings{Names: []string{"a", "b", "c"}}
	for i := range 30 {
		row := make([]float32, 256)
		for j := range row {
			row[j] = float32((i*j)%7) / 20
			if j/80 == i%3 {
				row[j] += 0.5
			}
		}
		set := &d.Learn
		if i >= 24 {
			set = &d.Test
		}
		set.Pixels, set.Labels = append(set.Pixels, row), append(set.Labels, int32(i%3))
	}
	return d
}

func TestLearnSeparatesWhatCanBeSeparated(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		recipe := angles.Recipe{Name: "ArcFace", Loss: losses.ArcFace{Margin: 0.5, Gamma: 16}, Similarity: losses.Cosine}
		learnt, err := angles.Learn(b, corners(), recipe, 0, 60)
		if err != nil {
			t.Fatal(err)
		}
		before, after := learnt[0], learnt[1]
		if after.Test.Error() != 0 || after.Learn.Within() > 15 || after.Learn.Within() >= before.Learn.Within() {
			t.Errorf("after 60 steps the error is %g, a class %g° wide, before %g°", after.Test.Error(), after.Learn.Within(), before.Learn.Within())
		}
		again, err := angles.Learn(b, corners(), recipe, 60)
		if err != nil || again[0].Value != after.Value {
			t.Errorf("the same seed gives a loss of %v, want %v (%v)", again[0].Value, after.Value, err)
		}
		m, err := after.Map(b, "map", after.Test)
		if err != nil || len(m.Sectors) != 3 || len(m.Points) != 6 {
			t.Errorf("the map has %d sectors and %d points, want 3 and 6 (%v)", len(m.Sectors), len(m.Points), err)
		}
	})
}

func TestGapIsTheMargin(t *testing.T) {
	for _, c := range []struct {
		name        string
		loss        losses.Loss
		apart, want float64
	}{
		{"NormFace has none", losses.NormFace{Gamma: 16}, 90, 0},
		{"ArcFace's does not depend", losses.ArcFace{Margin: 20 * math.Pi / 180, Gamma: 16}, 70, 20},
		{"and may be wider", losses.AMSoftmax{Margin: 0.35, Gamma: 16}, 30, 2 * math.Asin(0.175/math.Sin(math.Pi/12)) * 180 / math.Pi},
		{"SphereFace's is a proportion", losses.SphereFace{Margin: 2}, 90, 30},
	} {
		got, ok, err := angles.Recipe{Loss: c.loss, Similarity: losses.Cosine}.Gap(backendtest.Go(t), c.apart, 1)
		if err != nil || !ok || math.Abs(got-c.want) > 0.02 {
			t.Errorf("%s: gap of %g° (%t, %v), want %g°", c.name, got, ok, err, c.want)
		}
	}
}

func TestGapOfWhatCannotBe(t *testing.T) {
	arc := angles.Recipe{Loss: losses.ArcFace{Margin: 1, Gamma: 16}, Similarity: losses.Cosine}
	if gap, ok, err := arc.Gap(backendtest.Go(t), 40, 1); ok || err != nil {
		t.Errorf("a margin of 57° between vectors 40° apart leaves a gap of %g° (%v), want none", gap, err)
	}
}

func TestMeasuresOfKnownAngles(t *testing.T) {
	at := func(degrees float64) viz.Point {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		return viz.Point{X: 3 * cos, Y: 3 * sin}
	}
	e := angles.Embedded{Points: []viz.Point{at(-10), at(10), at(170), at(190), at(50)}, Labels: []int32{0, 0, 1, 1, 2}}
	if got := e.Within(); math.Abs(got-8) > 1e-9 {
		t.Errorf("Within() = %g, want 8: four at 10° and one at 0", got)
	}
	if got := e.Nearest(); math.Abs(got-50) > 1e-9 {
		t.Errorf("Nearest() = %g, want 50", got)
	}
	if got := (angles.Embedded{Labels: []int32{0, 1}, Predicted: []int32{0, 0}}).Error(); got != 0.5 {
		t.Errorf("Error() = %g, want one of two", got)
	}
}

func TestTargetOfArcFaceIsTheShiftedCosine(t *testing.T) {
	curve, err := angles.Target(backendtest.Go(t), "ArcFace", losses.ArcFace{Margin: 0.5, Gamma: 16}, 16)
	if err != nil {
		t.Fatal(err)
	}
	for i, angle := range curve.X {
		if theta := angle * math.Pi / 180; theta <= math.Pi-0.5 && math.Abs(curve.Mean[i]-math.Cos(theta+0.5)) > 1e-6 {
			t.Errorf("target at %g° = %g, want %g", angle, curve.Mean[i], math.Cos(theta+0.5))
		}
	}
}

func TestLearnRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		loss  losses.Loss
		steps []int
		want  string
	}{
		{"steps that fall", losses.Softmax{}, []int{5, 2}, "must rise"},
		{"an invalid loss", losses.ArcFace{}, []int{1}, "Gamma"},
	} {
		recipe := angles.Recipe{Name: "x", Loss: c.loss, Similarity: losses.Cosine}
		if _, err := angles.Learn(backendtest.Go(t), corners(), recipe, c.steps...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

// A passage ends beyond the boundary where all can be learnt, and each drawing that has come over it was noted on its way.
func TestCrossNotesThePassage(t *testing.T) {
	recipe := angles.Recipe{Name: "AM-Softmax", Loss: losses.AMSoftmax{Margin: 0.25, Gamma: 20}}
	within := func(s viz.ScorePair) bool { return s.Sp-s.Sn > 0.25 }
	p, err := angles.Cross(backendtest.Go(t), corners(), recipe, 200, within)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Ends) != len(corners().Learn.Labels) || len(p.Crossed) == 0 {
		t.Fatalf("%d ends of %d drawings and %d crossings", len(p.Ends), len(corners().Learn.Labels), len(p.Crossed))
	}
	for _, s := range append(p.Crossed, p.Ends...) {
		if !within(s) {
			t.Errorf("(%g, %g) is not beyond the boundary", s.Sn, s.Sp)
		}
	}
}
