package tryout

import (
	"fmt"
	"math"

	"github.com/unipair/unipair/notebooks/study"
	"github.com/unipair/unipair/pkg/viz"
)

// Similarities is the history of the scores in a training's batches: the mean, and a band from the 5 % to the 95 % quantile.
func (t Trained) Similarities() viz.History { return study.Similarities(t.Name, t.History) }

// Values is the history of a training's loss.
func (t Trained) Values() viz.Curve {
	c := viz.Curve{Name: t.Name}
	for _, record := range t.History {
		c.X, c.Mean = append(c.X, float64(record.Step)), append(c.Mean, record.Loss)
	}
	return c
}

// Scatter is where the hardest pairs of a training lie, see [Trained.Extremes].
func (t Trained) Scatter(title string) (viz.Scatter, error) {
	points, err := t.Extremes()
	return viz.Scatter{Title: title, Points: points, Boundary: t.Boundary}, err
}

// Clouds sums up the hardest pairs of trainings, a row each, as text. The least scatter along the diagonal is marked, the first training,
// which is what they are compared with, left out.
func Clouds(trained ...Trained) (header []string, rows [][]string, err error) {
	least, at := math.Inf(1), 0
	for i, t := range trained {
		points, err := t.Extremes()
		if err != nil {
			return nil, nil, err
		}
		c := CloudOf(points)
		if i > 0 && c.Along < least {
			least, at = c.Along, i
		}
		rows = append(rows, c.row(t.Name))
	}
	if at > 0 {
		rows[at][3] += " (least)"
	}
	return []string{"hardest pairs", "s_n", "s_p", "scatter along the diagonal", "across it", "s_p > s_n"}, rows, nil
}

func (c Cloud) row(name string) []string {
	return []string{name, fmt.Sprintf("%.2f ± %.2f", c.Centre.Sn, c.Spread.Sn), fmt.Sprintf("%.2f ± %.2f", c.Centre.Sp, c.Spread.Sp),
		fmt.Sprintf("%.3f", c.Along), fmt.Sprintf("%.3f", c.Across), fmt.Sprintf("%.0f %%", 100*c.Right)}
}

// Ranges sums up curves of a sweep, a row each, as text.
func Ranges(setting string, curves ...viz.Curve) (rows [][]string) {
	for _, v := range curves {
		least, leastAt, greatest, greatestAt := Range(v)
		rows = append(rows, []string{v.Name, setting, fmt.Sprintf("%.1f %%, at %g", greatest, greatestAt),
			fmt.Sprintf("%.1f %%, at %g", least, leastAt), fmt.Sprintf("%.1f", greatest-least)})
	}
	return rows
}
