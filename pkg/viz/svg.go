package viz

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

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

// inTheDark says what becomes of a colour on a dark page. Rules and boundaries that are drawn over a colour map keep theirs.
var inTheDark = []struct{ light, dark rgb }{
	{paper, 0x161616}, {ink, 0xe8e8e8}, {grey, 0xa8a8a8}, {paleGrey, 0x3a3a3a},
	{blue, 0x5ab4f0}, {vermillion, 0xff8a3d}, {green, 0x2fc79a},
}

var colours = regexp.MustCompile(`(fill|stroke):#([0-9A-F]{6})`)

// dark returns a style sheet for an SVG whose reader has a dark page. What its body paints in a colour of the palette, or what rounding
// has made of one, is painted in that colour's counterpart.
func dark(body []byte) []byte {
	var rules []string
	for _, found := range colours.FindAllSubmatch(body, -1) {
		colour, _ := strconv.ParseUint(string(found[2]), 16, 32) // six hexadecimal digits
		for _, change := range inTheDark {
			if !near(change.light, rgb(colour)) || change.light == paper && string(found[1]) == "stroke" {
				continue // isolines are paper on a colour map, which stays
			}
			rules = append(rules, fmt.Sprintf(`[style*="%s"]{%s:#%06x!important}`, found[0], found[1], uint32(change.dark)))
		}
	}
	slices.Sort(rules)
	return fmt.Appendf(nil, "<style>@media (prefers-color-scheme: dark){%s}</style>\n", strings.Join(slices.Compact(rules), ""))
}

// near says whether two colours are the same but for the rounding of an opacity.
func near(x, y rgb) bool {
	for shift := range 3 {
		if d := int(x>>(8*shift)&0xff) - int(y>>(8*shift)&0xff); d < -3 || d > 3 {
			return false
		}
	}
	return true
}
