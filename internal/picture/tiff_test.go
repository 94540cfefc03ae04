package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/unipair/unipair/internal/picture"
)

// tif is a TIFF file of samples.
type tif struct {
	width, height         int
	bits, samples, colour int
	extra, format         int // of its tags; 0: none
	planar, big           bool
	high                  bool // numbers begin with their highest byte
	low                   bool // bytes begin with their lowest bit
	differences           bool
	packing               int
	tile, rows            int // the side of a tile; the rows of a strip
	orientation           int // 0: none; else one more than it
	orientationKind       int
	table                 []int
	values                []int // pixel by pixel
}

// file writes it.
func (f tif) file() []byte {
	order := binary.AppendByteOrder(binary.LittleEndian)
	out := []byte("II")
	if f.high {
		order, out = binary.BigEndian, []byte("MM")
	}
	if f.big {
		out = order.AppendUint16(order.AppendUint16(order.AppendUint16(out, 43), 8), 0)
	} else {
		out = order.AppendUint16(out, 42)
	}
	wide := func(b []byte, v int) []byte {
		if f.big {
			return order.AppendUint64(b, uint64(v))
		}
		return order.AppendUint32(b, uint32(v))
	}
	first := len(out)
	out = wide(out, 0)
	planes, each := 1, f.samples
	if f.planar {
		planes, each = f.samples, 1
	}
	across, down := f.width, f.height
	if f.tile > 0 {
		across, down = f.tile, f.tile
	} else if f.rows > 0 {
		down = f.rows
	}
	var offsets, counts []int
	for p := range planes {
		for top := 0; top < f.height; top += down {
			for left := 0; left < f.width; left += across {
				deep := down
				if f.tile == 0 {
					deep = min(down, f.height-top)
				}
				block := f.pack(f.block(left, top, across, deep, p, each))
				offsets, counts = append(offsets, len(out)), append(counts, len(block))
				out = append(out, block...)
			}
		}
	}
	var bits []int
	for range f.samples {
		bits = append(bits, f.bits)
	}
	tags := []struct {
		tag, kind int
		values    []int
	}{{256, 3, []int{f.width}}, {257, 3, []int{f.height}}, {258, 3, bits}, {259, 3, []int{max(f.packing, 1)}}, {262, 3, []int{f.colour}}}
	add := func(tag, kind int, values ...int) {
		tags = append(tags, struct {
			tag, kind int
			values    []int
		}{tag, kind, values})
	}
	if f.low {
		add(266, 3, 2)
	}
	if f.tile == 0 {
		add(273, 4, offsets...)
	}
	if f.orientation > 0 {
		add(274, f.orientationKind, f.orientation-1)
	}
	add(277, 3, f.samples)
	if f.tile == 0 {
		add(278, 3, down)
		add(279, 4, counts...)
	}
	if f.planar {
		add(284, 3, 2)
	}
	if f.differences {
		add(317, 3, 2)
	}
	if f.table != nil {
		add(320, 3, f.table...)
	}
	if f.tile > 0 {
		add(322, 3, f.tile)
		add(323, 3, f.tile)
		add(324, 4, offsets...)
		add(325, 4, counts...)
	}
	if f.extra > 0 {
		add(338, 3, f.extra-1)
	}
	if f.format > 0 {
		add(339, 3, f.format)
	}
	var table []byte
	if f.big {
		table = order.AppendUint64(nil, uint64(len(tags)))
	} else {
		table = order.AppendUint16(nil, uint16(len(tags)))
	}
	for _, t := range tags {
		table = wide(order.AppendUint16(order.AppendUint16(table, uint16(t.tag)), uint16(t.kind)), len(t.values))
		var value []byte
		for _, v := range t.values {
			switch t.kind {
			case 1:
				value = append(value, byte(v))
			case 3:
				value = order.AppendUint16(value, uint16(v))
			default:
				value = order.AppendUint32(value, uint32(v))
			}
		}
		if room := len(wide(nil, 0)); len(value) <= room {
			table = append(table, append(value, make([]byte, room-len(value))...)...)
		} else {
			table = wide(table, len(out))
			out = append(out, value...)
		}
	}
	copy(out[first:], wide(nil, len(out)))
	return append(append(out, table...), make([]byte, 8)...)
}

// block is the bytes of a tile or strip; what lies beyond the picture is 0.
func (f tif) block(left, top, across, down, plane, each int) []byte {
	var out []byte
	for y := top; y < top+down; y++ {
		var row []int
		for x := left; x < left+across; x++ {
			for k := range each {
				v := 0
				if x < f.width && y < f.height {
					v = f.values[(y*f.width+x)*f.samples+plane+k]
				}
				row = append(row, v)
			}
		}
		if f.differences {
			for i := len(row) - 1; i >= each; i-- {
				row[i] = (row[i] - row[i-each]) & (1<<f.bits - 1)
			}
		}
		at := 8
		for _, v := range row {
			switch {
			case f.bits == 16 && f.high:
				out = append(out, byte(v>>8), byte(v))
			case f.bits >= 16:
				for i := range f.bits / 8 {
					out = append(out, byte(v>>(8*i)))
				}
			default:
				if at == 8 {
					out, at = append(out, 0), 0
				}
				at += f.bits
				out[len(out)-1] |= byte(v) << (8 - at)
			}
		}
	}
	return out
}

var deflate = zlib.NewWriter(nil) // there is much to make anew

func (f tif) pack(block []byte) []byte {
	if f.packing == 8 {
		var packed bytes.Buffer
		deflate.Reset(&packed)
		must(deflate.Write(block))
		must(0, deflate.Close())
		block = packed.Bytes()
	}
	if f.low {
		for i, b := range block {
			var turned byte
			for k := range 8 {
				turned |= b >> k & 1 << (7 - k)
			}
			block[i] = turned
		}
	}
	return block
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
				f.packing = 8
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
