package data

import (
	"fmt"
	"math"
)

// Image is a gray picture: Width×Height pixels, row by row from the top left, from 0 (paper) to 1 (ink).
type Image struct {
	Width, Height int
	Pixels        []float32
}

// validate reports a picture that cannot be one: no pixels, not Width×Height of them, or one that would spoil a whole batch.
func (m Image) validate() error {
	if m.Width < 1 || m.Height < 1 || len(m.Pixels) != m.Width*m.Height {
		return fmt.Errorf("data: an image of %d×%d pixels has %d values; it needs Width×Height of them, at least 1",
			m.Width, m.Height, len(m.Pixels))
	}
	for i, ink := range m.Pixels {
		if v := float64(ink); math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("data: pixel (%d, %d) of an image is %g; it needs a finite number, 0 for paper and 1 for ink",
				i%m.Width, i/m.Width, v)
		}
	}
	return nil
}

// Resize returns the image as size×size pixels, each the exact mean of the area of m that it covers (a box filter): the
// mean of the picture stays the same, and a whole reduction by n is the mean over n×n pixels.
// It panics when size < 1, or the image has not Width×Height pixels or one that is not finite.
func Resize(m Image, size int) Image {
	if err := m.validate(); err != nil {
		panic(err)
	}
	if size < 1 {
		panic(fmt.Errorf("data.Resize: size must be at least 1, got %d", size))
	}
	if m.Width == size && m.Height == size {
		return Image{size, size, append([]float32(nil), m.Pixels...)}
	}
	across, down := shares(m.Width, size), shares(m.Height, size)
	// Columns first: the rows that remain are short when the second pass runs over them.
	narrow := make([]float64, m.Height*size)
	for y := range m.Height {
		row := m.Pixels[y*m.Width : (y+1)*m.Width]
		for x, span := range across {
			sum := 0.0
			for i, weight := range span.weights {
				sum += weight * float64(row[span.first+i])
			}
			narrow[y*size+x] = sum
		}
	}
	out := Image{size, size, make([]float32, size*size)}
	for y, span := range down {
		for x := range size {
			sum := 0.0
			for i, weight := range span.weights {
				sum += weight * narrow[(span.first+i)*size+x]
			}
			out.Pixels[y*size+x] = float32(sum)
		}
	}
	return out
}

// share is what one output pixel takes of the input pixels along one axis: those from first on, by weights that sum to 1.
type share struct {
	first   int
	weights []float64
}

// shares divides an axis of from pixels among to pixels. The borders are counted in units of 1/to of an input pixel, so
// that they are whole numbers and a weight is exact but for its last rounding.
func shares(from, to int) []share {
	spans := make([]share, to)
	for i := range spans {
		low, high := i*from, (i+1)*from
		first, last := low/to, (high-1)/to
		weights := make([]float64, 0, last-first+1)
		for j := first; j <= last; j++ {
			covered := min(high, (j+1)*to) - max(low, j*to)
			weights = append(weights, float64(covered)/float64(from))
		}
		spans[i] = share{first, weights}
	}
	return spans
}
