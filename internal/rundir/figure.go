package rundir

import (
	"slices"

	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// figureName is the figure beside a run's history.
const figureName = "history.svg"

// drawHistory writes a figure of how the similarities went; none where no batch had a pair.
func drawHistory(path, loss string, history []train.Record) error {
	positive, negative := viz.Curve{Name: "s_p"}, viz.Curve{Name: "s_n"}
	for _, r := range history {
		for curve, s := range map[*viz.Curve]train.Summary{&positive: r.Positive, &negative: r.Negative} {
			if s == (train.Summary{}) { // the batch had no such pair
				continue
			}
			curve.X = append(curve.X, float64(r.Step))
			curve.Mean = append(curve.Mean, s.Mean)
			curve.Low = append(curve.Low, s.Q05)
			curve.High = append(curve.High, s.Q95)
		}
	}
	curves := slices.DeleteFunc([]viz.Curve{negative, positive}, func(c viz.Curve) bool { return len(c.X) == 0 })
	if len(curves) == 0 {
		return nil
	}
	figure, err := viz.LineCharts(1, viz.LineChart{
		Title: loss, Label: "cosine similarity, mean and 5–95 %", Curves: curves, Low: -1, High: 1,
	})
	if err != nil {
		return err
	}
	return figure.Save(path)
}
