package data_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
)

func TestBatchesValidate(t *testing.T) {
	for says, change := range map[string]func(p *data.PairBatches){
		"need a data set":           func(p *data.PairBatches) { p.Dataset = nil },
		"got 0, 4 and 14":           func(p *data.PairBatches) { p.Classes = 0 },
		"got 5, 0 and 14":           func(p *data.PairBatches) { p.PerClass = 0 },
		"got 5, 4 and -1":           func(p *data.PairBatches) { p.Size = -1 },
		"has 28 classes, too few":   func(p *data.PairBatches) { p.Classes = 29 },
		"too large":                 func(p *data.PairBatches) { p.PerClass = 1 << 30 },
		"must not be negative":      func(p *data.PairBatches) { p.Start = -1 },
		"got 0, -3, 0 and 0":        func(p *data.PairBatches) { p.Steps = -3 },
		"got 0, 12, -1 and 0":       func(p *data.PairBatches) { p.Workers = -1 },
		"got 0.08 and -1":           func(p *data.PairBatches) { p.Std = -1 },
		"Augment.Shear":             func(p *data.PairBatches) { p.Augment.Shear = -1 },
		`class "b" of plain has no`: func(p *data.PairBatches) { p.Dataset, p.Classes = newPlain(3, 0, 2), 2 },
		"image 2: there is no class": func(p *data.PairBatches) {
			p.Dataset, p.Classes = &plain{labels: []int{0, 0, 2}, classes: []string{"a", "b"}}, 2
		},
	} {
		t.Run(says, func(t *testing.T) {
			p := example(t)
			if err := p.Validate(); err != nil {
				t.Fatal(err)
			}
			change(p)
			expect(t, p.Validate(), "data: ", says)
			yielded := 0
			for _, err := range p.Iter() {
				expect(t, err, says)
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

func TestTensor(t *testing.T) {
	m := data.Image{Width: 2, Height: 2, Pixels: []float32{0, 1, 0.5, 0.25}}
	got, err := data.Tensor([]data.Image{m, data.Resize(m, 4)}, 2, 0.5, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := tensors.CopyFlatData[float32](got)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float32{-2, 2, 0, -1, -2, 2, 0, -1}; !slices.Equal(flat, want) || !slices.Equal(got.Shape().Dimensions, []int{2, 2, 2, 1}) {
		t.Errorf("%v %v, want %v", got.Shape(), flat, want)
	}
	for says, tensor := range map[string]func() (*tensors.Tensor, error){
		"at least one image": func() (*tensors.Tensor, error) { return data.Tensor(nil, 2, 0, 1) },
		"0 × 0 pixels":       func() (*tensors.Tensor, error) { return data.Tensor([]data.Image{m}, 0, 0, 1) },
		"finite std":         func() (*tensors.Tensor, error) { return data.Tensor([]data.Image{m}, 2, 0, -1) },
		"image 1: ":          func() (*tensors.Tensor, error) { return data.Tensor([]data.Image{m, {}}, 2, 0, 1) },
		"pixel (0, 1)":       func() (*tensors.Tensor, error) { return data.Tensor([]data.Image{m, with(m, math.NaN())}, 2, 0, 1) },
		"is +Inf":            func() (*tensors.Tensor, error) { return data.Tensor([]data.Image{m, with(m, math.Inf(1))}, 2, 0, 1) },
	} {
		_, err := tensor()
		expect(t, err, "data: ", says)
	}
}

// with is the image of 2×2 pixels with another value at column 0, row 1.
func with(m data.Image, value float64) data.Image {
	pixels := slices.Clone(m.Pixels)
	pixels[2] = float32(value)
	return data.Image{Width: m.Width, Height: m.Height, Pixels: pixels}
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
