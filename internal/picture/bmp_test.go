package picture_test

import (
	"encoding/binary"
	"image"
	"image/color"
	"testing"
)

// bmp is a BMP file.
type bmp struct {
	bits, packing, width, height int // a height below 0: from the top
	header                       int // its length; 0: 40
	masks                        []uint32
	palette                      []byte // four bytes a colour: blue, green, red, 0
	pixels                       []byte // as they are in the file
}

func (b bmp) file() []byte {
	order := binary.LittleEndian
	length := max(b.header, 12)
	if b.header == 0 {
		length = 40
	}
	head := make([]byte, length)
	order.PutUint32(head, uint32(length))
	if length == 12 {
		order.PutUint16(head[4:], uint16(b.width))
		order.PutUint16(head[6:], uint16(b.height))
		order.PutUint16(head[8:], 1)
		order.PutUint16(head[10:], uint16(b.bits))
	} else {
		order.PutUint32(head[4:], uint32(b.width))
		order.PutUint32(head[8:], uint32(b.height))
		order.PutUint16(head[12:], 1)
		order.PutUint16(head[14:], uint16(b.bits))
		order.PutUint32(head[16:], uint32(b.packing))
		order.PutUint32(head[32:], uint32(len(b.palette)/4))
	}
	var masks []byte
	for _, mask := range b.masks {
		masks = order.AppendUint32(masks, mask)
	}
	if length > 40 {
		copy(head[40:], masks)
		masks = nil
	}
	body := append(append(head, masks...), b.palette...)
	file := append([]byte("BM"), make([]byte, 8)...)
	file = order.AppendUint32(file, uint32(14+len(body)))
	return append(append(file, body...), b.pixels...)
}

// grayTable is a palette from black to white.
func grayTable(n int) []byte {
	var out []byte
	for i := range n {
		v := byte(i * 255 / (n - 1))
		out = append(out, v, v, v, 0)
	}
	return out
}

// TestBMP: each kind by a few pixels, whose colours are worked out by hand; Pillow gives the same.
func TestBMP(t *testing.T) {
	g := func(values ...uint8) (out []color.NRGBA) {
		for _, v := range values {
			out = append(out, color.NRGBA{v, v, v, 255})
		}
		return out
	}
	two := []byte{0x00, 0x00, 0xff, 0, 0xff, 0x00, 0x00, 0} // red, blue
	for name, c := range map[string]struct {
		file bmp
		want []color.NRGBA // row by row from the top
		gray bool
	}{
		"5-6-5": {bmp{bits: 16, packing: 3, width: 2, height: 2, masks: []uint32{0xf800, 0x7e0, 0x1f},
			pixels: []byte{0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00, 0xff, 0xff}}, []color.NRGBA{blue, white, red, green}, false},
		"5-5-5": {bmp{bits: 16, width: 2, height: 1, pixels: []byte{0x00, 0x7c, 0x10, 0x02}}, []color.NRGBA{red, {0, 131, 131, 255}}, false},
		"5-5-5, masks, from the top": {bmp{bits: 16, packing: 3, width: 1, height: -2, masks: []uint32{0x7c00, 0x3e0, 0x1f},
			pixels: []byte{0xe0, 0x03, 0, 0, 0x1f, 0, 0, 0}}, []color.NRGBA{green, blue}, false},
		"24 bits":                    {bmp{bits: 24, width: 1, height: 2, pixels: []byte{255, 0, 0, 9, 0, 0, 255, 9}}, []color.NRGBA{red, blue}, false},
		"32 bits, the fourth unused": {bmp{bits: 32, width: 1, height: 1, pixels: []byte{0, 255, 0, 7}}, []color.NRGBA{green}, false},
		"32 bits, alpha": {bmp{bits: 32, packing: 3, header: 124, width: 2, height: 1, masks: []uint32{255 << 16, 255 << 8, 255, 255 << 24},
			pixels: []byte{0, 0, 255, 255, 0, 0, 255, 0}}, []color.NRGBA{red, white}, false},
		"32 bits, alpha of a long header": {bmp{bits: 32, header: 124, width: 2, height: 1, pixels: []byte{0, 0, 255, 255, 0, 0, 255, 0}},
			[]color.NRGBA{red, white}, false},
		"32 bits, alpha never written": {bmp{bits: 32, header: 124, width: 2, height: 1, pixels: []byte{0, 0, 255, 0, 255, 0, 0, 0}},
			[]color.NRGBA{red, blue}, false},
		"1 bit":           {bmp{bits: 1, width: 3, height: 1, palette: two, pixels: []byte{0x40, 0, 0, 0}}, []color.NRGBA{red, blue, red}, false},
		"4 bits":          {bmp{bits: 4, width: 3, height: 1, palette: grayTable(16), pixels: []byte{0x0f, 0x30, 0, 0}}, g(0, 255, 51), true},
		"8 bits, 3 of 20": {bmp{bits: 8, width: 3, height: 1, palette: grayTable(18), pixels: []byte{17, 0, 1, 0}}, g(255, 0, 15), true},
		"OS/2": {bmp{bits: 1, header: 12, width: 2, height: 1, palette: []byte{0, 0, 255, 255, 0, 0}, pixels: []byte{0x40, 0, 0, 0}},
			[]color.NRGBA{red, blue}, false},
		"RLE8: runs, pixels, a row cut short": {bmp{bits: 8, packing: 1, width: 4, height: 2, palette: grayTable(256),
			pixels: []byte{2, 9, 0, 0, 1, 7, 0, 3, 1, 2, 3, 0, 0, 1}}, g(7, 1, 2, 3, 9, 9, 0, 0), true},
		"RLE8: an odd number of pixels": {bmp{bits: 8, packing: 1, width: 4, height: 2, palette: grayTable(256),
			pixels: []byte{0, 3, 1, 2, 3, 0, 0, 0, 4, 9, 0, 1}}, g(9, 9, 9, 9, 1, 2, 3, 0), true},
		"RLE8: a jump": {bmp{bits: 8, packing: 1, width: 3, height: 2, palette: grayTable(256),
			pixels: []byte{1, 9, 0, 2, 1, 1, 1, 8, 0, 1}}, g(0, 0, 8, 9, 0, 0), true},
		"RLE4": {bmp{bits: 4, packing: 2, width: 5, height: 1, palette: grayTable(16), pixels: []byte{3, 0x12, 0, 2, 0, 0, 0, 1}}, g(17, 34, 17, 0, 0), true},
		"RLE4: pixels": {bmp{bits: 4, packing: 2, width: 4, height: 1, palette: grayTable(16), pixels: []byte{0, 4, 0x12, 0x3f, 0, 1}},
			g(17, 34, 51, 255), true},
		"gray pixels, a palette of colours": {bmp{bits: 8, width: 1, height: 1, palette: append(grayTable(2), two...), pixels: []byte{1, 0, 0, 0}}, g(255), true},
	} {
		t.Run(name, func(t *testing.T) {
			m, p := shown(t, c.file.file())
			want := image.NewNRGBA(image.Rect(0, 0, c.file.width, max(c.file.height, -c.file.height)))
			for i, colour := range c.want {
				want.SetNRGBA(i%c.file.width, i/c.file.width, colour)
			}
			same(t, m, want, 0)
			if p.Gray != c.gray {
				t.Errorf("gray: %t, want %t", p.Gray, c.gray)
			}
		})
	}
}
