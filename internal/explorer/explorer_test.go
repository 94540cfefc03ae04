package explorer_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/explorer"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// paperSetting is a loss as its paper sets it.
func paperSetting(s explorer.Shown) explorer.Setting {
	return explorer.Setting{Loss: s.Name, Measure: s.Measure, Negatives: 3, Others: 0.3, Steps: 5}
}

// onPlane lists the losses that are a function of one anchor's scores.
func onPlane(b compute.Backend) []explorer.Shown {
	shown, _ := explorer.Losses(b)
	return slices.DeleteFunc(shown, func(s explorer.Shown) bool { return !s.Plane })
}

// The whole catalogue is on the plane or refused with a reason.
func TestLosses(t *testing.T) {
	_, others := explorer.Losses(backendtest.Go(t))
	shown := onPlane(backendtest.Go(t))
	if got, want := len(shown)+len(others), len(losses.Catalogue()); got != want {
		t.Errorf("%d losses are shown or refused, the catalogue has %d", got, want)
	}
	for _, name := range []string{"circle", "unified", "am-softmax", "triplet", "contrastive", "margin", "multi-similarity", "n-pair", "nt-xent", "generalized-lifted"} {
		if !slices.ContainsFunc(shown, func(s explorer.Shown) bool { return s.Name == name }) {
			t.Errorf("%s is not shown", name)
		}
	}
	for _, other := range others {
		if !strings.Contains(other, "looks at ") {
			t.Errorf("refused without a reason that a reader can understand: %s", other)
		}
	}
}

