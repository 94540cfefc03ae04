package viz

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ScorePair is a point of the plane that the paper's figures live in: a pair of similarity scores.
type ScorePair struct {
	Sn float64 // between-class similarity score
	Sp float64 // within-class similarity score
}

// The axes of that plane.
const (
	snLabel = "s_n (cosine similarity, between classes)"
	spLabel = "s_p (cosine similarity, within class)"
)

// newPlot returns empty axes in the house style.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.TextHandler = newSubscripts()
	heading := aligned(bold(textStyle(10.5, ink)), draw.XCenter, draw.YBottom)
	p.Title.Text = " " // keeps the room; the heading itself goes over the middle of the data, not of the whole
	p.Title.TextStyle = heading
	p.Title.Padding = vg.Points(8)
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Label.TextStyle = aligned(textStyle(9.5, ink), draw.XCenter, draw.YBottom)
	p.Y.Label.TextStyle = p.X.Label.TextStyle
	p.X.Label.Padding, p.Y.Label.Padding = vg.Points(4), vg.Points(4)
	p.X.Tick.Label = aligned(textStyle(8.5, grey), draw.XCenter, draw.YTop)
	p.Y.Tick.Label = aligned(textStyle(8.5, grey), draw.XRight, draw.YCenter)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Padding = 0
		axis.LineStyle = line(0.8, grey)
		axis.Tick.LineStyle = line(0.6, grey)
		axis.Tick.Length = vg.Points(3)
	}
	grid := plotter.NewGrid()
	grid.Horizontal, grid.Vertical = line(0.5, paleGrey), line(0.5, paleGrey)
	p.Add(grid, plotterFunc(func(c draw.Canvas, _ func(x, y float64) vg.Point) {
		c.FillText(heading, vg.Point{X: c.Center().X, Y: c.Max.Y + p.Title.Padding}, title)
	}))
	return p
}

// newPlane returns the axes of (s_n, s_p) over a square from low to high.
func newPlane(title string, low, high float64) *plot.Plot {
	p := newPlot(title, snLabel, spLabel)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, low, high
	ticks := fifths(low, high)
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks, ticks
	return p
}

// drawSquare draws a plot so that its data area is a square: in the plane of scores a circle must look like one.
func drawSquare(p *plot.Plot, c draw.Canvas) {
	data := p.DataCanvas(c).Size()
	excess := data.X - data.Y
	p.Draw(draw.Crop(c, max(excess, 0)/2, -max(excess, 0)/2, max(-excess, 0)/2, -max(-excess, 0)/2))
}

// fifths marks multiples of 0.2 in a range.
func fifths(low, high float64) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for i := math.Ceil(low*5 - 1e-9); i <= high*5+1e-9; i++ {
		ticks = append(ticks, plot.Tick{Value: i / 5, Label: short(i / 5)})
	}
	return ticks
}

// line returns a rule of a width in points, dashed where dashes are given.
func line(width float64, c rgb, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: vg.Points(width), Dashes: dashes}
}

// plotterFunc lets a function draw among the plotters of a plot.
type plotterFunc func(c draw.Canvas, at func(x, y float64) vg.Point)

// Plot implements [plot.Plotter].
func (f plotterFunc) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	f(c, func(u, v float64) vg.Point { return vg.Point{X: x(u), Y: y(v)} })
}

// haloText writes over a picture: a ring of paper round the letters keeps them readable on lines and colours.
func haloText(c draw.Canvas, style draw.TextStyle, at vg.Point, txt string) {
	halo := style
	halo.Color = paper
	for i := range 8 {
		sin, cos := math.Sincos(float64(i) * math.Pi / 4)
		c.FillText(halo, at.Add(vg.Point{X: vg.Points(1.2 * cos), Y: vg.Points(1.2 * sin)}), txt)
	}
	c.FillText(style, at, txt)
}
