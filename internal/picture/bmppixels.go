package picture

import (
	"image"
	"io"
	"math/bits"
)

// rows gives each row of the picture its bytes; the file pads each to a multiple of four.
func (b bitmap) rows(pixels []byte, do func(y int, row []byte)) error {
	length := (b.width*b.bits + 31) / 32 * 4
	if len(pixels) < length*(b.height-1)+(b.width*b.bits+7)/8 { // the padding of the last may be missing
		return io.ErrUnexpectedEOF
	}
	for i := range b.height {
		y := b.height - 1 - i
		if b.topDown {
			y = i
		}
		do(y, pixels[i*length:])
	}
	return nil
}

func (b bitmap) indexed(pixels []byte) (*image.Paletted, error) {
	m := image.NewPaletted(image.Rect(0, 0, b.width, b.height), b.palette)
	err := b.rows(pixels, func(y int, row []byte) {
		for x := range b.width {
			bit := x * b.bits
			m.Pix[y*m.Stride+x] = row[bit/8] >> (8 - b.bits - bit%8) & uint8(1<<b.bits-1)
		}
	})
	return m, b.known(m, err)
}

// known returns an error where a pixel has a colour that the palette does not have.
func (b bitmap) known(m *image.Paletted, err error) error {
	for _, i := range m.Pix {
		if int(i) >= len(b.palette) {
			return io.ErrUnexpectedEOF
		}
	}
	return err
}

func (b bitmap) coloured(pixels []byte) (*image.NRGBA, error) {
	m := image.NewNRGBA(image.Rect(0, 0, b.width, b.height))
	seen := uint8(0) // a picture that is all transparent is none: its alpha was not written
	err := b.rows(pixels, func(y int, row []byte) {
		for x := range b.width {
			var v uint32
			for i := range b.bits / 8 {
				v |= uint32(row[x*b.bits/8+i]) << (8 * i)
			}
			for c, mask := range b.masks {
				m.Pix[y*m.Stride+4*x+c] = level(v, mask)
			}
			seen |= m.Pix[y*m.Stride+4*x+3]
		}
	})
	if b.masks[3] == 0 || seen == 0 {
		for i := 3; i < len(m.Pix); i += 4 {
			m.Pix[i] = 255
		}
	}
	return m, err
}

// level returns the part of a pixel that a mask picks, of 255.
func level(pixel, mask uint32) uint8 {
	if mask == 0 {
		return 0
	}
	low := bits.TrailingZeros32(mask)
	return uint8(uint64(pixel&mask>>low) * 255 / uint64(mask>>low))
}

// unpackRuns unpacks runs of pixels, and jumps over those that stay at colour 0.
func (b bitmap) unpackRuns(code []byte) (*image.Paletted, error) {
	m := image.NewPaletted(image.Rect(0, 0, b.width, b.height), b.palette)
	x, y := 0, b.height-1
	put := func(v byte) {
		if x < b.width && y >= 0 { // what goes beyond the picture is not shown
			m.Pix[y*m.Stride+x] = v
		}
		x++
	}
	index := func(data []byte, i int) byte { // of pixel i
		if b.bits == 8 {
			return data[i]
		}
		return data[i/2] >> (4 - i%2*4) & 15
	}
	for len(code) >= 2 && y >= 0 {
		count, value := int(code[0]), code[1]
		code = code[2:]
		switch {
		case count > 0:
			run := []byte{value, value}
			for i := range count {
				put(index(run, i%2))
			}
		case value == 0:
			x, y = 0, y-1
		case value == 1:
			return m, b.known(m, nil)
		case value == 2:
			if len(code) < 2 {
				return nil, io.ErrUnexpectedEOF
			}
			x, y = x+int(code[0]), y-int(code[1])
			code = code[2:]
		default:
			length := (int(value)*b.bits + 7) / 8
			if len(code) < length {
				return nil, io.ErrUnexpectedEOF
			}
			for i := range int(value) {
				put(index(code, i))
			}
			code = code[min(length+length%2, len(code)):]
		}
	}
	if y > 0 || y == 0 && x < b.width { // the end is missing, and pixels with it
		return nil, io.ErrUnexpectedEOF
	}
	return m, b.known(m, nil)
}
