package walker_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/notebooks/annotate"
	"github.com/unipair/unipair/notebooks/walker"
	"github.com/unipair/unipair/pkg/losses"
)

// Every person has a walk of the same kind and a body and a pace of their own, and the same seed draws the same people.
func TestClips(t *testing.T) {
	clips, again := walker.Clips(1, 3), walker.Clips(1, 3)
	for i, c := range clips {
		if len(c.Frames) != walker.Long || len(c.Phase) != walker.Long || c.Period < 16 || c.Period > 30 {
			t.Fatalf("clip %d has %d frames, %d phases, a period of %g", i, len(c.Frames), len(c.Phase), c.Period)
		}
		if got := c.Phase[10] - c.Phase[0]; math.Abs(got-2*math.Pi*10/c.Period) > 1e-9 {
			t.Errorf("clip %d: ten frames are %g radians", i, got)
		}
		ink := 0.0
		for _, x := range c.Frames[0] {
			if x < 0 || x > 1 {
				t.Fatalf("ink of %g", x)
			}
			ink += float64(x)
		}
		if ink < 30 || ink > 200 {
			t.Errorf("clip %d has %g pixels of ink, no stick figure", i, ink)
		}
		if !slices.Equal(c.Frames[7], again[i].Frames[7]) {
			t.Error("the same seed drew another clip")
		}
	}
	if slices.Equal(clips[0].Frames[0], clips[1].Frames[0]) {
		t.Error("two people are one")
	}
}

// phases embeds each frame as the unit vector at the angle of its phase.
func phases(clips []walker.Clip) (flat []float32) {
	for _, c := range clips {
		for _, phase := range c.Phase {
			sin, cos := math.Sincos(phase)
			flat = append(flat, float32(cos), float32(sin))
		}
	}
	return flat
}

// The exam by hand: two clips whose frames are unit vectors at the angle of their phase are told apart without an error but for the nearest
// frame's own distance; shuffled ones are wrong by about a right angle.
func TestPhaseError(t *testing.T) {
	clips := walker.Clips(2, 4)
	flat := phases(clips)
	if got := walker.NewEmbedded(clips, 2, slices.Clone(flat)).PhaseError(); got > 6 {
		t.Errorf("an embedding of the phase itself is wrong by %g°", got)
	}
	for i := range flat {
		flat[i] = float32(math.Sin(float64(i*i) * 0.7))
	}
	if got := walker.NewEmbedded(clips, 2, flat).PhaseError(); got < 70 || got > 110 {
		t.Errorf("an embedding of nothing is wrong by %g°, want about 90", got)
	}
}

// The more frames are labelled, the better; whole periods apart frames are alike again.
func TestLabelledAndApart(t *testing.T) {
	clips := walker.Clips(3, 6)
	flat := phases(clips)
	e := walker.NewEmbedded(clips, 2, flat)
	few, many := e.Labelled(annotate.KCentre(), 3, 0), e.Labelled(annotate.KCentre(), 24, 0)
	if !(many < few && many < 12) {
		t.Errorf("errors %g with 3 labels and %g with 24", few, many)
	}
	c := e.Apart("x")
	if !(c.Mean[12] > 0.9 && c.Mean[6] < -0.8) {
		t.Errorf("similarity %g half a period apart and %g a period apart", c.Mean[6], c.Mean[12])
	}
}

// A short training on the pure-Go backend learns from time, the same from the same seed, and refuses what is no window.
func TestLearn(t *testing.T) {
	t.Setenv(quick.Variable, "1")
	learn, exam := walker.Clips(1, 10), walker.Clips(2, 4)
	l, err := walker.NewLearner(backendtest.Go(t), "unified", losses.Unified{Gamma: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Finalize()
	before, err := l.Untrained(1, exam)
	if err != nil {
		t.Fatal(err)
	}
	var errors []float64
	for _, time := range []walker.Time{{Window: 1}, {Window: 1}, {Window: 1, Others: true}, {Window: 1, Reach: 8}} {
		e, err := l.Learn(learn, time, 1, exam)
		if err != nil {
			t.Fatal(err)
		}
		errors = append(errors, e.PhaseError())
	}
	if errors[0] != errors[1] {
		t.Errorf("two trainings of one seed give %g and %g", errors[0], errors[1])
	}
	if errors[0] >= before.PhaseError() {
		t.Errorf("the error went from %g to %g", before.PhaseError(), errors[0])
	}
	if errors[2] == errors[0] || errors[3] == errors[0] {
		t.Errorf("other negatives make no difference: %v", errors)
	}
	for _, window := range []int{0, 31} {
		if _, err := l.Learn(learn, walker.Time{Window: window}, 0, exam); err == nil || !strings.Contains(err.Error(), "a window of 1 to 30") {
			t.Errorf("window %d: %v", window, err)
		}
	}
	if _, err := walker.NewLearner(backendtest.Go(t), "circle", losses.Circle{}); err == nil {
		t.Error("a loss without a scale was taken")
	}
}

// A quick contest has one setting, and the same figures as a training by hand.
func TestEnter(t *testing.T) {
	t.Setenv(quick.Variable, "1")
	f := walker.Family{Name: "unified", Margins: []float64{0.4, 0}, Scales: []float64{8, 4}, Loss: func(m, gamma float64) losses.Loss { return losses.Unified{Margin: m, Gamma: gamma} }}
	learn, tuning, exam := walker.Clips(1, 8), walker.Clips(2, 2), walker.Clips(3, 2)
	c, err := f.Enter(backendtest.Go(t), learn, walker.Time{}, []int{2}, tuning, exam)
	if err != nil {
		t.Fatal(err)
	}
	l, err := walker.NewLearner(backendtest.Go(t), "by hand", losses.Unified{Margin: 0.4, Gamma: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Finalize()
	for _, part := range []struct {
		of   string
		got  float64
		exam []walker.Clip
	}{{"tuning", c.Chosen[0].Error, tuning}, {"exam", c.Errors[0][0], exam}} {
		e, err := l.Learn(learn, walker.Time{Window: 2}, 0, part.exam)
		if err != nil {
			t.Fatal(err)
		}
		if want := e.PhaseError(); part.got != want {
			t.Errorf("%s: %g, by hand %g", part.of, part.got, want)
		}
	}
	if s := c.Chosen[0]; s.Margin != 0.4 || s.Gamma != 8 || len(c.Chosen) != 1 || c.Curve.Mean[0] != c.Errors[0][0] {
		t.Errorf("got %+v", c)
	}
}
