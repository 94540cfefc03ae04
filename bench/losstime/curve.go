package losstime

import (
	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/viz"
)

// curves draws what contenders take against the size of the batch, on axes of powers: a picture of seconds for each loss and, where it
// was measured, one of memory.
func curves(rows []Row) (*viz.Figure, error) {
	var pictures []viz.Cost
	for _, rows := range byLoss(rows) {
		draw := func(label string, of func(Cell) turns.Spread) {
			pictures = append(pictures, viz.Cost{Title: rows[0].Loss, Across: "batch (rows)", Label: label, Contenders: contendersOf(rows, of)})
		}
		draw("value and gradient (s)", seconds)
		if rows[0].Contenders[0].Peak > 0 {
			draw("memory (MiB)", mebibytes)
		}
	}
	figure, err := viz.Costs(2, pictures...)
	return &figure, err
}

func seconds(c Cell) turns.Spread { return c.Wall }

func mebibytes(c Cell) turns.Spread {
	x := max(float64(c.Peak)/(1<<20), 0.1) // of a small batch it may be nothing, which no logarithm shows
	return turns.Spread{Median: x, Least: x, Most: x}
}

// contendersOf returns the curves of those that ran.
func contendersOf(rows []Row, of func(Cell) turns.Spread) []viz.Contender {
	var all []viz.Contender
	for i := range rows[0].Contenders {
		curve := viz.Contender{Name: rows[0].Contenders[i].Name}
		for _, r := range rows {
			cell := r.Contenders[i]
			if curve.Ends = cell.Skipped; cell.Skipped == "" {
				s := of(cell)
				curve.N, curve.Cost = append(curve.N, float64(r.Rows)), append(curve.Cost, s.Median)
				curve.Low, curve.High = append(curve.Low, s.Least), append(curve.High, s.Most)
			}
		}
		if len(curve.N) > 0 {
			all = append(all, curve)
		}
	}
	return all
}

// byLoss cuts rows where the loss changes.
func byLoss(rows []Row) [][]Row {
	var all [][]Row
	for i, r := range rows {
		if i == 0 || r.Loss != rows[i-1].Loss {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], r)
	}
	return all
}