// Every end of every slider, and every word, is accepted by the loss.
func TestParameters(t *testing.T) {
	shown, _ := explorer.Losses(backendtest.Go(t))
	for _, s := range shown {
		entry, err := losses.Find(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range s.Parameters {
			values := append([]string{p.Default}, p.Words...)
			switch p.Kind {
			case "number", "whole":
				middle, err := strconv.ParseFloat(p.Default, 64)
				if err != nil || !(p.Low <= middle && middle <= p.High && p.Low < p.High) || p.Log && p.Low <= 0 {
					t.Errorf("%s: %s goes from %g to %g round %s", s.Name, p.Name, p.Low, p.High, p.Default)
				}
				values = append(values, strconv.FormatFloat(p.Low, 'g', -1, 64), strconv.FormatFloat(p.High, 'g', -1, 64))
			case "word":
				if !slices.Contains(p.Words, p.Default) {
					t.Errorf("%s: the words of %s are %q, without the default %q", s.Name, p.Name, p.Words, p.Default)
				}
			}
			for _, value := range values {
				if _, err := entry.With(map[string]string{p.Name: value}); err != nil {
					t.Errorf("%s: %s = %s: %v", s.Name, p.Name, value, err)
				}
			}
		}
	}
}

// The value is what the loss makes of vectors at these angles under its paper's own similarity; the gradient is that of the
// loss at the similarity, times the slope of the similarity in the cosine.
func TestAnswerIsTheLosses(t *testing.T) {
	b := backendtest.Go(t)
	points := [][2]float64{{0.1, 0.3}, {0.7, 0.9}, {0.45, 0.7}, {-0.2, 0.55}}
	for _, s := range onPlane(b) {
		setting := paperSetting(s)
		setting.Points = points
		answer, err := explorer.Ask(b, setting)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		entry, err := losses.Find(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		see, slope := sight(s.Measure)
		for i, p := range points {
			near(t, s.Name+": L", answer.Points.Value[i], onVectors(t, b, entry, p[1], p[0], 0.3, 0.3))
			want, err := viz.Gradients(b, entry.Default, []viz.ScorePair{{Sn: see(p[0]), Sp: see(p[1])}}, see(0.3), see(0.3))
			if err != nil {
				t.Fatal(err)
			}
			near(t, s.Name+": ∂L/∂s_n", answer.Points.Sn[i], want[0].Sn*slope(p[0]))
			near(t, s.Name+": ∂L/∂s_p", answer.Points.Sp[i], want[0].Sp*slope(p[1]))
		}
	}
}

// sight is a measure as a function of the cosine, and its derivative.
func sight(measure string) (see, slope func(c float64) float64) {
	switch measure {
	case "distance":
		return func(c float64) float64 { return -math.Sqrt(2 - 2*c) }, func(c float64) float64 { return 1 / math.Sqrt(2-2*c) }
	case "squared distance":
		return func(c float64) float64 { return 2*c - 2 }, func(float64) float64 { return 2 }
	}
	return func(c float64) float64 { return c }, func(float64) float64 { return 1 }
}

// onVectors is the loss of an anchor with a positive and negatives at given cosines: vectors of length 1 whose numbers have a
// mean of 0, so that the signal-to-noise ratio sees angles too.
func onVectors(t *testing.T, b compute.Backend, entry losses.Entry, cosines ...float64) float64 {
	t.Helper()
	x, y := [3]float64{1 / math.Sqrt2, -1 / math.Sqrt2, 0}, [3]float64{1 / math.Sqrt(6), 1 / math.Sqrt(6), -2 / math.Sqrt(6)}
	var others []float64
	labels := make([]int32, len(cosines))
	for i, c := range cosines {
		labels[i] = int32(min(i, 1))
		for k := range 3 {
			others = append(others, c*x[k]+math.Sqrt(1-c*c)*y[k])
		}
	}
	exec, err := graph.NewExec(b, func(labels, anchors, otherLabels, others *graph.Node) *graph.Node {
		return entry.Default.PerAnchor(losses.PairsAgainst(labels, anchors, otherLabels, others, entry.Similarity))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call([]int32{0}, tensors.FromFlatDataAndDimensions(x[:], 1, 3), labels, tensors.FromFlatDataAndDimensions(others, len(cosines), 3))
	if err != nil {
		t.Fatalf("%s: %v", entry.Name, err)
	}
	return out[0].Value().([]float64)[0]
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
		t.Errorf("%s = %.12g, want %.12g", what, got, want)
	}
}

// The boundary is the paper's where the paper has one, also with more negatives and where the loss underflows far behind it.
func TestBoundary(t *testing.T) {
	const m = 0.25
	for name, c := range map[string]struct {
		setting explorer.Setting
		about   string
		off     func(sn, sp float64) float64 // 0 on the boundary
	}{
		"circle": {explorer.Setting{Loss: "circle", Parameters: map[string]string{"margin": "0.25", "gamma": "80"}}, "log 2",
			func(sn, sp float64) float64 { return math.Hypot(sn, sp-1) - math.Sqrt2*m }},
		"unified": {explorer.Setting{Loss: "unified", Parameters: map[string]string{"margin": "0.25", "gamma": "8000"}}, "log 2",
			func(sn, sp float64) float64 { return sn - sp + m }},
		"triplet": {explorer.Setting{Loss: "triplet", Parameters: map[string]string{"margin": "0.25"}}, "L = 0",
			func(sn, sp float64) float64 { return sn - sp + m }},
		"8 negatives": {explorer.Setting{Loss: "am-softmax", Parameters: map[string]string{"margin": "0.25", "gamma": "20"}, Negatives: 8, Others: 0.3}, "log 2",
			func(sn, sp float64) float64 {
				return math.Log(math.Exp(20*(sn+m))+7*math.Exp(20*(0.3+m)))/20 - sp
			}},
	} {
		c.setting.Measure, c.setting.Steps, c.setting.Negatives = "cosine", 33, max(1, c.setting.Negatives)
		answer, err := explorer.Ask(backendtest.Go(t), c.setting)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(answer.Boundary.About, c.about) || len(answer.Boundary.Segments) < 10 {
			t.Errorf("%s: %d pieces of %q, want at least 10 of %s", name, len(answer.Boundary.Segments), answer.Boundary.About, c.about)
		}
		for _, s := range answer.Boundary.Segments {
			if off := max(math.Abs(c.off(s[0], s[1])), math.Abs(c.off(s[2], s[3]))); off > 1e-3 {
				t.Fatalf("%s: a piece of the boundary, %v, is off by %g", name, s, off)
			}
		}
	}
}

// What cannot be asked is refused in words.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name    string
		setting explorer.Setting
		want    string
	}{
		{"misspelt loss", explorer.Setting{Loss: "cirle"}, "did you mean circle?"},
		{"parameter of 0", explorer.Setting{Loss: "circle", Parameters: map[string]string{"gamma": "0"}}, "Gamma must be a number"},
		{"empty parameter", explorer.Setting{Loss: "circle", Parameters: map[string]string{"gamma": ""}}, "want a number"},
		{"parameter that is fixed", explorer.Setting{Loss: "triplet", Parameters: map[string]string{"swap": "true"}}, "as it is set"},
		{"unknown measure", explorer.Setting{Loss: "circle", Measure: "ells"}, "unknown measure"},
		{"no negatives", explorer.Setting{Loss: "circle", Measure: "cosine", Steps: 9}, "number of negatives"},
		{"no steps", explorer.Setting{Loss: "circle", Measure: "cosine", Negatives: 1}, "2 to 129 steps"},
		{"grid without extent", explorer.Setting{Loss: "circle", Measure: "cosine", Negatives: 1, Steps: 9, Low: 1}, "below 1"},
		{"not a number", explorer.Setting{Loss: "circle", Measure: "cosine", Negatives: 1, Steps: 9, Others: math.NaN()}, "other negatives"},
		{"point outside", explorer.Setting{Loss: "circle", Measure: "cosine", Negatives: 1, Steps: 9, Points: [][2]float64{{2, 0}}}, "point 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := explorer.Ask(backendtest.Go(t), c.setting); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v: %v, want an error with %q", c.setting, err, c.want)
			}
		})
	}
}
