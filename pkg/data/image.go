package data

import "fmt"

// Image is a picture, gray or in colour: Width×Height pixels, row by row from the top left. A pixel is one number, or three in
// a row: red, green, blue. They go from 0 to 1, from black to full light.
type Image struct {
	Width, Height int       // pixels, at least 1 each; of features the height is 1
	Pixels        []float32 // Width·Height of them, or 3·Width·Height
}

// Channels returns the numbers per pixel: 1 for gray, 3 for colour.
func (m Image) Channels() int {
	if m.Width < 1 || m.Height < 1 {
		return 0
	}
	return len(m.Pixels) / m.Width / m.Height
}

// As returns the picture with so many channels, 1 or 3: gray is repeated, and colour becomes its luminance, 0.299 red + 0.587
// green + 0.114 blue (ITU-R BT.601). With as many as it has, it is the picture itself.
func (m Image) As(channels int) Image {
	has := m.Channels()
	if has == channels {
		return m
	}
	out := Image{m.Width, m.Height, make([]float32, channels*m.Width*m.Height)}
	for i := range m.Width * m.Height {
		if has == 1 {
			out.Pixels[3*i], out.Pixels[3*i+1], out.Pixels[3*i+2] = m.Pixels[i], m.Pixels[i], m.Pixels[i]
		} else if p := m.Pixels[3*i:]; p[0] == p[1] && p[1] == p[2] {
			out.Pixels[i] = p[0] // gray that was saved as colour: the weights do not sum to 1 in float32
		} else {
			out.Pixels[i] = luminance(p)
		}
	}
	return out
}

// Inverted returns the picture turned over, light for dark: 1 − x of every number. It is fresh, of the same size and channels.
func (m Image) Inverted() Image {
	out := Image{m.Width, m.Height, make([]float32, len(m.Pixels))}
	for i, x := range m.Pixels {
		out.Pixels[i] = 1 - x
	}
	return out
}

// luminance returns how light a pixel of red, green and blue looks.
func luminance(rgb []float32) float32 { return 0.299*rgb[0] + 0.587*rgb[1] + 0.114*rgb[2] }

// validate reports a picture that cannot be one: no pixels, not as many numbers as they need, or one that would spoil a batch.
func (m Image) validate() error {
	if n := m.Width * m.Height; m.Width < 1 || m.Height < 1 || len(m.Pixels) != n && len(m.Pixels) != 3*n {
		return fmt.Errorf("data: an image of %d×%d pixels has %d values; it needs one a pixel (gray) or three (colour), and a pixel at least",
			m.Width, m.Height, len(m.Pixels))
	}
	for i, x := range m.Pixels {
		if x-x != 0 { // NaN or infinite
			i /= m.Channels()
			return fmt.Errorf("data: pixel (%d, %d) of an image is %g; it needs a finite number, from 0 to 1", i%m.Width, i/m.Width, x)
		}
	}
	return nil
}

// Resize returns the image as size×size pixels, each the exact mean of the area of m that it covers. That is a box filter, so there is no
// aliasing: the mean of the picture stays the same, and a whole reduction by n is the mean over n×n pixels. A picture that is not square
// is squeezed. It panics when size < 1, or the image is none: not as many numbers as pixels, or one that is not finite.
func Resize(m Image, size int) Image {
	if err := m.validate(); err != nil {
		panic(err)
	}
	if size < 1 {
		panic(fmt.Errorf("data.Resize: size must be at least 1, got %d", size))
	}
	return m.resample(size, size)
}

// resample does what [Resize] does, to any width and height and without the checks.
func (m Image) resample(width, height int) Image {
	if m.Width == width && m.Height == height {
		return Image{width, height, append([]float32(nil), m.Pixels...)}
	}
	return m.weighted(shares(m.Width, width), shares(m.Height, height))
}

// weighted returns the image whose pixels are means by the weights across, for each column, and down, for each row.
func (m Image) weighted(across, down []share) Image {
	width, height, channels := len(across), len(down), m.Channels()
	// Columns first: the rows that remain are short when the second pass runs over them.
	length := width * channels
	narrow := make([]float64, m.Height*length)
	for y := range m.Height {
		row := m.Pixels[y*m.Width*channels : (y+1)*m.Width*channels]
		for x, span := range across {
			for c := range channels {
				sum := 0.0
				for i, weight := range span.weights {
					sum += weight * float64(row[(span.first+i)*channels+c])
				}
				narrow[y*length+x*channels+c] = sum
			}
		}
	}
	out := Image{width, height, make([]float32, height*length)}
	for y, span := range down {
		for x := range length {
			sum := 0.0
			for i, weight := range span.weights {
				sum += weight * narrow[(span.first+i)*length+x]
			}
			out.Pixels[y*length+x] = float32(sum)
		}
	}
	return out
}

// share holds the part of the input pixels that makes one output pixel along one axis: those from first on, by weights that sum to 1.
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
