package viz

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curve is a quantity over the steps of a training run, or over anything else, with a band where Low and High are given.
type Curve struct {
	Name      string    // what the legend calls it
	X         []float64 // rising
	Mean      []float64 // one per X: the value, or the mean of several
	Low, High []float64 // the band's edges, as the 10 % and 90 % quantiles, or both nil
}

// LineChart is a picture of curves over a common axis.
type LineChart struct {
	Title  string  // above the picture; may be empty
	Across string  // what X is, with its unit; empty is "training step"
	Label  string  // what the curves show, with its unit
	Curves []Curve // at least one
	// Doubling says that X holds logarithms to the base 2, of what is across: the axis tells 4, 8 and 16 where X is 2, 3 and 4.
	Doubling bool
	// Low and High are the ends of the vertical axis; both 0 leave it to the data.
	Low, High float64
}

// LineCharts draws line charts in rows of the given number of columns, each curve named at its end.
func LineCharts(columns int, charts ...LineChart) (Figure, error) {
	if err := checkTiles("LineCharts", "charts", len(charts), columns); err != nil {
		return Figure{}, err
	}
	alts := []string{"Curves."}
	var panels []panel
	width, height := 270.0, 200.0
	for _, h := range charts {
		if columns == 1 && len(h.Curves) > 6 { // whose names leave little room for them
			width, height = 400, 260
		}
		if err := checkSome("LineCharts", "curves in "+h.Title, len(h.Curves)); err != nil {
			return Figure{}, err
		}
		alts = append(alts, fmt.Sprintf("%s, %s over %s:", h.Title, h.Label, h.across()))
		for _, curve := range h.Curves {
			if err := curve.check(); err != nil {
				return Figure{}, err
			}
			n := len(curve.Mean) - 1
			alts = append(alts, fmt.Sprintf("%s goes from %s at %s to %s at %s.", curve.Name,
				short(curve.Mean[0]), h.says(curve.X[0]), short(curve.Mean[n]), h.says(curve.X[n])))
		}
		panels = append(panels, h.draw)
	}
	return tile(sentence(alts...), columns, width, height, panels), nil
}

func (v Curve) check() error {
	return checkCurve("LineCharts", v.Name, field{"X", v.X}, field{"Mean", v.Mean}, v.Low, v.High)
}

const (
	roomForNames = 74 // points right of the axes, at least
	toNames      = 14 // points of a curve's line between its end and its name
	gapOfNames   = 12 // points between two names, at least
	ticksUp      = 5  // about so many
)

func (h LineChart) draw(c draw.Canvas) {
	axes := newPlot(h.Title, h.across(), h.Label)
	axes.X.Min, axes.X.Max = h.extent(func(v Curve) []float64 { return v.X })
	axes.Y.Min, axes.Y.Max = h.Low, h.High
	if h.Low == 0 && h.High == 0 {
		axes.Y.Min, axes.Y.Max = rounded(h.extent(func(v Curve) []float64 { return slices.Concat(v.Mean, v.Low, v.High) }))
	}
	ticks := endingTicks(axes.X.Min, axes.X.Max, 4)
	for i := range ticks {
		ticks[i].Label = h.says(ticks[i].Value)
	}
	axes.X.Tick.Marker, axes.Y.Tick.Marker = ticks, evenTicks(axes.Y.Min, axes.Y.Max, ticksUp)
	axes.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, curve := range h.Curves {
			curve.drawBand(c, at, series(i))
		}
		for i, curve := range h.Curves {
			c.StrokeLines(line(1.7, series(i), dashes(i)...), c.ClipLinesXY(path(at, curve.X, curve.Mean))...)
		}
		h.drawNames(c, at)
	}))
	room := vg.Points(roomForNames)
	for i, curve := range h.Curves {
		room = max(room, vg.Points(toNames+6)+nameStyle(i).Width(curve.Name))
	}
	axes.Draw(draw.Crop(c, 0, -room, 0, 0))
}

// says writes a value of X.
func (h LineChart) says(x float64) string {
	if h.Doubling {
		x = math.Exp2(x)
	}
	return short(x)
}

func (h LineChart) across() string {
	if h.Across == "" {
		return "training step"
	}
	return h.Across
}

