package viz

import (
	"image/color"
	"math"
)

// Colour is an opaque colour, 0xRRGGBB.
type Colour uint32

// The palette: Okabe and Ito's colours, and the greys of text and rules.
const (
	Blue       Colour = 0x0072b2
	Vermillion Colour = 0xd55e00
	Green      Colour = 0x009e73
	Orange     Colour = 0xe69f00
	Purple     Colour = 0xcc79a7
	SkyBlue    Colour = 0x56b4e9
	Ink        Colour = 0x222222
	Grey       Colour = 0x6b6b6b
	Rule       Colour = 0xe3e3e3
	Paper      Colour = 0xffffff
)

// RGBA implements [color.Color].
func (c Colour) RGBA() (r, g, b, a uint32) {
	return uint32(c>>16&0xff) * 0x101, uint32(c>>8&0xff) * 0x101, uint32(c&0xff) * 0x101, 0xffff
}

// at returns the colour with an opacity in [0, 1].
func (c Colour) at(opacity float64) color.NRGBA {
	return color.NRGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: uint8(math.Round(255 * opacity))}
}

// series is the i-th colour of a set of curves.
func series(i int) Colour {
	return [...]Colour{Blue, Vermillion, Green, Purple, Orange, SkyBlue}[i%6]
}

// viridis maps [0, 1] to colours of even perceived steps, dark to light.
func viridis(x float64) color.NRGBA {
	return ramp(x, 0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151, 0xbddf26, 0xfde725)
}

// wash maps [0, 1] to a single hue, paper to deep blue: for densities, where nothing is no ink.
func wash(x float64) color.NRGBA {
	return ramp(x, Paper, 0xd6e8f3, 0x9cc9e3, 0x5aa5d0, 0x2380b9, Blue, 0x044a75)
}

// ramp interpolates between evenly spaced colours.
func ramp(x float64, stops ...Colour) color.NRGBA {
	x = min(max(x, 0), 1) * float64(len(stops)-1)
	i := min(int(x), len(stops)-2)
	low, high, t := stops[i].at(1), stops[i+1].at(1), x-float64(i)
	return color.NRGBA{R: mix(low.R, high.R, t), G: mix(low.G, high.G, t), B: mix(low.B, high.B, t), A: 255}
}

func mix(low, high uint8, t float64) uint8 {
	return uint8(math.Round(float64(low) + float64(t*(float64(high)-float64(low)))))
}

// shaded darkens a colour, 1 leaves it.
func shaded(c color.NRGBA, light float64) color.NRGBA {
	return color.NRGBA{R: mix(0, c.R, light), G: mix(0, c.G, light), B: mix(0, c.B, light), A: c.A}
}
