package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/unipair/unipair/internal/picture"
)

// TestTIFF tries what samples are × how they are stored.
func TestTIFF(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	count := 0
	for _, what := range []tif{
		{bits: 1, samples: 1, colour: 0}, {bits: 1, samples: 1, colour: 1}, {bits: 2, samples: 1, colour: 1}, {bits: 4, samples: 1, colour: 0},
		{bits: 8, samples: 1, colour: 1}, {bits: 16, samples: 1, colour: 1}, {bits: 16, samples: 1, colour: 0},
		{bits: 8, samples: 2, colour: 1, extra: 3}, {bits: 8, samples: 2, colour: 1, extra: 2}, {bits: 8, samples: 2, colour: 1, extra: 1},
		{bits: 16, samples: 2, colour: 0, extra: 3}, {bits: 8, samples: 2, colour: 1},
		{bits: 8, samples: 3, colour: 2}, {bits: 16, samples: 3, colour: 2}, {bits: 4, samples: 3, colour: 2},
		{bits: 8, samples: 4, colour: 2}, {bits: 8, samples: 4, colour: 2, extra: 1}, {bits: 8, samples: 4, colour: 2, extra: 2},
		{bits: 8, samples: 4, colour: 2, extra: 3}, {bits: 16, samples: 4, colour: 2, extra: 3}, {bits: 8, samples: 5, colour: 2, extra: 1},
		{bits: 8, samples: 4, colour: 5}, {bits: 16, samples: 4, colour: 5}, {bits: 8, samples: 5, colour: 5, extra: 1},
		{bits: 8, samples: 1, colour: 3}, {bits: 4, samples: 1, colour: 3}, {bits: 1, samples: 1, colour: 3},
	} {
		what.width, what.height = 37, 21
		for range what.width * what.height * what.samples {
			what.values = append(what.values, random.IntN(1<<what.bits))
		}
		if what.colour == 3 {
			for range 3 << what.bits {
				what.table = append(what.table, random.IntN(256)*257)
			}
		}
		for variant := range 1 << 6 {
			f := what
			f.planar, f.big, f.high, f.low = variant&1 > 0, variant&2 > 0, variant&4 > 0, variant&8 > 0
			if variant&16 > 0 {
				f.tile = 64
			} else {
				f.rows = 5
			}
			if variant&32 > 0 {
				f.packing = []int{5, 8, 32773}[count%3]
				f.differences = f.bits >= 8
			}
			count++
			name := fmt.Sprintf("%d bits, %d samples, colour %d, extra %d, variant %06b", f.bits, f.samples, f.colour, f.extra, variant)
			t.Run(name, func(t *testing.T) {
				m, p := shown(t, f.file())
				same(t, m, f.want(), 2)
				if gray := f.colour <= 1; f.colour != 3 && p.Gray != gray {
					t.Errorf("gray: %t, want %t", p.Gray, gray)
				}
			})
		}
	}
	if count != 27*64 {
		t.Errorf("%d files", count)
	}
}

// TestTIFFIsSafe: what a directory says is not believed.
func TestTIFFIsSafe(t *testing.T) {
	whole := tif{width: 20, height: 20, bits: 8, samples: 1, colour: 1, rows: 5, values: make([]int, 400)}
	raw := whole.file()
	for i := range raw {
		for _, b := range []byte{0, 1, 127, 255} {
			changed := bytes.Clone(raw)
			changed[i] = b
			_, _ = picture.Decode(changed) // it ends, and without a panic
		}
	}
}

// want is how the picture looks on white, by TIFF's own words.
func (f tif) want() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, f.width, f.height))
	for i := range f.width * f.height {
		pixel := f.values[i*f.samples:][:f.samples]
		level := func(k int) float64 { return float64(pixel[k]) / float64(int(1)<<f.bits-1) }
		alpha := 1.
		base := map[int]int{0: 1, 1: 1, 2: 3, 3: 1, 5: 4}[f.colour]
		if f.extra == 2 || f.extra == 3 || f.extra == 0 && f.colour == 2 && f.samples == 4 {
			alpha = level(base)
		}
		var rgb [3]float64
		for c := range rgb {
			switch f.colour {
			case 0:
				rgb[c] = 1 - level(0)
			case 1:
				rgb[c] = level(0)
			case 2:
				rgb[c] = level(c)
			case 3:
				rgb[c] = float64(f.table[c<<f.bits+pixel[0]]) / 65535
			case 5:
				rgb[c] = (1 - level(c)) * (1 - level(3))
			}
			if f.extra == 2 { // it is multiplied by alpha already
				rgb[c] = min(rgb[c], alpha) + 1 - alpha
			} else {
				rgb[c] = rgb[c]*alpha + 1 - alpha
			}
		}
		m.SetNRGBA(i%f.width, i/f.width, color.NRGBA{uint8(rgb[0]*255 + 0.5), uint8(rgb[1]*255 + 0.5), uint8(rgb[2]*255 + 0.5), 255})
	}
	return m
}
