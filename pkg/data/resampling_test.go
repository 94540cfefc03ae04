package data_test

import (
	"math"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// A picture is resized as Pillow does by Image.resize((size, size), Image.BILINEAR) of a picture of mode F.
func TestBilinear(t *testing.T) {
	m := data.Image{Width: 4, Height: 3, Pixels: []float32{0, 10, 40, 90, 20, 30, 50, 70, 80, 60, 10, 0}}
	for size, want := range map[int][]float64{
		2: {16.96430, 56.60710, 49.10710, 28.92860},
		3: {3, 25, 75, 23, 40, 64, 74, 35, 3},
		5: {0, 7, 25, 55, 90, 8, 15, 31, 55.4, 82, 20, 27, 40, 56, 70, 56, 50.4, 37, 26.6, 28, 80, 66, 35, 7, 0},
	} {
		got := data.ResamplingBilinear.Resize(m, size)
		if got.Width != size || got.Height != size || len(got.Pixels) != len(want) {
			t.Fatalf("size %d: %v", size, got)
		}
		for i := range want {
			if math.Abs(float64(got.Pixels[i])-want[i]) > 1e-4 {
				t.Errorf("size %d, pixel %d: %g, want %g", size, i, got.Pixels[i], want[i])
			}
		}
	}
}

func TestResampling(t *testing.T) {
	for r, known := range map[data.Resampling]bool{data.ResamplingArea: true, data.ResamplingBilinear: true, "bicubic": false} {
		if err := r.Validate(); (err == nil) != known {
			t.Errorf("%q: %v", r, err)
		}
	}
	m := data.Image{Width: 2, Height: 1, Pixels: []float32{0, 1}}
	p := data.Preparation{Size: 4, Channels: 1, Resampling: data.ResamplingBilinear}
	if got := p.Of(m).Pixels[:4]; got[1] != 0.25 || got[2] != 0.75 {
		t.Errorf("a row of 0 and 1 is %v in four pixels", got)
	}
}
