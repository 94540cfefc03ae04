package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
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
	table, depths         []int // depths: of the samples, where they are not all bits
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
	for i := range f.samples {
		bits = append(bits, f.bits)
		if f.depths != nil {
			bits[i] = f.depths[i]
		}
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
	switch f.packing {
	case 5: // codes of nine bits that stand for a byte, and a clear code so often that there are no longer ones
		var codes []int
		for i, b := range block {
			if i%200 == 0 {
				codes = append(codes, 256)
			}
			codes = append(codes, int(b))
		}
		packed, at := make([]byte, (len(codes)+1)*9/8+2), 0
		for _, code := range append(codes, 257) {
			for bit := 8; bit >= 0; bit-- {
				packed[at/8] |= byte(code>>bit&1) << (7 - at%8)
				at++
			}
		}
		block = packed
	case 32773: // a run of each byte that comes twice, the others as they are, and what means nothing
		packed := []byte{128}
		for i := 0; i < len(block); {
			if i+1 < len(block) && block[i] == block[i+1] {
				packed = append(packed, 255, block[i])
				i += 2
				continue
			}
			packed = append(packed, 0, block[i])
			i++
		}
		block = packed
	case 8:
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
