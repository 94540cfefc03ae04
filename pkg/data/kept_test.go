package data_test

import (
	"iter"
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

// Batches that share what others have read are the same, and read nothing again; of another size, they read for themselves.
func TestShareImages(t *testing.T) {
	glyphs, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		t.Fatal(err)
	}
	var decoded atomic.Int64
	set := counting{glyphs, &decoded}
	batches := func(size int, with *data.PairBatches) *data.PairBatches {
		p := &data.PairBatches{Dataset: set, Classes: 4, PerClass: 2, Size: size, Steps: 2, Seed: 3, Augment: data.DefaultAugment()}
		if with != nil {
			p.ShareImages(with)
		}
		if err := p.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		return p
	}
	n := int64(glyphs.Len())
	first := batches(16, nil)
	for _, c := range []struct {
		name    string
		size    int
		decoded int64
	}{{"the same", 16, n}, {"another size", 20, 2 * n}} {
		shared := batches(c.size, first)
		if got := decoded.Load(); got != c.decoded {
			t.Errorf("%s: decoded %d, want %d", c.name, got, c.decoded)
		}
		for got, err := range shared.Iter() {
			if err != nil || got.Inputs[0].Shape().Dim(1) != c.size {
				t.Errorf("%s: %s, %v", c.name, got.Inputs[0].Shape(), err)
			}
		}
	}
	shared := batches(16, first)
	next, stop := iter.Pull2(shared.Iter())
	defer stop()
	for want, err := range first.Iter() {
		got, wrong, _ := next()
		if err != nil || wrong != nil || !got.Inputs[0].Equal(want.Inputs[0]) {
			t.Fatalf("a batch of shared images is another: %v, %v", err, wrong)
		}
	}
}
