package picture

import (
	"encoding/binary"
	"image"
	"image/color"
	"io"
)

// sample reads sample k of a pixel: its higher byte, of fewer bits as they are.
func (s stored) sample(planes []*image.Gray, x, y, k int) uint8 {
	rows := planes[0]
	if s.planes > 1 {
		rows, k = planes[k], 0
	}
	bit := (x%s.tile.X*s.samples/s.planes + k) * s.bits
	row := rows.Pix[y*rows.Stride+x/s.tile.X*s.rowBytes():]
	switch {
	case s.bits == 8:
		return row[bit/8]
	case s.bits == 16 && s.order == binary.LittleEndian:
		return row[bit/8+1]
	case s.bits == 16:
		return row[bit/8]
	}
	return row[bit/8] >> (8 - s.bits - bit%8) & (1<<s.bits - 1)
}

// arrange makes a picture of samples.
func (s stored) arrange(planes []*image.Gray) (image.Image, error) {
	all := image.Rect(0, 0, s.width, s.height)
	level := func(x, y, k int) uint8 { // of 255
		v := s.sample(planes, x, y, k)
		if s.bits < 8 {
			v = uint8(int(v) * 255 / (1<<s.bits - 1))
		}
		if s.colour == whiteIsZero && k == 0 {
			v = 255 - v
		}
		return v
	}
	switch {
	case s.colour == paletted:
		m := image.NewPaletted(all, s.palette())
		for i := range m.Pix {
			m.Pix[i] = s.sample(planes, i%s.width, i/s.width, 0)
			if int(m.Pix[i]) >= len(m.Palette) {
				return nil, io.ErrUnexpectedEOF
			}
		}
		return m, nil
	case s.colour == fourInks:
		m := image.NewCMYK(all)
		for i := range m.Pix {
			m.Pix[i] = level(i/4%s.width, i/4/s.width, i%4)
		}
		return m, nil
	case s.colour != redGreenBlue && s.alpha == 0:
		m := image.NewGray(all)
		for i := range m.Pix {
			m.Pix[i] = level(i%s.width, i/s.width, 0)
		}
		return m, nil
	}
	m := image.NewNRGBA(all)
	for i := 0; i < len(m.Pix); i += 4 {
		x, y := i/4%s.width, i/4/s.width
		c := color.NRGBA{A: 255}
		c.R = level(x, y, 0)
		c.G, c.B = c.R, c.R
		after := 1
		if s.colour == redGreenBlue {
			c.G, c.B, after = level(x, y, 1), level(x, y, 2), 3
		}
		switch s.alpha {
		case 1:
			a := level(x, y, after)
			c = color.NRGBAModel.Convert(color.RGBA{min(c.R, a), min(c.G, a), min(c.B, a), a}).(color.NRGBA)
		case 2:
			c.A = level(x, y, after)
		}
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = c.R, c.G, c.B, c.A
	}
	return m, nil
}

// palette reads the colours: all reds, all greens, all blues, of 16 bits.
func (s stored) palette() color.Palette {
	values := s.all(colorMap, 3*256)
	var out color.Palette
	for i := range min(len(values)/3, 256) {
		n := len(values) / 3
		out = append(out, color.RGBA{uint8(values[i] >> 8), uint8(values[n+i] >> 8), uint8(values[2*n+i] >> 8), 255})
	}
	return out
}
