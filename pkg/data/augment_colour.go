package data

import "math"

// colour changes brightness, contrast, saturation and hue, in this order, each value kept in [0, 1], as torchvision's ColorJitter does
// each of them. Saturation and hue do nothing to gray.
func (m Image) colour(brightness, contrast, saturation, hue float64) {
	if brightness != 1 {
		m.blend(float32(brightness), func([]float32) float32 { return 0 })
	}
	if contrast != 1 {
		sum, n := 0.0, m.Channels()
		for i := 0; i < len(m.Pixels); i += n {
			sum += float64(lightness(m.Pixels[i : i+n]))
		}
		mean := float32(sum / float64(m.Width*m.Height))
		m.blend(float32(contrast), func([]float32) float32 { return mean })
	}
	if m.Channels() != 3 {
		return
	}
	if saturation != 1 {
		m.blend(float32(saturation), luminance)
	}
	if hue != 0 {
		for i := 0; i < len(m.Pixels); i += 3 {
			turnHue(m.Pixels[i:i+3], hue)
		}
	}
}

// lightness returns the luminance of a pixel, gray or in colour.
func lightness(pixel []float32) float32 {
	if len(pixel) == 1 {
		return pixel[0]
	}
	return luminance(pixel)
}

// blend multiplies the distance of each value from what its pixel is compared with.
func (m Image) blend(factor float32, with func(pixel []float32) float32) {
	n := m.Channels()
	for i := 0; i < len(m.Pixels); i += n {
		pixel := m.Pixels[i : i+n]
		from := with(pixel)
		for c, x := range pixel {
			pixel[c] = min(max(from+factor*(x-from), 0), 1)
		}
	}
}

// turnHue turns the hue of a pixel in HSV by so many turns.
func turnHue(rgb []float32, turns float64) {
	r, g, b := float64(rgb[0]), float64(rgb[1]), float64(rgb[2])
	value := max(r, g, b)
	chroma := value - min(r, g, b)
	if chroma == 0 {
		return
	}
	var sixths float64 // from red over yellow, green, cyan, blue and magenta
	switch value {
	case r:
		sixths = (g - b) / chroma
	case g:
		sixths = (b-r)/chroma + 2
	default:
		sixths = (r-g)/chroma + 4
	}
	sixths += 6 * turns
	for c, at := range [3]float64{5, 3, 1} { // where red, green and blue begin to fall
		k := sixths + at
		k -= 6 * math.Floor(k/6)
		rgb[c] = float32(value - chroma*min(max(min(k, 4-k), 0), 1))
	}
}
