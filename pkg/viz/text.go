package viz

import (
	"image/color"
	"math"
	"strings"
	"unicode"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// subscripts is plain text in which s_n is set as a slanted s with a lowered n. gonum/plot's LaTeX handler cannot set
// subscripts, and its fonts have no subscript letters.
type subscripts struct{ text.Plain }

func newSubscripts() subscripts {
	return subscripts{text.Plain{Fonts: font.NewCache(liberation.Collection())}}
}

const (
	subscriptSize  = 0.72 // of the font size
	subscriptDepth = 0.22 // below the base line, of the font size
)

// run is a piece of a line in one font.
type run struct {
	text string
	font font.Font
	drop vg.Length
}

// runs splits a line at its subscripts.
func (subscripts) runs(line string, f font.Font) []run {
	slanted, small := f, f
	slanted.Style = xfont.StyleItalic
	small.Size *= subscriptSize
	letters := []rune(line)
	var all []run
	plain := 0
	for i := 1; i+1 < len(letters); i++ {
		if letters[i] != '_' || !unicode.IsLetter(letters[i-1]) || !unicode.IsLetter(letters[i+1]) {
			continue
		}
		if plain < i-1 {
			all = append(all, run{text: string(letters[plain : i-1]), font: f})
		}
		all = append(all,
			run{text: string(letters[i-1]), font: slanted},
			run{text: string(letters[i+1]), font: small, drop: subscriptDepth * f.Size})
		plain = i + 2
	}
	if plain < len(letters) {
		all = append(all, run{text: string(letters[plain:]), font: f})
	}
	return all
}

// Box implements [text.Handler].
func (h subscripts) Box(line string, f font.Font) (width, height, depth vg.Length) {
	for _, r := range h.runs(line, f) {
		face := h.face(r.font)
		width += face.Width(r.text)
	}
	extents := h.Extents(f)
	return width, extents.Ascent, extents.Descent
}

// Draw implements [text.Handler].
func (h subscripts) Draw(c vg.Canvas, txt string, style text.Style, pt vg.Point) {
	if strings.TrimSpace(txt) == "" {
		return
	}
	c.Push()
	defer c.Pop()
	c.SetColor(style.Color)
	c.Rotate(style.Rotation)
	sin, cos := math.Sincos(style.Rotation)
	at := vg.Point{X: pt.Y*vg.Length(sin) + pt.X*vg.Length(cos), Y: pt.Y*vg.Length(cos) - pt.X*vg.Length(sin)}
	lines := h.Lines(txt)
	at.Y += style.Height(txt)*vg.Length(style.YAlign) - h.Extents(style.Font).Ascent
	for i, line := range lines {
		width, _, _ := h.Box(line, style.Font)
		x := at.X + width*vg.Length(style.XAlign)
		y := at.Y + vg.Length(len(lines)-i)*style.Font.Size
		for _, r := range h.runs(line, style.Font) {
			face := h.face(r.font)
			inked := strings.TrimLeft(r.text, " ") // SVG drops spaces at either end, so step over them instead
			left := x + face.Width(r.text) - face.Width(inked)
			if inked = strings.TrimRight(inked, " "); inked != "" {
				c.FillString(face, vg.Point{X: left, Y: y - r.drop}, inked)
			}
			x += face.Width(r.text)
		}
	}
}

func (h subscripts) face(f font.Font) font.Face { return h.Fonts.Lookup(f, f.Size) }

// textStyle returns sans-serif text of a size in points.
func textStyle(size float64, ink color.Color) text.Style {
	return text.Style{
		Color:   ink,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)},
		Handler: newSubscripts(),
	}
}

// aligned places text by a point of its box.
func aligned(style text.Style, x text.XAlignment, y text.YAlignment) text.Style {
	style.XAlign, style.YAlign = x, y
	return style
}

// bold makes text heavy.
func bold(style text.Style) text.Style {
	style.Font.Weight = xfont.WeightBold
	return style
}
