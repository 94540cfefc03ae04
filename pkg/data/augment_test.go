package data_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func TestAugmentIdentity(t *testing.T) {
	ds := glyphs(t, data.GlyphsConfig{Classes: 5, PerClass: 1, Size: 27})
	for i := range ds.Len() {
		m := picture(t, ds, i)
		for example := range uint64(10) {
			if !same(data.Augment{}.Apply(m, 3, example), m) {
				t.Errorf("image %d, example %d: the zero value changes it", i, example)
			}
		}
	}
}

func TestAugmentIsSeeded(t *testing.T) {
	m := picture(t, glyphs(t, data.GlyphsConfig{Classes: 1, PerClass: 1, Size: 28}), 0)
	before := slices.Clone(m.Pixels)
	a := data.DefaultAugment()
	seen := []data.Image{m}
	for seed := range uint64(5) {
		for example := range uint64(20) {
			changed := a.Apply(m, seed, example)
			if !same(changed, a.Apply(m, seed, example)) {
				t.Fatalf("seed %d, example %d differs from itself", seed, example)
			}
			for _, other := range seen {
				if same(changed, other) {
					t.Fatalf("seed %d, example %d is another one", seed, example)
				}
			}
			seen = append(seen, changed)
		}
	}
	if !slices.Equal(m.Pixels, before) {
		t.Error("the image itself is changed")
	}
}

// moments are the mass, centre and covariance of a picture's ink, about the middle of the picture.
func moments(m data.Image) (mass, x, y, xx, yy, xy float64) {
	for i, ink := range m.Pixels {
		u, v, w := float64(i%m.Width)-float64(m.Width-1)/2, float64(i/m.Width)-float64(m.Height-1)/2, float64(ink)
		mass, x, y, xx, yy, xy = mass+w, x+w*u, y+w*v, xx+w*u*u, yy+w*v*v, xy+w*u*v
	}
	x, y = x/mass, y/mass
	return mass, x, y, xx/mass - x*x, yy/mass - y*y, xy/mass - x*y
}

// TestAugmentStaysInItsRange measures each field alone by what it does to a disc's moments: the extremes over many examples are
// close to the field, on both sides, and never beyond.
func TestAugmentStaysInItsRange(t *testing.T) {
	const size, radius = 81, 20.0
	disc := data.Image{Width: size, Height: size, Pixels: make([]float32, size*size)}
	bar := data.Image{Width: size, Height: size, Pixels: make([]float32, size*size)}
	for i := range disc.Pixels {
		x, y := float64(i%size-size/2), float64(i/size-size/2)
		disc.Pixels[i] = float32(min(max(radius-math.Hypot(x, y), 0), 1))
		if math.Abs(x) < 25 && math.Abs(y) < 5 {
			bar.Pixels[i] = 1
		}
	}
	_, _, _, ofDisc, _, _ := moments(disc)
	for name, test := range map[string]struct {
		augment data.Augment
		image   data.Image
		measure func(m data.Image) float64
		limit   float64
	}{
		"rotation": {data.Augment{RotationDegrees: 15}, bar, func(m data.Image) float64 {
			_, _, _, xx, yy, xy := moments(m)
			return math.Atan2(2*xy, xx-yy) / 2 * 180 / math.Pi
		}, 15},
		"shear": {data.Augment{Shear: 0.2}, disc, func(m data.Image) float64 {
			_, _, _, _, yy, xy := moments(m)
			return xy / yy
		}, 0.2},
		"scale": {data.Augment{LogScale: 0.15}, disc, func(m data.Image) float64 {
			_, _, _, xx, yy, _ := moments(m)
			return math.Log(math.Sqrt(xx*yy)/ofDisc) / 2
		}, 0.15},
		"aspect": {data.Augment{LogAspect: 0.1}, disc, func(m data.Image) float64 {
			_, _, _, xx, yy, _ := moments(m)
			return math.Log(xx/yy) / 2
		}, 0.1},
		"across": {data.Augment{Translation: 0.1}, disc, func(m data.Image) float64 { _, x, _, _, _, _ := moments(m); return x }, 0.1 * size / 2},
		"down":   {data.Augment{Translation: 0.1}, disc, func(m data.Image) float64 { _, _, y, _, _, _ := moments(m); return y }, 0.1 * size / 2},
	} {
		t.Run(name, func(t *testing.T) {
			const examples = 400
			lowest, highest, sum := math.Inf(1), math.Inf(-1), 0.0
			for example := range uint64(examples) {
				x := test.measure(test.augment.Apply(test.image, 1, example))
				lowest, highest, sum = min(lowest, x), max(highest, x), sum+x
			}
			slack := 0.03 * test.limit
			if highest > test.limit+slack || highest < test.limit-slack || lowest < -test.limit-slack || lowest > -test.limit+slack {
				t.Errorf("from %g to %g, want ± %g", lowest, highest, test.limit)
			}
			// The mean of uniform numbers has the deviation limit/√(3·examples).
			if deviation := test.limit / math.Sqrt(3*examples); math.Abs(sum/examples) > 4*deviation+slack {
				t.Errorf("the mean is %g", sum/examples)
			}
		})
	}
}

// TestAugmentPadsWithPaper: a picture all ink that is shrunk gets paper around it, and nothing outside [0, 1].
func TestAugmentPadsWithPaper(t *testing.T) {
	full := data.Image{Width: 10, Height: 6, Pixels: slices.Repeat([]float32{1}, 60)}
	paper := false
	for example := range uint64(50) {
		m := data.Augment{LogScale: 1}.Apply(full, 0, example)
		if slices.Min(m.Pixels) < 0 || slices.Max(m.Pixels) > 1 {
			t.Errorf("example %d: from %g to %g", example, slices.Min(m.Pixels), slices.Max(m.Pixels))
		}
		paper = paper || m.Pixels[0] == 0
	}
	if !paper {
		t.Error("no paper in any corner")
	}
}

func TestAugmentValidate(t *testing.T) {
	if err := errors.Join(data.DefaultAugment().Validate(), data.PhotoAugment().Validate()); err != nil {
		t.Error(err)
	}
	for name, a := range map[string]data.Augment{
		"RotationDegrees": {RotationDegrees: -1}, "Shear": {Shear: math.NaN()}, "LogScale": {LogScale: math.Inf(1)},
		"LogAspect": {LogAspect: -0.1}, "Translation": {Translation: math.Inf(-1)},
		"Crop": {Crop: 1}, "CropLogAspect": {CropLogAspect: -1}, "Brightness": {Brightness: 1.1}, "Contrast": {Contrast: -0.1},
		"Saturation": {Saturation: math.NaN()}, "Hue": {Hue: 0.51}, "Erase": {Erase: 2},
	} {
		expect(t, a.Validate(), "data: Augment."+name)
	}
}

func BenchmarkAugment(b *testing.B) {
	ds, err := data.Glyphs(data.GlyphsConfig{Classes: 1, PerClass: 1, Size: 28})
	if err != nil {
		b.Fatal(err)
	}
	m, err := ds.Image(0)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		data.DefaultAugment().Apply(m, 0, uint64(i))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
