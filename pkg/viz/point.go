package viz

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Point is a place on a map of two dimensions: X to the right, Y up.
type Point struct{ X, Y float64 }

// checkPoints returns an error unless there are points, all numbers, with a label each.
func checkPoints(where, title string, points []Point, labels []int32) error {
	if err := checkSome(where, "points in "+title, len(points)); err != nil {
		return err
	}
	if len(labels) != len(points) {
		return fmt.Errorf("viz.%s: %s: want a label for each point, got %d for %d", where, title, len(labels), len(points))
	}
	for i, p := range points {
		if err := checkNumbers(where, fmt.Sprintf("%s: point %d (x, y)", title, i), p.X, p.Y); err != nil {
			return err
		}
	}
	return nil
}

// glyphOf tells classes apart by shape and by colour: 24 of them before one comes again.
func glyphOf(class int32, radius float64) draw.GlyphStyle {
	shapes := []draw.GlyphDrawer{
		draw.CircleGlyph{}, filledSquare{}, draw.PyramidGlyph{}, filledDiamond{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{},
	}
	i := int(class)
	if i < 0 {
		i = -i
	}
	return draw.GlyphStyle{Color: series(i), Radius: vg.Points(radius), Shape: shapes[i%len(shapes)]}
}

// filledSquare and filledDiamond are glyphs that gonum/plot lacks or draws lighter than its disc.
type (
	filledSquare  struct{}
	filledDiamond struct{}
)

// DrawGlyph implements [draw.GlyphDrawer].
func (filledSquare) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	fillCorners(c, style, at, 0.88*style.Radius, math.Pi/4)
}

// DrawGlyph implements [draw.GlyphDrawer].
func (filledDiamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	fillCorners(c, style, at, style.Radius, 0)
}

// fillCorners fills a square of a half edge, turned by an angle.
func fillCorners(c *draw.Canvas, style draw.GlyphStyle, at vg.Point, half vg.Length, turn float64) {
	corners := make([]vg.Point, 4)
	for i := range corners {
		sin, cos := math.Sincos(turn + float64(i)*math.Pi/2)
		corners[i] = at.Add(vg.Point{X: half * math.Sqrt2 * vg.Length(cos), Y: half * math.Sqrt2 * vg.Length(sin)})
	}
	c.FillPolygon(style.Color, corners)
}

// frameOf fits points into a square of the canvas, the same scale across and up.
func frameOf(c draw.Canvas, points []Point) func(Point) vg.Point {
	var xs, ys []float64
	for _, p := range points {
		xs, ys = append(xs, p.X), append(ys, p.Y)
	}
	lowX, highX := span(xs...)
	lowY, highY := span(ys...)
	size := max(highX-lowX, highY-lowY)
	if size == 0 {
		size = 1
	}
	edge := min(c.Size().X, c.Size().Y)
	middle := Point{(lowX + highX) / 2, (lowY + highY) / 2}
	return func(p Point) vg.Point {
		return c.Center().Add(vg.Point{X: edge * vg.Length((p.X-middle.X)/size), Y: edge * vg.Length((p.Y-middle.Y)/size)})
	}
}
