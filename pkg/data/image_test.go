package data_test

import (
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func TestResize(t *testing.T) {
	m := data.Image{Width: 3, Height: 2, Pixels: []float32{1, 0, 0, 0, 0.5, 1}}
	for size, want := range map[int][]float32{
		1: {2.5 / 6},
		2: {2. / 3, 0, 0.5 / 3, 2.5 / 3},
		6: {
			1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0,
			0, 0, .5, .5, 1, 1, 0, 0, .5, .5, 1, 1, 0, 0, .5, .5, 1, 1,
		},
	} {
		got := data.Resize(m, size)
		if got.Width != size || got.Height != size || len(got.Pixels) != len(want) {
			t.Fatalf("size %d: %v", size, got)
		}
		for i := range want {
			if math.Abs(float64(got.Pixels[i]-want[i])) > 1e-7 {
				t.Errorf("size %d, pixel %d: %g, want %g", size, i, got.Pixels[i], want[i])
			}
		}
	}
}

func TestResizeKeepsTheMean(t *testing.T) {
	ds := glyphs(t, data.GlyphsConfig{Classes: 5, PerClass: 2, Size: 105})
	for i := range ds.Len() {
		m := picture(t, ds, i)
		for _, size := range []int{1, 14, 28, 35, 104, 105, 106, 211} {
			if got, want := mean(data.Resize(m, size).Pixels), mean(m.Pixels); math.Abs(got-want) > 1e-7 {
				t.Errorf("image %d at %d pixels has the mean %g, want %g", i, size, got, want)
			}
		}
		if resized := data.Resize(m, 105); !same(resized, m) || &resized.Pixels[0] == &m.Pixels[0] {
			t.Errorf("image %d changes at its own size, or is shared", i)
		}
	}
}

// TestResizeIsExact compares with the definition: when each pixel is first repeated, so that a new pixel covers whole ones, it is
// their mean.
func TestResizeIsExact(t *testing.T) {
	m := picture(t, glyphs(t, data.GlyphsConfig{Classes: 1, PerClass: 1, Size: 105}), 0)
	for _, test := range []struct{ size, repeat, covers int }{{35, 1, 3}, {28, 4, 15}, {14, 2, 15}, {70, 2, 3}} {
		got := data.Resize(m, test.size)
		for y := range test.size {
			for x := range test.size {
				sum := 0.0
				for v := y * test.covers; v < (y+1)*test.covers; v++ {
					for u := x * test.covers; u < (x+1)*test.covers; u++ {
						sum += float64(m.Pixels[v/test.repeat*105+u/test.repeat])
					}
				}
				want := sum / float64(test.covers*test.covers)
				if math.Abs(float64(got.Pixels[y*test.size+x])-want) > 1e-7 {
					t.Fatalf("105 to %d, pixel (%d, %d): %g, want %g", test.size, x, y, got.Pixels[y*test.size+x], want)
				}
			}
		}
	}
}

func TestResizePanics(t *testing.T) {
	square := func(pixels ...float32) data.Image { return data.Image{Width: 2, Height: 2, Pixels: pixels} }
	nan, infinite := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name string
		of   data.Image
		size int
		want string
	}{
		{"size 0", square(0, 1, 0, 1), 0, "size must be at least 1, got 0"},
		{"no pixels", data.Image{}, 3, "an image of 0×0 pixels has 0 values"},
		{"few pixels", square(0, 1, 0), 3, "an image of 2×2 pixels has 3 values"},
		{"no number", square(0, 1, nan, 1), 3, "pixel (0, 1) of an image is NaN"},
		{"an infinite number", square(0, 1, infinite, 1), 3, "pixel (0, 1) of an image is +Inf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if err, _ := recover().(error); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("panics with %v, want %q", err, c.want)
				}
			}()
			data.Resize(c.of, c.size)
		})
	}
}

func mean(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return sum / float64(len(values))
}
