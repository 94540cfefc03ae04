package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// Intervals draws each row's mean with its interval over classes and its seeds, the group in its name.
func Intervals(r Result) (string, viz.Figure, error) {
	var bars []viz.ErrorBar
	for _, row := range r.Rows {
		bar := viz.ErrorBar{Name: fmt.Sprintf("%s (%d)", row.Name, row.Group), Mean: percents(float64(row.MAPAtR))}
		// The bootstrap's middle may be beside the mean where classes are few.
		bar.Low, bar.High = min(bar.Mean, percents(row.Interval[0])), max(bar.Mean, percents(row.Interval[1]))
		if len(row.Seeds) > 1 {
			for _, x := range row.Seeds {
				bar.Runs = append(bar.Runs, percents(x))
			}
		}
		bars = append(bars, bar)
	}
	figure, err := viz.ErrorBars(fmt.Sprintf("MAP@R on the test after %d steps", r.Steps), "MAP@R, %", bars)
	return "The mean over seeds, with its 95 % interval over the classes of the test; rings are single seeds. In brackets the group: what is in " +
		"one cannot be told apart from the first of it.", figure, err
}

func percents(x float64) float64 { return 100 * x }

// mostCurves bounds the curves of one chart.
const mostCurves = 5

// Courses draws the error in validation against steps, of a few losses per chart, the best first.
func Courses(r Result) (string, viz.Figure, error) {
	var curves []viz.Curve
	for _, row := range r.Rows {
		if len(row.Curves) == 0 {
			continue
		}
		curve := viz.Curve{Name: row.Name}
		for i, at := range row.Curves[0] {
			sum, low, high, n := 0.0, 1.0, 0.0, 0
			for _, seed := range row.Curves {
				if i < len(seed) {
					x := 1 - seed[i].MAPAtR
					sum, low, high, n = sum+x, min(low, x), max(high, x), n+1
				}
			}
			curve.X, curve.Mean = append(curve.X, float64(at.Step)), append(curve.Mean, percents(sum/float64(n)))
			curve.Low, curve.High = append(curve.Low, percents(low)), append(curve.High, percents(high))
		}
		curves = append(curves, curve)
	}
	if len(curves) == 0 {
		return "", viz.Figure{}, nil
	}
	low, high := 100.0, 0.0
	for _, curve := range curves {
		low, high = min(low, slices.Min(curve.Low)), max(high, slices.Max(curve.High))
	}
	var charts []viz.LineChart
	for some := range slices.Chunk(curves, mostCurves) {
		charts = append(charts, viz.LineChart{
			Title: fmt.Sprintf("Ranks %d to %d", len(charts)*mostCurves+1, len(charts)*mostCurves+len(some)), Label: "100 − MAP@R, %",
			Curves: some, Low: low, High: high + 1e-9,
		})
	}
	figure, err := viz.LineCharts(min(2, len(charts)), charts...)
	return "The error in validation against steps: the mean of the seeds, and the band of all of them.", figure, err
}

// sensitivity draws what each trial came to against each number that it was drawn with.
func sensitivity(r Result) (string, viz.Figure, error) {
	var charts []viz.LineChart
	for _, row := range r.Rows {
		if len(row.Tried) < 2 {
			continue
		}
		entry, err := losses.Find(row.Name)
		if err != nil {
			return "", viz.Figure{}, err
		}
		for _, p := range append([]losses.Parameter{{Name: "learning-rate"}}, entry.Parameters()...) {
			if chart, ok := sensitive(row, p); ok {
				charts = append(charts, chart)
			}
		}
	}
	if len(charts) == 0 {
		return "", viz.Figure{}, nil
	}
	figure, err := viz.LineCharts(min(3, len(charts)), charts...)
	return "What the trials came to in validation, by each number that they were drawn with. Other numbers of the same trial differ, too: what is " +
		"flat here does not matter much, what is steep may be due to another.", figure, err
}

// sensitive returns the chart of a parameter of a loss; ok is false for words, and where all trials have the same number.
func sensitive(row Row, p losses.Parameter) (chart viz.LineChart, ok bool) {
	type point struct{ x, y float64 }
	var points []point
	for _, tried := range row.Tried {
		x := tried.LearningRate
		if p.Name != "learning-rate" {
			text, set := tried.Set[p.Name]
			if !set {
				text = fmt.Sprint(p.Default)
			}
			var err error
			if x, err = strconv.ParseFloat(text, 64); err != nil {
				return chart, false
			}
		}
		points = append(points, point{x, percents(tried.MAPAtR)})
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) })
	if points[0].x == points[len(points)-1].x {
		return chart, false
	}
	curve := viz.Curve{Name: ""}
	for _, q := range points {
		curve.X, curve.Mean = append(curve.X, q.x), append(curve.Mean, q.y)
	}
	return viz.LineChart{Title: row.Name, Across: p.Name, Label: "MAP@R, %", Curves: []viz.Curve{curve}}, true
}
