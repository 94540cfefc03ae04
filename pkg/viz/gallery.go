package viz

import (
	"fmt"
	"image"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Retrieved is an image that a query brought back.
type Retrieved struct {
	Image      image.Image // of any size, which is brought to that of its place
	Similarity float64     // to the query
	Right      bool        // it is of the query's class
}

// GalleryRow holds a query with its nearest neighbours, the nearest first.
type GalleryRow struct {
	Query      image.Image // what was looked for
	Neighbours []Retrieved // what was found
}

// Gallery draws one query per row: the query at the left, then its neighbours with their similarity. A right one has a tick and a solid
// frame, a wrong one a cross and a dashed frame.
func Gallery(title string, rows []GalleryRow) (Figure, error) {
	if err := checkSome("Gallery", "rows", len(rows)); err != nil {
		return Figure{}, err
	}
	most, right, all := 0, 0, 0
	for i, r := range rows {
		if r.Query == nil {
			return Figure{}, fmt.Errorf("viz.Gallery: row %d has no query image", i)
		}
		for k, n := range r.Neighbours {
			if n.Image == nil {
				return Figure{}, fmt.Errorf("viz.Gallery: neighbour %d of row %d has no image", k, i)
			}
			if err := checkNumbers("Gallery", fmt.Sprintf("similarity of neighbour %d of row %d", k, i), n.Similarity); err != nil {
				return Figure{}, err
			}
			all++
			if n.Right {
				right++
			}
		}
		most = max(most, len(r.Neighbours))
	}
	height := float64(headOfGallery + len(rows)*rowOfGallery + 8)
	return Figure{
		Alt: fmt.Sprintf("%s. %d query images, each with its up to %d nearest neighbours; %d of the %d neighbours are of the query's class.",
			title, len(rows), most, right, all),
		width:  vg.Points(float64(20 + (most+1)*columnOfGallery + gapAfterQuery)),
		height: vg.Points(height),
		draw: func(c draw.Canvas) {
			drawGalleryHead(c, title, most)
			for i, r := range rows {
				r.draw(c, c.Max.Y-vg.Points(float64(headOfGallery+i*rowOfGallery)))
			}
		},
	}, nil
}

// Measures of the gallery, in points.
const (
	headOfGallery   = 46
	rowOfGallery    = 72
	columnOfGallery = 62
	tileOfGallery   = 50
	gapAfterQuery   = 16
)

func drawGalleryHead(c draw.Canvas, title string, neighbours int) {
	c.FillText(aligned(bold(textStyle(10.5, ink)), draw.XLeft, draw.YTop), vg.Point{X: c.Min.X + vg.Points(14), Y: c.Max.Y - vg.Points(8)}, title)
	small := aligned(textStyle(8.5, grey), draw.XCenter, draw.YBottom)
	y := c.Max.Y - vg.Points(headOfGallery-4)
	c.FillText(small, vg.Point{X: galleryX(c, -1) + vg.Points(tileOfGallery/2), Y: y}, "query")
	for k := range neighbours {
		c.FillText(small, vg.Point{X: galleryX(c, k) + vg.Points(tileOfGallery/2), Y: y}, fmt.Sprint(k+1))
	}
}

// galleryX returns the left edge of a column; −1 is the query's.
func galleryX(c draw.Canvas, column int) vg.Length {
	x := 14 + (column+1)*columnOfGallery
	if column >= 0 {
		x += gapAfterQuery
	}
	return c.Min.X + vg.Points(float64(x))
}

func (r GalleryRow) draw(c draw.Canvas, top vg.Length) {
	drawTile(c, galleryX(c, -1), top, r.Query, line(1, grey))
	x := galleryX(c, 0) - vg.Points(14)
	c.StrokeLine2(line(0.8, paleGrey), x, top, x, top-vg.Points(tileOfGallery))
	for k, n := range r.Neighbours {
		left := galleryX(c, k)
		frame, colour := line(1.6, green), green
		if !n.Right {
			frame, colour = line(1.6, vermillion, vg.Points(3), vg.Points(2)), vermillion
		}
		drawTile(c, left, top, n.Image, frame)
		under := vg.Point{X: left + vg.Points(8), Y: top - vg.Points(tileOfGallery+9)}
		drawVerdict(c, under, n.Right, colour)
		c.FillText(aligned(textStyle(8, grey), draw.XLeft, draw.YCenter), under.Add(vg.Point{X: vg.Points(9)}),
			fmt.Sprintf("%.2f", math.Round(100*n.Similarity)/100))
	}
}

func drawTile(c draw.Canvas, left, top vg.Length, picture image.Image, frame draw.LineStyle) {
	edge := vg.Points(tileOfGallery)
	area := vg.Rectangle{Min: vg.Point{X: left, Y: top - edge}, Max: vg.Point{X: left + edge, Y: top}}
	c.DrawImage(area, picture)
	c.SetLineStyle(frame)
	c.Stroke(area.Path())
}

// drawVerdict draws a tick or a cross: shapes, so that it does not hang on colour or on a font's signs.
func drawVerdict(c draw.Canvas, centre vg.Point, right bool, colour rgb) {
	p := func(x, y float64) vg.Point { return centre.Add(vg.Point{X: vg.Points(x), Y: vg.Points(y)}) }
	style := line(1.7, colour)
	if right {
		c.StrokeLines(style, []vg.Point{p(-4, 0), p(-1.2, -3), p(4, 3.6)})
		return
	}
	c.StrokeLines(style, []vg.Point{p(-3.2, -3.2), p(3.2, 3.2)}, []vg.Point{p(-3.2, 3.2), p(3.2, -3.2)})
}
