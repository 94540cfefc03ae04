package viz_test

import (
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// Two class vectors at 0° and 90°: each class's edge next to the other is where the two targets are equal, known in closed form.
func TestClassSectorsAreTheMargins(t *testing.T) {
	const degree = math.Pi / 180
	weights := [][]float64{{1, 0}, {0, 1}}
	am := 0.35
	for name, c := range map[string]struct {
		loss losses.Loss
		want float64 // the upper edge of class 0, in degrees
	}{
		"NormFace": {losses.NormFace{Gamma: 30}, 45},
		// cos(θ + m) = cos(90° − θ) at θ = 45° − m/2
		"ArcFace": {losses.ArcFace{Margin: 20 * degree, Gamma: 30}, 35},
		// cos θ − m = sin θ, that is √2 cos(θ + 45°) = m
		"AM-Softmax": {losses.AMSoftmax{Margin: am, Gamma: 30}, math.Acos(am/math.Sqrt2)/degree - 45},
		// cos 2θ = cos(90° − θ) at θ = 30°
		"SphereFace": {losses.SphereFace{Margin: 2}, 30},
	} {
		sectors, err := viz.ClassSectors(backendtest.Go(t), c.loss, losses.Cosine, weights, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(sectors) != 2 || sectors[0].Class != 0 || sectors[1].Class != 1 {
			t.Fatalf("%s: sectors %+v, want one a class", name, sectors)
		}
		edge := math.Mod(sectors[0].To/degree, 360)
		if math.Abs(edge-c.want) > 0.01 {
			t.Errorf("%s: class 0 ends at %.3f°, want %.3f°", name, edge, c.want)
		}
		other := 90 - math.Mod(sectors[1].From/degree, 360)
		if math.Abs(other-c.want) > 0.01 {
			t.Errorf("%s: class 1 ends %.3f° from its vector, want %.3f°", name, other, c.want)
		}
	}
}

func TestClassSectorsReject(t *testing.T) {
	good := [][]float64{{1, 0}, {0, 1}}
	for name, c := range map[string]struct {
		loss    losses.Loss
		weights [][]float64
		length  float64
		want    string
	}{
		"one class":   {losses.Softmax{}, good[:1], 1, "at least 2 class vectors"},
		"three long":  {losses.Softmax{}, [][]float64{{1, 0}, {1, 2, 3}}, 1, "class vector 1 must have 2 numbers"},
		"NaN vector":  {losses.Softmax{}, [][]float64{{1, 0}, {math.NaN(), 0}}, 1, "class vector 1 [0] is NaN"},
		"no length":   {losses.Softmax{}, good, 0, "length must be"},
		"NaN loss":    {broken{}, good, 1, "Log in viz_test.broken.PerAnchor"},
		"bad setting": {losses.ArcFace{}, good, 1, "Gamma"},
	} {
		_, err := viz.ClassSectors(backendtest.Go(t), c.loss, losses.Cosine, c.weights, c.length)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}
