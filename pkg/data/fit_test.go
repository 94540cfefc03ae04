package data_test

import (
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func TestFit(t *testing.T) {
	wide := data.Image{Width: 4, Height: 1, Pixels: []float32{1, 2, 3, 4}}
	high := data.Image{Width: 1, Height: 3, Pixels: []float32{1, 2, 3}}
	colour := data.Image{Width: 2, Height: 1, Pixels: []float32{1, 2, 3, 4, 5, 6}}
	for _, test := range []struct {
		fit    data.Fit
		m      data.Image
		side   int
		pixels []float32
	}{
		{data.FitCrop, wide, 1, []float32{2}},
		{data.FitCrop, high, 1, []float32{2}},
		{data.FitCrop, colour, 1, []float32{1, 2, 3}},
		{data.FitPad, wide, 4, []float32{0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0}},
		{data.FitPad, high, 3, []float32{0, 1, 0, 0, 2, 0, 0, 3, 0}},
		{data.FitPad, colour, 2, []float32{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0}},
	} {
		got := test.fit.Square(test.m)
		if got.Width != test.side || got.Height != test.side || !slices.Equal(got.Pixels, test.pixels) {
			t.Errorf("%s of %v: %v, want %v", test.fit, test.m, got, test.pixels)
		}
	}
	for _, fit := range []data.Fit{data.FitSqueeze, data.FitCrop, data.FitPad} {
		if got := fit.Square(data.Image{Width: 1, Height: 1, Pixels: []float32{7}}); got.Pixels[0] != 7 || fit.Validate() != nil {
			t.Errorf("%s: %v", fit, got)
		}
	}
	if got := data.FitSqueeze.Square(wide); !same(got, wide) {
		t.Errorf("squeezed: %v", got)
	}
	expect(t, data.Fit("corp").Validate(), `unknown way "corp"`, "did you mean crop?")
	p := &data.PairBatches{Dataset: newPlain(2, 2), Classes: 2, PerClass: 1, Size: 1, Fit: "corp"}
	expect(t, p.Validate(), "corp")
	p.Fit, p.Steps = data.FitCrop, 1
	for k, x := range take(t, p, 1)[0].pixels { // the left of two pixels, which is the image's number; squeezed it would be mixed
		if x != float32(int(x)) || x < 0 {
			t.Errorf("example %d is %g", k, x)
		}
	}
}
