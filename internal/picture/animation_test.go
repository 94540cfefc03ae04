package picture_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"testing"
)

var (
	transparent = color.NRGBA{}
	silver      = color.NRGBA{192, 192, 192, 255}
	black       = color.NRGBA{0, 0, 0, 255}
)

// frame is a part of an animation in one colour of its own palette, or of the global one where that is the same.
func frame(at image.Rectangle, index uint8, palette ...color.Color) *image.Paletted {
	m := image.NewPaletted(at, palette)
	for i := range m.Pix {
		m.Pix[i] = index
	}
	return m
}

// TestGIF: the first frame in its place on the screen and in its colours; what it does not cover has the background's colour, or is
// transparent where the frame has a transparent colour; it is gray if its pixels are.
func TestGIF(t *testing.T) {
	screen, part := image.Rect(0, 0, 12, 8), image.Rect(4, 2, 8, 6)
	grays, colours := []color.Color{black, silver}, []color.Color{red, blue}
	for name, c := range map[string]struct {
		global []color.Color
		first  *image.Paletted
		change func(raw []byte)
		want   color.NRGBA
		at     image.Rectangle // where want is
		rest   color.NRGBA
		screen image.Rectangle
		gray   bool
	}{
		"all of it":                       {colours, frame(screen, 1, colours...), nil, blue, screen, red, screen, false},
		"a part":                          {colours, frame(part, 1, colours...), nil, blue, part, red, screen, false},
		"a part, transparent":             {colours, frame(part, 1, red, transparent), nil, white, part, white, screen, true},
		"a part, transparent, coloured":   {colours, frame(part, 0, blue, transparent), nil, blue, part, white, screen, false},
		"gray global, coloured own":       {grays, frame(part, 1, colours...), nil, blue, part, black, screen, false},
		"coloured global, gray own":       {colours, frame(screen, 1, grays...), nil, silver, screen, red, screen, true},
		"gray on a coloured background":   {colours, frame(part, 1, grays...), nil, silver, part, red, screen, false},
		"another background":              {grays, frame(part, 0, grays...), func(raw []byte) { raw[11] = 1 }, black, part, silver, screen, true},
		"a background that there is not":  {colours, frame(part, 1, colours...), func(raw []byte) { raw[11] = 2 }, blue, part, white, screen, false},
		"no global":                       {nil, frame(part, 1, colours...), nil, blue, part, white, screen, false},
		"gray pixels of a coloured table": {[]color.Color{silver, red}, frame(part, 0, silver, red), nil, silver, part, silver, screen, true},
		"coloured transparent, else gray": {nil, frame(part, 0, silver, color.NRGBA{255, 0, 0, 0}), nil, silver, part, white, screen, true},
		"a screen of no size":             {colours, frame(screen, 1, colours...), func(raw []byte) { clear(raw[6:10]) }, blue, screen, red, screen, false},
		"a frame beyond the screen":       {colours, frame(part, 1, colours...), func(raw []byte) { raw[6], raw[8] = 5, 3 }, blue, part, red, image.Rect(0, 0, 8, 6), false},
	} {
		t.Run(name, func(t *testing.T) {
			for frames := 1; frames <= 2; frames++ { // the second plays no part
				var out bytes.Buffer
				all := &gif.GIF{Image: []*image.Paletted{c.first, frame(screen, 0, green, red)}[:frames], Delay: make([]int, frames),
					Config: image.Config{Width: 12, Height: 8}}
				if c.global != nil {
					all.Config.ColorModel = color.Palette(c.global)
				}
				must(0, gif.EncodeAll(&out, all))
				raw := out.Bytes()
				if c.change != nil {
					c.change(raw)
				}
				m, p := shown(t, raw)
				want := image.NewNRGBA(c.screen)
				for y := range c.screen.Dy() {
					for x := range c.screen.Dx() {
						want.SetNRGBA(x, y, c.rest)
						if (image.Point{X: x, Y: y}).In(c.at) {
							want.SetNRGBA(x, y, c.want)
						}
					}
				}
				same(t, m, want, 0)
				if p.Gray != c.gray {
					t.Errorf("gray: %t, want %t", p.Gray, c.gray)
				}
			}
		})
	}
}

// TestAnimatedWebP: Pillow wrote a blue frame of 16 × 8 at (32, 16) of 64 × 32, and then another.
func TestAnimatedWebP(t *testing.T) {
	for _, name := range []string{"anim_lossless.webp", "anim_lossy.webp"} {
		m, p := shown(t, testdata(name))
		want := image.NewNRGBA(image.Rect(0, 0, 64, 32))
		for i := range want.Pix {
			want.Pix[i] = 255
		}
		for y := 16; y < 24; y++ {
			for x := 32; x < 48; x++ {
				want.SetNRGBA(x, y, blue)
			}
		}
		same(t, m, want, 3)
		if p.Gray {
			t.Errorf("%s is gray", name)
		}
	}
	if m, _ := shown(t, testdata("anim.webp")); m.Rect.Dx() != 48 || !near(m.NRGBAAt(8, 8), color.NRGBA{200, 30, 30, 255}, 4) {
		t.Errorf("anim.webp: %v, %v", m.Rect, m.NRGBAAt(8, 8))
	}
}

