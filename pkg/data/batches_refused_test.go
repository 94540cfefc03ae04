package data_test

import (
	"math"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func TestBatchesValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(p *data.PairBatches)
		want   string
	}{
		{"no set", func(p *data.PairBatches) { p.Dataset = nil }, "need a data set"},
		{"no class", func(p *data.PairBatches) { p.Classes = 0 }, "got 0, 4 and 14"},
		{"no image", func(p *data.PairBatches) { p.PerClass = 0 }, "got 5, 0 and 14"},
		{"negative size", func(p *data.PairBatches) { p.Size = -1 }, "got 5, 4 and -1"},
		{"more classes than there are", func(p *data.PairBatches) { p.Classes = 29 }, "has 28 classes, too few"},
		{"too large", func(p *data.PairBatches) { p.PerClass = 1 << 30 }, "too large"},
		{"negative start", func(p *data.PairBatches) { p.Start = -1 }, "must not be negative"},
		{"negative steps", func(p *data.PairBatches) { p.Steps = -3 }, "got 0, -3, 0 and 0"},
		{"negative workers", func(p *data.PairBatches) { p.Workers = -1 }, "got 0, 12, -1 and 0"},
		{"negative deviation", func(p *data.PairBatches) { p.Std = -1 }, "got 0.08 and -1"},
		{"negative shear", func(p *data.PairBatches) { p.Augment.Shear = -1 }, "Augment.Shear"},
		{"class without an image", func(p *data.PairBatches) { p.Dataset, p.Classes = newPlain(3, 0, 2), 2 }, `class "b" of plain has no`},
		{"label without a class", func(p *data.PairBatches) {
			p.Dataset, p.Classes = &plain{labels: []int{0, 0, 2}, classes: []string{"a", "b"}}, 2
		}, "image 2: there is no class"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := example(t)
			if err := p.Validate(); err != nil {
				t.Fatal(err)
			}
			c.change(p)
			expect(t, p.Validate(), "data: ", c.want)
			yielded := 0
			for _, err := range p.Iter() {
				expect(t, err, c.want)
				yielded++
			}
			if yielded != 1 {
				t.Errorf("%d batches and errors, want one error", yielded)
			}
		})
	}
}

func TestUnreadableImage(t *testing.T) {
	broken := newPlain(3, 3)
	broken.broken = 4
	for _, err := range (&data.PairBatches{Dataset: broken, Classes: 2, PerClass: 2, Size: 2}).Iter() {
		expect(t, err, "data: plain, image 4 of class b: torn")
	}
}

// notFinite is a set whose first picture is spoilt.
type notFinite struct{ data.Dataset }

func (notFinite) Image(int) (data.Image, error) {
	return data.Image{Width: 1, Height: 1, Pixels: []float32{float32(math.NaN())}}, nil
}

func TestPixelThatIsNoNumber(t *testing.T) {
	p := &data.PairBatches{Dataset: notFinite{newPlain(3, 3)}, Classes: 2, PerClass: 2, Size: 2}
	if want := "plain in batches of 2 × 2"; p.Name() != want {
		t.Errorf("the name is %q, want %q", p.Name(), want)
	}
	for _, err := range p.Iter() {
		expect(t, err, "data: plain, image 0 of class a: ", "pixel (0, 0)", "NaN")
	}
}
