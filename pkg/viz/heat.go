package viz

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HeatMaps draws surfaces seen from above, as colours with level lines, in rows of the given number of columns. Each has
// its own scale.
func HeatMaps(columns int, surfaces ...Surface) (Figure, error) {
	return tileSurfaces("HeatMaps", "Maps over the plane of s_n (across) and s_p (up).", columns, 290, 252, surfaces,
		func(s Surface) panel { return s.drawFlat })
}

// levels is the number of level lines' gaps between 0 and the greatest height.
const levels = 5

func (s Surface) drawFlat(c draw.Canvas) {
	last := len(s.Axis) - 1
	low, high := s.Axis[0], s.Axis[last]
	top := s.limit()
	axes := newPlane(s.Title, low, high)
	axes.X.Label.Text, axes.Y.Label.Text = "s_n (cosine similarity)", "s_p (cosine similarity)"
	picture := raster(256, func(x, y float64) color.NRGBA { return viridis(s.interpolate(x, y) / top) })
	axes.Add(plotter.NewImage(picture, low, low, high, high))
	var heights []float64
	for i := 1; i < levels; i++ {
		heights = append(heights, top*float64(i)/levels)
	}
	contour := plotter.NewContour(grid{s}, heights, onePaper{})
	contour.LineStyles = []draw.LineStyle{line(0.9, paper)}
	axes.Add(contour)
	drawSquare(axes, draw.Crop(c, 0, -vg.Points(44), 0, 0))
	data := axes.DataCanvas(draw.Crop(c, 0, -vg.Points(44), 0, 0))
	drawColourBar(draw.Crop(c, c.Size().X-vg.Points(38), -vg.Points(26), data.Min.Y-c.Min.Y, -(c.Max.Y-data.Max.Y)), s.Quantity, top)
}

// drawColourBar draws a scale from 0 to top with the level lines' heights.
func drawColourBar(c draw.Canvas, quantity string, top float64) {
	bar := raster(128, func(_, y float64) color.NRGBA { return viridis(y) })
	c.DrawImage(c.Rectangle, bar)
	for i := range levels + 1 {
		y := c.Min.Y + c.Size().Y*vg.Length(i)/levels
		if 0 < i && i < levels {
			c.StrokeLine2(line(0.9, paper), c.Min.X, y, c.Max.X, y)
		}
		c.FillText(aligned(textStyle(7.5, grey), draw.XLeft, draw.YCenter), vg.Point{X: c.Max.X + vg.Points(3), Y: y}, short(top*float64(i)/levels))
	}
	c.FillText(aligned(textStyle(9, ink), draw.XCenter, draw.YBottom), vg.Point{X: c.Max.X, Y: c.Max.Y + vg.Points(7)}, quantity)
}

// raster makes a square picture of a function on [0, 1]², y upwards.
func raster(size int, at func(x, y float64) color.NRGBA) image.Image {
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	for row := range size {
		for column := range size {
			x, y := (float64(column)+0.5)/float64(size), (float64(row)+0.5)/float64(size)
			picture.SetNRGBA(column, size-1-row, at(x, y))
		}
	}
	return picture
}

// interpolate returns the height at a point of [0, 1]², between the axis' ends, by the four values round it.
func (s Surface) interpolate(x, y float64) float64 {
	j, u := s.cell(x)
	i, v := s.cell(y)
	below := float64((1-u)*s.Height[i][j]) + float64(u*s.Height[i][j+1])
	above := float64((1-u)*s.Height[i+1][j]) + float64(u*s.Height[i+1][j+1])
	return float64((1-v)*below) + float64(v*above)
}

// cell finds the interval of the axis that holds t of its span, and where in it.
func (s Surface) cell(t float64) (index int, offset float64) {
	last := len(s.Axis) - 1
	x := s.Axis[0] + float64(t*(s.Axis[last]-s.Axis[0]))
	for index < last-1 && s.Axis[index+1] <= x {
		index++
	}
	return index, (x - s.Axis[index]) / (s.Axis[index+1] - s.Axis[index])
}

// grid is a surface as gonum's plotter wants it for level lines.
type grid struct{ Surface }

var _ plotter.GridXYZ = grid{}

func (g grid) Dims() (columns, rows int) { return len(g.Axis), len(g.Axis) }
func (g grid) X(column int) float64      { return g.Axis[column] }
func (g grid) Y(row int) float64         { return g.Axis[row] }
func (g grid) Z(column, row int) float64 { return g.Height[row][column] }

// onePaper is the palette of level lines.
type onePaper struct{}

var _ palette.Palette = onePaper{}

func (onePaper) Colors() []color.Color { return []color.Color{paper} }

// span returns the least and the greatest of some numbers.
func span(values ...float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}
