package data

import "math"

// affine maps a pixel of the result, relative to the centre, to where in the source it comes from.
type affine struct{ xx, xy, yx, yy, dx, dy float64 }

// apply fills out, of the size of m, through the map.
func (t affine) apply(out []float32, m Image) {
	channels := m.Channels()
	cx, cy := float64(m.Width-1)/2, float64(m.Height-1)/2
	shiftX, shiftY := t.dx*float64(m.Width)/2, t.dy*float64(m.Height)/2
	for y := range m.Height {
		v := float64(y) - cy - shiftY
		row := out[y*m.Width*channels : (y+1)*m.Width*channels]
		for x := range m.Width {
			u := float64(x) - cx - shiftX
			m.at(row[x*channels:(x+1)*channels], t.xx*u+t.xy*v+cx, t.yx*u+t.yy*v+cy)
		}
	}
}

// at sets out to the bilinear value of each channel at a point, in pixels; beyond the border it fades to 0 over one pixel.
func (m Image) at(out []float32, x, y float64) {
	left, top := math.Floor(x), math.Floor(y)
	if left < -1 || top < -1 || left >= float64(m.Width) || top >= float64(m.Height) {
		clear(out)
		return
	}
	i, j, channels := int(left), int(top), len(out)
	right, below := float32(x-left), float32(y-top)
	inside := i >= 0 && j >= 0 && i+1 < m.Width && j+1 < m.Height
	for c := range out {
		var a, b, d, e float32 // the four pixels around: a b above, d e below
		if inside {
			p := m.Pixels[(j*m.Width+i)*channels+c:]
			a, b = p[0], p[channels]
			p = p[m.Width*channels:]
			d, e = p[0], p[channels]
		} else {
			a, b, d, e = m.pixel(i, j, c), m.pixel(i+1, j, c), m.pixel(i, j+1, c), m.pixel(i+1, j+1, c)
		}
		upper, lower := a+right*(b-a), d+right*(e-d)
		out[c] = upper + below*(lower-upper)
	}
}

// pixel returns channel c of a pixel, 0 outside the image.
func (m Image) pixel(i, j, c int) float32 {
	if i < 0 || j < 0 || i >= m.Width || j >= m.Height {
		return 0
	}
	return m.Pixels[(j*m.Width+i)*m.Channels()+c]
}
