package viz_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/viz"
)

// round is a clip whose embeddings go round a circle, seen at a moment.
func round(at int) viz.Clip {
	frame := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range 8 {
		frame.SetGray(i, i, color.Gray{Y: uint8(30 * i)})
	}
	c := viz.Clip{Title: "Its place", Frame: frame, At: at}
	for i := range 36 {
		sin, cos := math.Sincos(float64(i) * math.Pi / 18)
		c.Points, c.Phase = append(c.Points, viz.Point{X: cos, Y: sin}), append(c.Phase, float64(i)*math.Pi/18)
		if i%2 == 0 {
			c.Way = append(c.Way, i)
		}
	}
	return c
}

func ExampleClipMoment() {
	figure, err := viz.ClipMoment(round(4))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/clipmoment.png"); err != nil {
		fmt.Println(err)
	}
}

func TestClipMomentRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*viz.Clip)
		want   string
	}{
		"no frame":           {func(c *viz.Clip) { c.Frame = nil }, "frame is nil"},
		"a phase too few":    {func(c *viz.Clip) { c.Phase = c.Phase[1:] }, "as many phases as points"},
		"a phase of NaN":     {func(c *viz.Clip) { c.Phase[3] = math.NaN() }, "phase 3 must be finite"},
		"past the end":       {func(c *viz.Clip) { c.At = 18 }, "At must be one of"},
		"a way out of sight": {func(c *viz.Clip) { c.Way[0] = 99 }, "point 99 of 36"},
	} {
		clip := round(0)
		c.change(&clip)
		if _, err := viz.ClipMoment(clip); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}