// TestTransparentWebP: Pillow wrote the corner of a lossy picture as transparent.
func TestTransparentWebP(t *testing.T) {
	m, _ := shown(t, testdata("quarters_alpha.webp"))
	for at, want := range map[image.Point]color.NRGBA{{}: white, {X: 10, Y: 8}: red, {X: 40, Y: 8}: green, {X: 10, Y: 24}: blue} {
		if got := m.NRGBAAt(at.X, at.Y); !near(got, want, 4) {
			t.Errorf("%v is %v, want %v", at, got, want)
		}
	}
}

// TestPNM: values that are worked out by hand; Pillow gives the same.
func TestPNM(t *testing.T) {
	deep := binary.BigEndian.AppendUint16([]byte("P5\n2 1\n65535\n"), 257*77)
	deep = binary.BigEndian.AppendUint16(deep, 65535)
	for name, c := range map[string]struct {
		raw  []byte
		want []uint8 // three a pixel where it is of colour
		gray bool
	}{
		"P1":                  {[]byte("P1 # words\n# more\n3 2\n101\n0 1 0"), []uint8{0, 255, 0, 255, 0, 255}, true},
		"P2":                  {[]byte("P2\n3 2\n15\n0 7 15\n3 9 1\n"), []uint8{0, 119, 255, 51, 153, 17}, true},
		"P3":                  {[]byte("P3\n1 2 255\n1 2 3 255 128 0"), []uint8{1, 2, 3, 255, 128, 0}, false},
		"P4":                  {[]byte("P4\n10 2\n\xa5\x40\x0f\x80"), []uint8{0, 255, 0, 255, 255, 0, 255, 0, 255, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 255}, true},
		"P5":                  {[]byte("P5 2 2 255 \x00\x0a#\xff"), []uint8{0, 10, 35, 255}, true},
		"P5, white is 100":    {[]byte("P5 2 2 100 \x00\x32\x64\x07"), []uint8{0, 128, 255, 18}, true},
		"P5, two bytes":       {deep, []uint8{77, 255}, true},
		"P6":                  {[]byte("P6 1 1 255 \x01\x02\x03"), []uint8{1, 2, 3}, false},
		"P6, more than white": {[]byte("P6 1 1 9 \x01\x09\x63"), []uint8{28, 255, 255}, false},
	} {
		t.Run(name, func(t *testing.T) {
			m, p := shown(t, c.raw)
			if p.Gray != c.gray {
				t.Errorf("gray: %t, want %t", p.Gray, c.gray)
			}
			var got []uint8
			for i := 0; i < len(m.Pix); i += 4 {
				if c.gray {
					got = append(got, m.Pix[i])
				} else {
					got = append(got, m.Pix[i:i+3]...)
				}
			}
			if !bytes.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestGrayPixels: a palette's unused colours do not make a picture coloured, in any format; gray with transparency is gray.
func TestGrayPixels(t *testing.T) {
	for _, c := range []struct {
		index uint8
		gray  bool
	}{{0, true}, {1, false}} {
		m := frame(image.Rect(0, 0, 4, 3), c.index, silver, red)
		table := []int{192 * 257, 65535, 192 * 257, 0, 192 * 257, 0}
		values := make([]int, 12)
		for i := range values {
			values[i] = int(c.index)
		}
		for name, raw := range map[string][]byte{
			"png": written("png", m), "gif": written("gif", m), "tiff": tif{width: 4, height: 3, bits: 1, samples: 1, colour: 3, table: table, values: values}.file(),
			"bmp": bmp{bits: 8, width: 1, height: 1, palette: []byte{192, 192, 192, 0, 0, 0, 255, 0}, pixels: []byte{c.index, 0, 0, 0}}.file(),
		} {
			if _, p := shown(t, raw); p.Gray != c.gray {
				t.Errorf("%s, colour %d: gray: %t", name, c.index, p.Gray)
			}
		}
	}
	// A PNG of gray and alpha: one pixel, half transparent black.
	if m, p := shown(t, grayAlpha()); !p.Gray || !near(m.NRGBAAt(0, 0), color.NRGBA{127, 127, 127, 255}, 1) {
		t.Errorf("gray with alpha: gray: %t, %v", p.Gray, m.NRGBAAt(0, 0))
	}
}
