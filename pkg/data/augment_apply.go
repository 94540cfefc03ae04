package data

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Apply returns the image changed. The amounts depend on the seed and on the running number of the example alone, so that
// any example can be made again, in any order. It panics when the image has not as many numbers as its pixels need or one that is
// not finite.
func (a Augment) Apply(m Image, seed, example uint64) Image {
	if err := m.validate(); err != nil {
		panic(err)
	}
	out := Image{m.Width, m.Height, make([]float32, len(m.Pixels))}
	a.change(out, m, seed, example)
	return out
}

// ApplyTo does what Apply does to a picture of which a crop becomes size × size pixels. Give it in a width and height of [Augment.Side]:
// then the least crop has as many pixels, up to a limit.
func (a Augment) ApplyTo(m Image, size int, seed, example uint64) Image {
	if err := m.validate(); err != nil {
		panic(err)
	}
	out := Image{size, size, make([]float32, size*size*m.Channels())}
	a.change(out, m, seed, example)
	return out
}

// Side returns the width and height, in pixels, of a picture of which crops become size × size pixels. It is as large as the crop of the
// least area needs, and at most twice size.
func (a Augment) Side(size int) int {
	return int(math.Ceil(float64(size) * min(2, 1/math.Sqrt(1-a.Crop))))
}

// draw returns the random map of an example.
func (a Augment) draw(seed, example uint64) affine {
	random := rand.New(rand.NewPCG(seed, scatter(example)))
	amount := func(limit float64) float64 { return limit * (2*random.Float64() - 1) }
	return View{
		RotationDegrees: amount(a.RotationDegrees), Shear: amount(a.Shear), LogScale: amount(a.LogScale), LogAspect: amount(a.LogAspect),
		ShiftX: amount(a.Translation), ShiftY: amount(a.Translation),
	}.affine()
}

// change fills out with the image changed, as the random numbers of the example say. The image may be larger than out; then the crop
// has more to be made of.
func (a Augment) change(out, m Image, seed, example uint64) {
	// The affine map has its own numbers, which do not depend on what else is asked for. So has each of the others, because all are drawn,
	// needed or not.
	random := rand.New(rand.NewPCG(seed, scatter(scatter(example)^0xa55e55ed)))
	var u [10]float64
	for i := range u {
		u[i] = random.Float64()
	}
	around := func(u float64) float64 { return 2*u - 1 }

	if a.Crop > 0 || a.CropLogAspect > 0 {
		m = m.crop(1-a.Crop*u[0], a.CropLogAspect*around(u[1]), u[2], u[3])
	}
	if m.Width != out.Width || m.Height != out.Height {
		m = m.resample(out.Width, out.Height)
	}
	if a.RotationDegrees != 0 || a.Shear != 0 || a.LogScale != 0 || a.LogAspect != 0 || a.Translation != 0 {
		a.draw(seed, example).apply(out.Pixels, m)
	} else {
		copy(out.Pixels, m.Pixels)
	}
	if a.Flip && u[4] < 0.5 {
		out.flip()
	}
	if a.Brightness != 0 || a.Contrast != 0 || a.Saturation != 0 || a.Hue != 0 {
		out.colour(1+a.Brightness*around(u[5]), 1+a.Contrast*around(u[6]), 1+a.Saturation*around(u[7]), a.Hue*around(u[8]))
	}
	if u[9] < a.Erase {
		out.erase(random)
	}
}

// crop returns a part of the image, of that share of its area. The logarithm of its width over its height is relative to that of the
// image. From 0 to 1, x and y say how far it is to the right and to the bottom. What would reach over the border is cut there.
func (m Image) crop(area, logAspect, x, y float64) Image {
	width := min(m.Width, max(1, int(math.Round(float64(m.Width)*math.Sqrt(area*math.Exp(logAspect))))))
	height := min(m.Height, max(1, int(math.Round(float64(m.Height)*math.Sqrt(area/math.Exp(logAspect))))))
	left, top := int(x*float64(m.Width-width+1)), int(y*float64(m.Height-height+1))
	channels := m.Channels()
	out := Image{width, height, make([]float32, 0, width*height*channels)}
	for row := top; row < top+height; row++ {
		out.Pixels = append(out.Pixels, m.Pixels[(row*m.Width+left)*channels:(row*m.Width+left+width)*channels]...)
	}
	return out
}

// flip mirrors the image left to right, in its place.
func (m Image) flip() {
	channels := m.Channels()
	for row := range slices.Chunk(m.Pixels, m.Width*channels) {
		for i, j := 0, m.Width-1; i < j; i, j = i+1, j-1 {
			for c := range channels {
				row[i*channels+c], row[j*channels+c] = row[j*channels+c], row[i*channels+c]
			}
		}
	}
}

// erase fills a rectangle with noise: 2 to 33 % of the area, with an aspect of 0.3 to 3.3.
//
// Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang, "Random Erasing Data Augmentation", AAAI 2020.
func (m Image) erase(random *rand.Rand) {
	area := 0.02 + 0.31*random.Float64()
	aspect := math.Exp(math.Log(3.3) * (2*random.Float64() - 1))
	width := min(m.Width, int(math.Round(float64(m.Width)*math.Sqrt(area*aspect))))
	height := min(m.Height, int(math.Round(float64(m.Height)*math.Sqrt(area/aspect))))
	left, top := random.IntN(m.Width-width+1), random.IntN(m.Height-height+1)
	channels := m.Channels()
	for y := top; y < top+height; y++ {
		for i := (y*m.Width + left) * channels; i < (y*m.Width+left+width)*channels; i++ {
			m.Pixels[i] = random.Float32()
		}
	}
}
