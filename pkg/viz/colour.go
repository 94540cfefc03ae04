package viz

import (
	"image/color"
	"math"
)

// rgb is an opaque colour, 0xRRGGBB.
type rgb uint32

// The palette: Okabe and Ito's colours, and the greys of text and rules.
const (
	blue       rgb = 0x0072b2
	vermillion rgb = 0xd55e00
	green      rgb = 0x009e73
	orange     rgb = 0xe69f00
	purple     rgb = 0xcc79a7
	skyBlue    rgb = 0x56b4e9
	ink        rgb = 0x222222
	grey       rgb = 0x6b6b6b
	paleGrey   rgb = 0xe3e3e3
	paper      rgb = 0xffffff
)

// RGBA implements [color.Color].
func (c rgb) RGBA() (r, g, b, a uint32) {
	return uint32(c>>16&0xff) * 0x101, uint32(c>>8&0xff) * 0x101, uint32(c&0xff) * 0x101, 0xffff
}

// at returns the colour with an opacity in [0, 1].
func (c rgb) at(opacity float64) color.NRGBA {
	return color.NRGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: uint8(math.Round(255 * opacity))}
}

// series returns the i-th colour of a set of curves.
func series(i int) rgb {
	return [...]rgb{blue, vermillion, green, purple, orange, skyBlue}[i%6]
}

// viridis maps [0, 1] to colours of even perceived steps, dark to light.
func viridis(x float64) color.NRGBA {
	return ramp(x, 0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151, 0xbddf26, 0xfde725)
}

// wash maps [0, 1] to a single hue, from no ink to deep blue, for densities: as much of a glaze as gives the ramp's colour on paper.
func wash(x float64) color.NRGBA {
	c := ramp(x, paper, 0xd6e8f3, 0x9cc9e3, 0x5aa5d0, 0x2380b9, blue, 0x044a75)
	cover := 1 - float64(min(c.R, c.G, c.B))/255
	if cover == 0 {
		return paper.at(0)
	}
	thick := func(v uint8) uint8 { return uint8(math.Round(max(0, 255-(255-float64(v))/cover))) }
	return color.NRGBA{R: thick(c.R), G: thick(c.G), B: thick(c.B), A: uint8(math.Round(255 * cover))}
}

// ramp interpolates between evenly spaced colours.
func ramp(x float64, stops ...rgb) color.NRGBA {
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

// wheel maps an angle to colours that come back to their beginning.
func wheel(angle float64) color.NRGBA {
	turns := angle / (2 * math.Pi)
	return ramp(turns-math.Floor(turns), blue, green, orange, vermillion, purple, blue)
}
