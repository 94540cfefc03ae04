package omniglot

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Similarities returns the history of the scores in a training's batches: the mean, and a band from the 5 % to the 95 % quantile.
func (t Trained) Similarities() viz.LineChart {
	curve := func(name string, of func(train.Record) train.Summary) viz.Curve {
		v := viz.Curve{Name: name}
		for _, record := range t.History {
			s := of(record)
			v.X = append(v.X, float64(record.Step))
			v.Mean, v.Low, v.High = append(v.Mean, s.Mean), append(v.Low, s.Q05), append(v.High, s.Q95)
		}
		return v
	}
	return viz.LineChart{Title: t.Name, Label: "cosine similarity", Low: -0.6, High: 1, Curves: []viz.Curve{
		curve("s_n", func(r train.Record) train.Summary { return r.Negative }),
		curve("s_p", func(r train.Record) train.Summary { return r.Positive }),
	}}
}

// Daylight returns how far the band of a training's last s_p is over that of its s_n. It is from the 95 % quantile of the one to the 5 %
// quantile of the other, below 0 where they overlap.
func (t Trained) Daylight() float64 {
	last := t.History[len(t.History)-1]
	return last.Positive.Q05 - last.Negative.Q95
}

// Values returns the history of a training's loss.
func (t Trained) Values() viz.Curve {
	c := viz.Curve{Name: t.Name}
	for _, record := range t.History {
		c.X, c.Mean = append(c.X, float64(record.Step)), append(c.Mean, record.Loss)
	}
	return c
}

// Lowest returns the record of the step at which the loss was least.
func (t Trained) Lowest() train.Record {
	return slices.MinFunc(t.History, func(a, b train.Record) int { return cmp.Compare(a.Loss, b.Loss) })
}

// Changes sums up what trainings have changed from the first batch to the last, a row each, as text.
func Changes(trained ...Trained) (header []string, rows [][]string) {
	for _, t := range trained {
		first, last := t.History[0], t.History[len(t.History)-1]
		rows = append(rows, []string{t.Name, fmt.Sprint(last.Step), fmt.Sprintf("%.2f → %.2f", first.Loss, last.Loss),
			fmt.Sprintf("%.2f → %.2f", first.Negative.Mean, last.Negative.Mean),
			fmt.Sprintf("%.2f → %.2f", first.Positive.Mean, last.Positive.Mean)})
	}
	return []string{"loss", "steps", "value", "mean s_n", "mean s_p"}, rows
}
