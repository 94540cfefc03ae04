package viz

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ErrorBar is a value with its error bar, and the single runs whose mean it is.
type ErrorBar struct {
	Name      string    // what it is of, beside the bar
	Mean      float64   // between Low and High
	Low, High float64   // the error bar's ends; equal to Mean for none
	Runs      []float64 // drawn as small rings; may be nil
}

// Reference is a published value to compare with, drawn as a dashed line.
type Reference struct {
	Name  string  // what the legend calls it
	Value float64 // in the units of the bars
}

// ErrorBars draws one value per row over a common axis, with references across all rows. The axis starts at 0 unless all is far from it.
func ErrorBars(title, label string, bars []ErrorBar, references ...Reference) (Figure, error) {
	if err := checkSome("ErrorBars", "error bars", len(bars)); err != nil {
		return Figure{}, err
	}
	alts := []string{title + ".", label + ":"}
	least, top := math.Inf(1), 0.0
	for _, v := range bars {
		values := slices.Concat([]float64{v.Mean, v.Low, v.High}, v.Runs)
		if err := checkNumbers("ErrorBars", v.Name, values...); err != nil {
			return Figure{}, err
		}
		if v.Low > v.Mean || v.Mean > v.High {
			return Figure{}, fmt.Errorf("viz.ErrorBars: %s: want Low ≤ Mean ≤ High, got %g, %g, %g", v.Name, v.Low, v.Mean, v.High)
		}
		low, high := span(values...)
		least, top = min(least, low), max(top, high)
		alts = append(alts, fmt.Sprintf("%s %s (%s to %s).", v.Name, short(v.Mean), short(v.Low), short(v.High)))
	}
	for _, r := range references {
		if err := checkNumbers("ErrorBars", r.Name, r.Value); err != nil {
			return Figure{}, err
		}
		least, top = min(least, r.Value), max(top, r.Value)
		alts = append(alts, fmt.Sprintf("For reference, %s %s.", r.Name, short(r.Value)))
	}
	height := 92 + 30*len(bars) + 13*len(references)
	return tile(sentence(alts...), 1, 500, float64(height), []panel{func(c draw.Canvas) {
		drawErrorBars(c, title, label, least, top, bars, references)
	}}), nil
}

func drawErrorBars(c draw.Canvas, title, label string, least, top float64, bars []ErrorBar, references []Reference) {
	n := len(bars)
	axes := newPlot(title, label, "")
	axes.Title.Padding = vg.Points(float64(12 + 13*len(references)))
	start, end := 0.0, top*1.12
	if least > top/3 {
		start, _ = rounded(least-(top-least)/8, top)
		end = top + 0.12*(top-start)
	}
	axes.X.Min, axes.X.Max, axes.Y.Min, axes.Y.Max = start, end, 0.4, float64(n)+0.6
	axes.X.Tick.Marker = evenTicks(start, end, 6)
	names := plot.ConstantTicks{}
	for i, v := range bars {
		names = append(names, plot.Tick{Value: float64(n - i), Label: v.Name})
	}
	axes.Y.Tick.Marker = names
	axes.Y.Tick.Label.Color, axes.Y.Tick.Label.Font.Size = ink, vg.Points(9.5)
	axes.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for rank, r := range stacked(references, (start+end)/2) {
			drawReference(c, at(r.Value, 0).X, rank, r, r.Value > (start+end)/2)
		}
		decimals := 0
		for _, v := range bars {
			if _, after, ok := strings.Cut(short(v.Mean), "."); ok {
				decimals = max(decimals, len(after))
			}
		}
		for i, v := range bars {
			v.draw(c, at, float64(n-i), decimals)
		}
	}))
	axes.Draw(draw.Crop(c, 0, -vg.Points(12), 0, 0))
}

// stacked orders references so that no rule crosses another's name. Names left of the middle run to the right of their rules, the
// rightmost lowest. Above them come those that run to the left.
func stacked(references []Reference, middle float64) []Reference {
	ordered := slices.Clone(references)
	slices.SortStableFunc(ordered, func(a, b Reference) int {
		if left := a.Value > middle; left != (b.Value > middle) {
			if left {
				return 1
			}
			return -1
		}
		return cmp.Compare(b.Value, a.Value)
	})
	return ordered
}

// drawReference rules a value from the axis to its name above the frame, each name on a line of its own, to the left or the right of it.
func drawReference(c draw.Canvas, x vg.Length, rank int, r Reference, left bool) {
	top := c.Max.Y + vg.Points(float64(5+13*rank))
	c.StrokeLine2(line(1, purple, vg.Points(4), vg.Points(3)), x, c.Min.Y, x, top)
	x, side := x+vg.Points(4), draw.XLeft
	if left {
		x, side = x-vg.Points(8), draw.XRight
	}
	haloText(c, aligned(textStyle(8.5, ink), side, draw.YCenter), vg.Point{X: x, Y: top}, fmt.Sprintf("%s: %s", r.Name, short(r.Value)))
}

// draw writes the mean with some decimals, those of all bars beside it.
func (v ErrorBar) draw(c draw.Canvas, at func(x, y float64) vg.Point, row float64, decimals int) {
	low, high, mean := at(v.Low, row), at(v.High, row), at(v.Mean, row)
	end := vg.Points(4)
	bar := line(1.6, blue)
	if v.Low < v.High {
		c.StrokeLine2(bar, low.X, low.Y, high.X, high.Y)
		c.StrokeLine2(bar, low.X, low.Y-end, low.X, low.Y+end)
		c.StrokeLine2(bar, high.X, high.Y-end, high.X, high.Y+end)
	}
	for _, run := range v.Runs {
		c.DrawGlyph(draw.GlyphStyle{Color: grey, Radius: vg.Points(2.2), Shape: draw.RingGlyph{}}, at(run, row).Add(vg.Point{Y: -vg.Points(8)}))
	}
	c.DrawGlyph(draw.GlyphStyle{Color: blue, Radius: vg.Points(3.6), Shape: draw.CircleGlyph{}}, mean)
	haloText(c, aligned(bold(textStyle(9, ink)), draw.XCenter, draw.YBottom), mean.Add(vg.Point{Y: vg.Points(4)}),
		strings.Replace(strconv.FormatFloat(v.Mean, 'f', decimals, 64), "-", "−", 1))
}
