package data_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// counting counts how often its images are decoded.
type counting struct {
	data.Dataset
	decoded *atomic.Int64
}

func (c counting) Image(i int) (data.Image, error) {
	c.decoded.Add(1)
	return c.Dataset.Image(i)
}

func (c counting) Origins() ([]data.Origin, error) { return data.Origins(c.Dataset) }

// What is kept is what the set has, and is decoded once where it fits.
func TestKept(t *testing.T) {
	glyphs, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		t.Fatal(err)
	}
	first, err := glyphs.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	each, n := int64(4*len(first.Pixels)), int64(glyphs.Len())
	for _, c := range []struct {
		name          string
		bytes, passes int64
		decoded       int64
	}{
		{"all fit", n * each, 3, n},
		{"ten fit", 10 * each, 3, 10 + 3*(n-10)},
		{"almost eleven fit", 11*each - 1, 2, 10 + 2*(n-10)},
		{"none fit", 0, 2, 2 * n},
	} {
		var decoded atomic.Int64
		kept := data.Kept(counting{glyphs, &decoded}, c.bytes)
		for range c.passes {
			for i := range glyphs.Len() {
				want, errWant := glyphs.Image(i)
				got, err := kept.Image(i)
				if err != nil || errWant != nil || !slices.Equal(got.Pixels, want.Pixels) || kept.Label(i) != glyphs.Label(i) {
					t.Fatalf("%s: image %d is another, %v, %v", c.name, i, err, errWant)
				}
			}
		}
		if got := decoded.Load(); got != c.decoded {
			t.Errorf("%s: decoded %d, want %d", c.name, got, c.decoded)
		}
		if _, err := data.Origins(kept); err != nil || kept.Name() != glyphs.Name() {
			t.Errorf("%s: %s, %v", c.name, kept.Name(), err)
		}
		if _, err := kept.Image(int(n)); err == nil {
			t.Errorf("%s: there is an image too many", c.name)
		}
	}
}
