package viz

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// svgCanvas remembers how wide each piece of text is in the font that the figure was laid out with. Most readers' machines lack
// that font, and what they have instead may be wider: then a subscript would lie on its letter.
type svgCanvas struct {
	*vgsvg.Canvas
	widths []float64 // points, in the order of the text
}

// FillString implements [vg.Canvas].
func (c *svgCanvas) FillString(face font.Face, at vg.Point, text string) {
	c.widths = append(c.widths, face.Width(text).Points())
	c.Canvas.FillString(face, at, text)
}

// fit tells the reader's browser how wide each text is, which fonts come near, and that pictures fill their frames.
func (c *svgCanvas) fit(body []byte) []byte {
	element := []byte("<text ")
	var out bytes.Buffer
	for _, width := range c.widths {
		before, after, found := bytes.Cut(body, element)
		if !found {
			break
		}
		out.Write(before)
		fmt.Fprintf(&out, `<text textLength="%.5g" lengthAdjust="spacingAndGlyphs" `, width)
		body = after
	}
	out.Write(body)
	fitted := out.Bytes()
	for _, change := range [][2]string{
		// Arial and Helvetica have the widths of Liberation Sans.
		{"font-family:Liberation Sans;", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"},
		{"data:image/jpg;base64,", "data:image/png;base64,"}, // what the canvas wrote is PNG
		{"<image ", `<image preserveAspectRatio="none" `},
	} {
		fitted = bytes.ReplaceAll(fitted, []byte(change[0]), []byte(change[1]))
	}
	return fitted
}
