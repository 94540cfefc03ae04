package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/unipair/unipair/internal/suggest"
)

// Resampling tells how a picture is resized.
type Resampling string

// The ways to resize a picture.
const (
	// ResamplingArea makes each pixel the mean of what it covers, see [Resize]. What is enlarged stays made of squares.
	ResamplingArea Resampling = ""
	// ResamplingBilinear takes the mean by a triangle two pixels wide, as Pillow and torchvision do before networks.
	ResamplingBilinear Resampling = "bilinear"
)

// Validate returns an error that says which ways there are.
func (r Resampling) Validate() error {
	known := []string{"", string(ResamplingBilinear)}
	if !slices.Contains(known, string(r)) {
		return fmt.Errorf("data: unknown way %q to resize a picture, empty is by area: %s", r, suggest.For(string(r), known[1:]))
	}
	return nil
}

// Resize returns the picture with width and height of size pixels. It panics where [Resize] does.
func (r Resampling) Resize(m Image, size int) Image {
	if r == ResamplingArea || size < 1 || m.validate() != nil || m.Width == size && m.Height == size {
		return Resize(m, size)
	}
	return m.weighted(triangles(m.Width, size), triangles(m.Height, size))
}

// triangles weighs an axis of from pixels for each of to pixels, by a triangle round the pixel's middle. It reaches as far as the larger
// of a pixel of either: nothing is skipped where a picture is made smaller. At the edges what is outside has no weight.
func triangles(from, to int) []share {
	spans := make([]share, to)
	scale := float64(from) / float64(to)
	reach := max(scale, 1)
	for i := range spans {
		middle := (float64(i) + 0.5) * scale
		first := max(0, int(middle-reach+0.5))
		last := min(from, int(middle+reach+0.5))
		weights, sum := make([]float64, 0, last-first), 0.0
		for j := first; j < last; j++ {
			w := max(0, 1-math.Abs(float64(j)+0.5-middle)/reach)
			weights, sum = append(weights, w), sum+w
		}
		for j := range weights {
			weights[j] /= sum
		}
		spans[i] = share{first, weights}
	}
	return spans
}
