package data_test

import (
	"math"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func glyphs(t *testing.T, config data.GlyphsConfig) data.Dataset {
	t.Helper()
	ds, err := data.Glyphs(config)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func TestGlyphs(t *testing.T) {
	ds := glyphs(t, data.DefaultGlyphs())
	if ds.Len() != 1200 || len(ds.Classes()) != 60 {
		t.Fatalf("%d images of %d classes", ds.Len(), len(ds.Classes()))
	}
	unique := map[string]bool{}
	for _, class := range ds.Classes() {
		unique[class] = true
	}
	if len(unique) != 60 {
		t.Errorf("%d different classes", len(unique))
	}
	for i := range ds.Len() {
		m := picture(t, ds, i)
		if ds.Label(i) != i/20 || m.Width != 28 || m.Height != 28 {
			t.Fatalf("image %d: class %d, %d × %d pixels", i, ds.Label(i), m.Width, m.Height)
		}
		if slices.Min(m.Pixels) != 0 || slices.Max(m.Pixels) > 1 || slices.Max(m.Pixels) < 0.5 {
			t.Errorf("image %d: ink from %g to %g", i, slices.Min(m.Pixels), slices.Max(m.Pixels))
		}
		if i > 0 && same(m, picture(t, ds, i-1)) {
			t.Errorf("image %d is the one before", i)
		}
	}
}

// TestGlyphsAreDistinct: a character that a font does not have would be drawn as the same box as every other such one.
func TestGlyphsAreDistinct(t *testing.T) {
	all := allGlyphs(t)
	for i := range all.Len() {
		for j := range i {
			if a, b := picture(t, all, i), picture(t, all, j); overlap(a, b) > 0.99 {
				t.Errorf("%q and %q look the same", all.Classes()[i], all.Classes()[j])
			}
		}
	}
}

// allGlyphs is one image of each character there is.
func allGlyphs(t *testing.T) data.Dataset {
	var all data.Dataset
	for n := 1; ; n++ {
		ds, err := data.Glyphs(data.GlyphsConfig{Classes: n, PerClass: 1, Size: 28})
		if err != nil {
			return all
		}
		all = ds
	}
}

// overlap is the cosine of two pictures.
func overlap(a, b data.Image) float64 {
	dot, aa, bb := 0.0, 0.0, 0.0
	for i := range a.Pixels {
		x, y := float64(a.Pixels[i]), float64(b.Pixels[i])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
	}
	return dot * dot / (aa * bb)
}

func TestGlyphsAreDeterministic(t *testing.T) {
	config := data.GlyphsConfig{Classes: 4, PerClass: 3, Size: 16, Seed: 7}
	a, b := glyphs(t, config), glyphs(t, config)
	config.Classes = 9
	more := glyphs(t, config)
	config.Seed = 8
	other := glyphs(t, config)
	differ := 0
	for i := range a.Len() {
		if !same(picture(t, a, i), picture(t, b, i)) || !same(picture(t, a, i), picture(t, more, i)) {
			t.Errorf("image %d differs between equal seeds", i)
		}
		if !same(picture(t, a, i), picture(t, other, i)) {
			differ++
		}
	}
	if differ != a.Len() {
		t.Errorf("%d of %d images differ between two seeds", differ, a.Len())
	}
}

// TestGlyphsVaryTheirFace: which face a character is drawn in depends on the seed, too. The faces differ in weight, so the ink does
// by far more than the affine map alone, which changes an area by e^±0.3, can make it.
func TestGlyphsVaryTheirFace(t *testing.T) {
	lightest, heaviest := math.Inf(1), 0.0
	for seed := range uint64(40) {
		ink := mean(picture(t, glyphs(t, data.GlyphsConfig{Classes: 1, PerClass: 1, Size: 28, Seed: seed}), 0).Pixels)
		lightest, heaviest = min(lightest, ink), max(heaviest, ink)
	}
	if spread := heaviest / lightest; spread < math.Exp(0.6)*1.1 {
		t.Errorf("image 0 has %g to %g ink over the seeds, a factor of %g; one face alone gives %g", lightest, heaviest, spread, math.Exp(0.6))
	}
}

func TestGlyphsConfig(t *testing.T) {
	for _, config := range []data.GlyphsConfig{
		{Classes: 0, PerClass: 1, Size: 28}, {Classes: 1000, PerClass: 1, Size: 28}, {Classes: 1, PerClass: 0, Size: 28},
		{Classes: 1, PerClass: 1 << 40, Size: 28}, {Classes: 1, PerClass: 1, Size: 7}, {Classes: 1, PerClass: 1, Size: 257},
	} {
		_, err := data.Glyphs(config)
		expect(t, err, "data: glyphs: the ")
	}
}
