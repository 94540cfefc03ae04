package viz

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Contender holds what something costs at growing sizes: one way to compute a loss, at batches of N.
type Contender struct {
	Name      string    // what the legend calls it
	N         []float64 // sizes, rising, > 0
	Cost      []float64 // one per size, > 0
	Low, High []float64 // the ends of error bars, or both nil
	Ends      string    // why it has no larger sizes, as "out of memory"; empty if it has all
}

// Cost is a picture of contenders.
type Cost struct {
	Title      string      // above the picture; may be empty
	Across     string      // what N is, with its unit: "batch (images)"
	Label      string      // what it costs, with its unit: "time (ms)"
	Contenders []Contender // at least one
}

// Costs draws costs on axes of powers, in rows of the given number of columns. A straight line is a power of N, and its slope the
// exponent, which the text says. A contender that ends early has a cross at its end.
func Costs(columns int, costs ...Cost) (Figure, error) {
	if err := checkTiles("Costs", "costs", len(costs), columns); err != nil {
		return Figure{}, err
	}
	alts := []string{"Costs on logarithmic axes."}
	var panels []panel
	for _, cost := range costs {
		if err := checkSome("Costs", "contenders in "+cost.Title, len(cost.Contenders)); err != nil {
			return Figure{}, err
		}
		alts = append(alts, fmt.Sprintf("%s, %s over %s:", cost.Title, cost.Label, cost.Across))
		for _, v := range cost.Contenders {
			if err := v.check(); err != nil {
				return Figure{}, err
			}
			alts = append(alts, v.alt())
		}
		panels = append(panels, cost.draw)
	}
	return tile(sentence(alts...), columns, 380, 270, panels), nil
}

func (v Contender) check() error {
	if err := checkCurve("Costs", v.Name, field{"N", v.N}, field{"Cost", v.Cost}, v.Low, v.High); err != nil {
		return err
	}
	if low, _ := span(slices.Concat(v.N, v.Cost, v.Low, v.High)...); low <= 0 {
		return fmt.Errorf("viz.Costs: %s: sizes and costs must be > 0 on logarithmic axes, got %g", v.Name, low)
	}
	for i := 1; i < len(v.N); i++ {
		if v.N[i] <= v.N[i-1] {
			return fmt.Errorf("viz.Costs: %s: N must rise, got %g after %g", v.Name, v.N[i], v.N[i-1])
		}
	}
	return nil
}

// Exponent returns the slope between the last two sizes: the cost grows there as N to this power. ok is false for a single size.
func (v Contender) Exponent() (power float64, ok bool) {
	n := len(v.N)
	if n < 2 {
		return 0, false
	}
	return math.Log(v.Cost[n-1]/v.Cost[n-2]) / math.Log(v.N[n-1]/v.N[n-2]), true
}

func (v Contender) alt() string {
	n := len(v.N) - 1
	text := fmt.Sprintf("%s %s at %s", v.Name, short(v.Cost[0]), grouped(v.N[0]))
	if power, ok := v.Exponent(); ok {
		text += fmt.Sprintf(" to %s at %s, growing there as N to the power %.1f", short(v.Cost[n]), grouped(v.N[n]), power)
	}
	if v.Ends != "" {
		text += ", and no further: " + v.Ends
	}
	return text + "."
}

func (v Cost) draw(c draw.Canvas) {
	axes := newPlot(v.Title, v.Across, v.Label)
	var sizes, costs []float64
	for _, contender := range v.Contenders {
		sizes = append(sizes, contender.N...)
		costs = append(costs, slices.Concat(contender.Cost, contender.Low, contender.High)...)
	}
	axes.X.Scale, axes.Y.Scale = plot.LogScale{}, plot.LogScale{}
	low, high := span(sizes...)
	axes.X.Min, axes.X.Max = low/1.15, high*1.15
	low, high = span(costs...)
	axes.Y.Min, axes.Y.Max = math.Pow(10, math.Floor(math.Log10(low)+1e-9)), math.Pow(10, math.Ceil(math.Log10(high)-1e-9))
	if axes.Y.Min == axes.Y.Max {
		axes.Y.Max *= 10
	}
	axes.X.Tick.Marker, axes.Y.Tick.Marker = sizeTicks(sizes), powerTicks(axes.Y.Min, axes.Y.Max)
	axes.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, contender := range v.Contenders {
			contender.draw(c, at, i)
		}
		v.drawNames(c, at)
	}))
	axes.Draw(draw.Crop(c, 0, -vg.Points(roomForContenders), 0, 0))
}

const roomForContenders = 96 // points right of the axes

func (v Contender) draw(c draw.Canvas, at func(x, y float64) vg.Point, i int) {
	c.StrokeLines(line(1.5, series(i), dashes(i)...), path(at, v.N, v.Cost))
	for k := range v.N {
		if v.Low != nil {
			low, high := at(v.N[k], v.Low[k]), at(v.N[k], v.High[k])
			c.StrokeLine2(line(1, series(i)), low.X, low.Y, high.X, high.Y)
		}
		c.DrawGlyph(glyphOf(int32(i), 3), at(v.N[k], v.Cost[k]))
	}
	if n := len(v.N) - 1; v.Ends != "" {
		end := at(v.N[n], v.Cost[n])
		drawVerdict(c, end.Add(vg.Point{X: vg.Points(11)}), false, ink)
		haloText(c, aligned(textStyle(8, ink), draw.XRight, draw.YBottom), end.Add(vg.Point{X: -vg.Points(4), Y: vg.Points(6)}), v.Ends)
	}
}

// drawNames writes the contenders' names at the right, in the order of their ends, with their glyphs.
func (v Cost) drawNames(c draw.Canvas, at func(x, y float64) vg.Point) {
	ends := make([]vg.Length, len(v.Contenders))
	order := make([]int, len(v.Contenders))
	for i, contender := range v.Contenders {
		order[i], ends[i] = i, at(1, contender.Cost[len(contender.Cost)-1]).Y
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ends[a], ends[b]) })
	apart(order, ends, c.Min.Y+vg.Points(4), c.Max.Y-vg.Points(2))
	for i, contender := range v.Contenders {
		x := c.Max.X + vg.Points(9)
		c.DrawGlyphNoClip(glyphOf(int32(i), 3), vg.Point{X: x, Y: ends[i]})
		c.FillText(aligned(bold(textStyle(9, series(i))), draw.XLeft, draw.YCenter), vg.Point{X: x + vg.Points(6), Y: ends[i]}, contender.Name)
	}
}

// sizeTicks marks the sizes that were measured, and names those that have room, on an axis of powers, beside the next larger one named.
func sizeTicks(sizes []float64) plot.ConstantTicks {
	const room = 0.12 // of the axis
	sizes = slices.Compact(slices.Sorted(slices.Values(sizes)))
	axis, named := math.Log(sizes[len(sizes)-1]/sizes[0]), math.Inf(1)
	var ticks plot.ConstantTicks
	for _, n := range slices.Backward(sizes) {
		tick := plot.Tick{Value: n}
		if math.Log(named/n) >= room*axis {
			tick.Label, named = grouped(n), n
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// powerTicks marks powers of ten.
func powerTicks(low, high float64) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for power := math.Round(math.Log10(low)); power <= math.Round(math.Log10(high)); power++ {
		value := math.Pow(10, power)
		ticks = append(ticks, plot.Tick{Value: value, Label: grouped(value)})
	}
	return ticks
}