// extent returns the range of a part of all curves.
func (h LineChart) extent(of func(Curve) []float64) (low, high float64) {
	var all []float64
	for _, curve := range h.Curves {
		all = append(all, of(curve)...)
	}
	return span(all...)
}

// drawBand fills between the edges.
func (v Curve) drawBand(c draw.Canvas, at func(x, y float64) vg.Point, colour rgb) {
	if v.Low == nil {
		return
	}
	upper, lower := path(at, v.X, v.High), path(at, v.X, v.Low)
	slices.Reverse(lower)
	c.FillPolygon(colour.at(0.18), c.ClipPolygonXY(append(upper, lower...)))
}

// nameStyle returns how the name of a curve is written.
func nameStyle(i int) text.Style {
	return aligned(bold(textStyle(9.5, series(i))), draw.XLeft, draw.YCenter)
}

// drawNames writes each curve's name at its end, moved apart where ends meet. The curve's own line, with its dashes, leads to it. From
// a curve that ends before others a thin one does, which nobody takes for more of the curve.
func (h LineChart) drawNames(c draw.Canvas, at func(x, y float64) vg.Point) {
	order := make([]int, len(h.Curves))
	heights := make([]vg.Length, len(h.Curves))
	for i, curve := range h.Curves {
		order[i] = i
		heights[i] = at(0, curve.Mean[len(curve.Mean)-1]).Y
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(heights[a], heights[b]) })
	ends := slices.Clone(heights)
	apart(order, heights, c.Min.Y+vg.Points(4), c.Max.Y-vg.Points(2))
	for i, curve := range h.Curves {
		name := vg.Point{X: c.Max.X + vg.Points(toNames), Y: heights[i]}
		end := vg.Point{X: at(curve.X[len(curve.X)-1], 0).X, Y: min(max(ends[i], c.Min.Y), c.Max.Y)}
		lead := line(1.2, series(i), dashes(i)...)
		if end.X < c.Max.X-vg.Points(1) {
			lead = line(0.4, series(i))
		}
		c.StrokeLine2(lead, end.X, end.Y, name.X, name.Y)
		c.FillText(nameStyle(i), name.Add(vg.Point{X: vg.Points(3)}), curve.Name)
	}
}

// apart moves heights, of which order lists the lower first, so that names at them do not meet and stay between two bounds.
func apart(order []int, heights []vg.Length, low, high vg.Length) {
	for _, i := range order { // upwards, each above the one before
		heights[i] = max(heights[i], low)
		low = heights[i] + vg.Points(gapOfNames)
	}
	for _, i := range slices.Backward(order) { // and down again, what rose over the frame
		heights[i] = min(heights[i], high)
		high = heights[i] - vg.Points(gapOfNames)
	}
}

// dashes tells curves apart without colour.
func dashes(i int) []vg.Length {
	patterns := [][]vg.Length{nil, {vg.Points(6), vg.Points(2.5)}, {vg.Points(2), vg.Points(2)}, {vg.Points(8), vg.Points(2), vg.Points(2), vg.Points(2)}}
	return patterns[i%len(patterns)]
}

func path(at func(x, y float64) vg.Point, x, y []float64) []vg.Point {
	points := make([]vg.Point, len(x))
	for i := range x {
		points[i] = at(x[i], y[i])
	}
	return points
}

// rounded widens a range to round values, so that panels side by side end in a tick alike.
func rounded(low, high float64) (float64, float64) {
	if low == high {
		low, high = low-0.5, high+0.5
	}
	for range 3 { // a wider range may have ticks farther apart
		step := niceStep(high-low, ticksUp)
		low, high = step*math.Floor(low/step+1e-9), step*math.Ceil(high/step-1e-9)
	}
	return low, high
}

// endingTicks marks about n round values of a range, and its end where that is at least half a step beyond the last of them.
func endingTicks(low, high float64, n int) plot.ConstantTicks {
	ticks := evenTicks(low, high, n)
	if last := len(ticks) - 1; last >= 0 && high-ticks[last].Value >= niceStep(high-low, n)/2 {
		ticks = append(ticks, plot.Tick{Value: high, Label: short(high)})
	}
	return ticks
}

// evenTicks marks about n round values of a range.
func evenTicks(low, high float64, n int) plot.ConstantTicks {
	step := niceStep(high-low, n)
	var ticks plot.ConstantTicks
	for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*step; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: short(i * step)})
	}
	return ticks
}
