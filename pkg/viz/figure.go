package viz

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/unipair/unipair/internal/file"
)

// Figure is a picture that is ready to be rendered, as often and in as many formats as wanted.
type Figure struct {
	// Alt says in words what the picture shows, for readers who cannot see it.
	Alt string

	width, height vg.Length
	draw          func(draw.Canvas)
	panels        []Figure // its parts, where it has several
	columns       int      // of the parts
}

// dpi of PNG: figures are sized in points, and a screen of high density wants two pixels per point.
const dpi = 144

// SVG renders the figure as an SVG element that scales down to its column and carries Alt as its label.
func (f Figure) SVG() ([]byte, error) {
	if f.draw == nil {
		return nil, errEmpty
	}
	canvas := &svgCanvas{Canvas: vgsvg.NewWith(vgsvg.UseWH(f.width, f.height))}
	f.paint(canvas)
	var buffer bytes.Buffer
	if _, err := canvas.WriteTo(&buffer); err != nil {
		return nil, fmt.Errorf("viz: render SVG: %w", err)
	}
	_, body, found := bytes.Cut(buffer.Bytes(), []byte("1999/xlink\">\n"))
	if !found {
		return nil, fmt.Errorf("viz: render SVG: the canvas wrote a head that is not an <svg> element")
	}
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" aria-label="%s" `+
		`viewBox="0 0 %.5g %.5g" width="%.5g" height="%.5g" style="max-width:100%%;height:auto">`+"\n",
		html.EscapeString(f.Alt), f.width.Points(), f.height.Points(), 4*f.width.Points()/3, 4*f.height.Points()/3)
	body = canvas.fit(body)
	return slices.Concat([]byte(head), dark(body), body), nil
}

// HTML renders the figure as one element, <figure class="viz-panels">, that holds an image for each panel. Each
// is as wide as its share of a row, but no narrower than can be read. On a small screen they stand one below the other. Its caption says what Alt says.
func (f Figure) HTML() ([]byte, error) {
	parts := f.parts()
	var page bytes.Buffer
	page.WriteString("<figure class=\"viz-panels\">\n")
	for i, part := range parts {
		svg, err := part.SVG()
		if err != nil {
			return nil, err
		}
		alt := headline(f.Alt) // the rest is the caption's
		if i > 0 {
			alt = fmt.Sprintf("Part %d of %d of the same figure.", i+1, len(parts))
		}
		fmt.Fprintf(&page, "<img alt=\"%s\" %s src=\"data:image/svg+xml;base64,%s\">\n", html.EscapeString(alt), f.share(),
			base64.StdEncoding.EncodeToString(svg))
	}
	fmt.Fprintf(&page, "<figcaption>%s</figcaption>\n</figure>\n", caption(f.Alt))
	return page.Bytes(), nil
}

var scoreName = regexp.MustCompile(`\b([sd])_([pn])\b`)

// caption sets what a figure says for HTML: s_p, s_n, d_p and d_n with their subscripts.
func caption(alt string) string {
	return scoreName.ReplaceAllString(html.EscapeString(alt), "<i>$1</i><sub>$2</sub>")
}

// headline returns what stands before the first full stop or colon of what a figure says.
func headline(alt string) string {
	first, _, _ := strings.Cut(alt, ": ")
	first, _, _ = strings.Cut(first, ". ")
	return strings.TrimSuffix(first, ".")
}

// parts returns the figure's panels, or itself.
func (f Figure) parts() []Figure {
	if len(f.panels) < 2 {
		return []Figure{f}
	}
	return f.panels
}

// share returns the style of a panel: its part of a row, and never less than fits a phone.
func (f Figure) share() string {
	if len(f.panels) < 2 {
		return `style="max-width:100%;height:auto"`
	}
	return fmt.Sprintf(`style="width:%.4g%%;min-width:min(17rem,100%%);height:auto"`, math.Floor(1e4/float64(f.columns))/100)
}

// PNG renders the figure as an image of two pixels per point.
func (f Figure) PNG() ([]byte, error) {
	if f.draw == nil {
		return nil, errEmpty
	}
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(dpi))}
	f.paint(canvas)
	var buffer bytes.Buffer
	if _, err := canvas.WriteTo(&buffer); err != nil {
		return nil, fmt.Errorf("viz: render PNG: %w", err)
	}
	return buffer.Bytes(), nil
}

// Save writes the figure to a file whose name ends in .svg or .png. What was there stays until the figure is whole.
func (f Figure) Save(path string) error {
	var render func() ([]byte, error)
	switch filepath.Ext(path) {
	case ".svg":
		render = f.SVG
	case ".png":
		render = f.PNG
	default:
		return fmt.Errorf("viz: save figure: %s: the name must end in .svg or .png", path)
	}
	content, err := render()
	if err != nil {
		return err
	}
	if err := write(path, content); err != nil {
		return fmt.Errorf("viz: save figure: %w", err)
	}
	return nil
}

// write writes a file into a folder that there is.
func write(path string, content []byte) error {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return err
	}
	return file.WriteBytes(path, content)
}

func (f Figure) paint(canvas vg.CanvasSizer) {
	c := draw.New(canvas)
	c.SetColor(paper)
	c.Fill(c.Rectangle.Path())
	f.draw(c)
}

// panel is a part of a figure that draws itself into what room it is given.
type panel func(draw.Canvas)

// tile lays panels of equal size out in rows of the given number of columns.
func tile(alt string, columns int, width, height float64, panels []panel) Figure {
	const margin, gap = 10, 14
	columns = min(columns, len(panels))
	rows := (len(panels) + columns - 1) / columns
	tiles := draw.Tiles{
		Cols: columns, Rows: rows,
		PadLeft: vg.Points(margin), PadRight: vg.Points(margin), PadTop: vg.Points(margin), PadBottom: vg.Points(margin),
		PadX: vg.Points(gap), PadY: vg.Points(gap),
	}
	parts := make([]Figure, len(panels))
	for i, p := range panels {
		parts[i] = Figure{
			Alt: alt, width: vg.Points(width + gap), height: vg.Points(height + gap),
			draw: func(c draw.Canvas) {
				p(draw.Crop(c, vg.Points(gap/2), -vg.Points(gap/2), vg.Points(gap/2), -vg.Points(gap/2)))
			},
		}
	}
	return Figure{
		Alt: alt, panels: parts, columns: columns,
		width:  vg.Points(float64(columns)*width + float64(columns-1)*gap + 2*margin),
		height: vg.Points(float64(rows)*height + float64(rows-1)*gap + 2*margin),
		draw: func(c draw.Canvas) {
			for i, p := range panels {
				p(tiles.At(c, i%columns, i/columns))
			}
		},
	}
}
