package data_test

import (
	"math"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// photo is a picture in colour, different everywhere.
func photo(width, height int) data.Image {
	m := data.Image{Width: width, Height: height}
	for y := range height {
		for x := range width {
			m.Pixels = append(m.Pixels, float32(x)/float32(width), float32(y)/float32(height), float32(x+y)/float32(width+height))
		}
	}
	return m
}

func flat(width, height int, pixel ...float32) data.Image {
	return data.Image{Width: width, Height: height, Pixels: slices.Repeat(pixel, width*height)}
}

func TestFlip(t *testing.T) {
	m := photo(7, 3)
	mirrored, times := picture(t, data.Mirrored(single{m}), 1), 0
	for example := range uint64(400) {
		got := data.Augment{Flip: true}.Apply(m, 1, example)
		switch {
		case same(got, mirrored):
			times++
		case !same(got, m):
			t.Fatalf("example %d is neither", example)
		}
	}
	if times < 160 || times > 240 {
		t.Errorf("mirrored %d of 400 times", times)
	}
}

// single is a set of one picture.
type single struct{ of data.Image }

func (single) Name() string                    { return "single" }
func (single) Len() int                        { return 1 }
func (single) Classes() []string               { return []string{"a"} }
func (single) Label(int) int                   { return 0 }
func (s single) Format() data.Format           { return data.Format{Channels: s.of.Channels()} }
func (s single) Image(int) (data.Image, error) { return s.of, nil }

// TestCrop: what is left has an area from 1 − Crop to 1, and lies anywhere in the picture.
func TestCrop(t *testing.T) {
	// In a picture whose red is x and whose green is y, the spread of each says how much of it is seen.
	m := photo(200, 200)
	least, most, leftmost, rightmost := 1., 0., 1., 0.
	for example := range uint64(500) {
		got := data.Augment{Crop: 0.75, CropLogAspect: math.Log(4. / 3)}.Apply(m, 2, example)
		if got.Width != 200 || got.Height != 200 || got.Channels() != 3 {
			t.Fatalf("%d × %d", got.Width, got.Height)
		}
		last := got.Pixels[len(got.Pixels)-3:]
		left, right, top, bottom := float64(got.Pixels[0]), float64(last[0]), float64(got.Pixels[1]), float64(last[1])
		area := (right - left) * (bottom - top)
		least, most, leftmost, rightmost = min(least, area), max(most, area), min(leftmost, left), max(rightmost, right)
		if ratio := (right - left) / (bottom - top); ratio < 0.72 || ratio > 1.38 {
			t.Errorf("example %d has the aspect %g", example, ratio)
		}
	}
	if least < 0.23 || least > 0.3 || most < 0.93 || leftmost > 0.01 || rightmost < 0.98 {
		t.Errorf("areas from %g to %g, from %g to %g", least, most, leftmost, rightmost)
	}
}

// TestColour measures each field alone by what it does to a plain colour.
func TestColour(t *testing.T) {
	rose := flat(2, 2, 0.6, 0.4, 0.4)
	gray := 0.299*0.6 + (0.587+0.114)*0.4
	for name, test := range map[string]struct {
		augment data.Augment
		image   data.Image
		measure func(pixel []float32) float64
		limit   float64
	}{
		"brightness": {data.Augment{Brightness: 0.3}, rose, func(p []float32) float64 { return float64(p[0])/0.6 - 1 }, 0.3},
		"saturation": {data.Augment{Saturation: 0.3}, rose, func(p []float32) float64 { return (float64(p[0])-gray)/(0.6-gray) - 1 }, 0.3},
		"contrast": {data.Augment{Contrast: 0.3}, data.Image{Width: 2, Height: 1, Pixels: []float32{0.6, 0.4}},
			func(p []float32) float64 { return (float64(p[0])-0.5)/0.1 - 1 }, 0.3},
		"hue": {data.Augment{Hue: 0.1}, rose, func(p []float32) float64 { // less than a sixth to either side: green or blue rises
			return (float64(p[1]) - float64(p[2])) / 0.2 / 6
		}, 0.1},
	} {
		lowest, highest := math.Inf(1), math.Inf(-1)
		for example := range uint64(400) {
			got := test.augment.Apply(test.image, 4, example)
			x := test.measure(got.Pixels)
			lowest, highest = min(lowest, x), max(highest, x)
			if slices.Min(got.Pixels) < 0 || slices.Max(got.Pixels) > 1 {
				t.Fatalf("%s: %v", name, got.Pixels)
			}
		}
		if slack := 0.03 * test.limit; math.Abs(highest-test.limit) > slack || math.Abs(lowest+test.limit) > slack {
			t.Errorf("%s: from %g to %g, want ± %g", name, lowest, highest, test.limit)
		}
	}
	// Half a turn makes cyan of red, and nothing of gray.
	for example := range uint64(50) {
		turned := data.Augment{Hue: 0.5}.Apply(flat(1, 1, 0.5, 0.5, 0.5), 1, example)
		if !near(turned.Pixels, []float32{0.5, 0.5, 0.5}) {
			t.Errorf("gray becomes %v", turned.Pixels)
		}
	}
	if dark := (data.Augment{Brightness: 1}).Apply(flat(3, 3, 1), 1, 2); slices.Max(dark.Pixels) > 1 {
		t.Errorf("%v", dark.Pixels)
	}
}

// TestHue goes round the circle of colours: a third of it changes the channels' places, whatever the colour.
func TestHue(t *testing.T) {
	for _, rgb := range [][3]float32{{1, 0, 0}, {0.9, 0.2, 0.5}, {0.1, 0.7, 0.3}, {0.2, 0.2, 0.9}, {1, 1, 0}} {
		for thirds, want := range [][3]float32{rgb, {rgb[2], rgb[0], rgb[1]}, {rgb[1], rgb[2], rgb[0]}, rgb} {
			pixel := slices.Clone(rgb[:])
			data.TurnHue(pixel, float64(thirds)/3)
			if !near(pixel, want[:]) {
				t.Errorf("%v turned by %d thirds is %v, want %v", rgb, thirds, pixel, want)
			}
			data.TurnHue(pixel, -float64(thirds)/3)
			if !near(pixel, rgb[:]) {
				t.Errorf("%v there and back is %v", rgb, pixel)
			}
		}
	}
}

// TestErase: a rectangle of noise, of 2 to 33 % of the area, as often as is asked for.
func TestErase(t *testing.T) {
	m, erased := flat(40, 40, 2), 0 // a value that noise does not have
	least, most := 1., 0.
	for example := range uint64(400) {
		got := data.Augment{Erase: 0.5}.Apply(m, 3, example)
		left, right, top, bottom, count := 40, -1, 40, -1, 0
		for i, x := range got.Pixels {
			if x != 2 {
				left, right, top, bottom, count = min(left, i%40), max(right, i%40), min(top, i/40), max(bottom, i/40), count+1
				if x < 0 || x > 1 {
					t.Fatalf("noise of %g", x)
				}
			}
		}
		if count == 0 {
			continue
		}
		erased++
		if count != (right-left+1)*(bottom-top+1) {
			t.Errorf("example %d: %d pixels are no rectangle", example, count)
		}
		least, most = min(least, float64(count)/1600), max(most, float64(count)/1600)
	}
	if erased < 160 || erased > 240 || least < 0.015 || most > 0.34 || least > 0.05 || most < 0.28 {
		t.Errorf("%d of 400 erased, from %g to %g of the area", erased, least, most)
	}
}

// TestEachChangeIsItsOwn: asking for one change does not move another.
func TestEachChangeIsItsOwn(t *testing.T) {
	m := photo(12, 12)
	for example := range uint64(20) {
		affine := data.DefaultAugment().Apply(m, 5, example)
		both := data.DefaultAugment()
		both.Flip = true
		got := both.Apply(m, 5, example)
		if !same(got, affine) && !same(got, picture(t, data.Mirrored(single{affine}), 1)) {
			t.Fatalf("example %d: with Flip the affine map is another", example)
		}
	}
}
