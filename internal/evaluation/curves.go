package evaluation

import (
	"fmt"

	"github.com/unipair/unipair/pkg/viz"
)

// histogram draws how similar pairs of one class and of two are.
func histogram(v *Verification) (string, viz.Figure, error) {
	const bins = 60
	low := 1.0
	for _, c := range v.comparisons {
		low = min(low, c.Similarity)
	}
	width := (1 - low) / bins
	if width <= 0 {
		width = 1.0 / bins
	}
	same, different := make([]float64, bins), make([]float64, bins)
	for _, c := range v.comparisons {
		bin := max(0, min(bins-1, int((c.Similarity-low)/width)))
		if c.Same {
			same[bin] += 1 / (width * float64(v.Same))
		} else {
			different[bin] += 1 / (width * float64(v.Different))
		}
	}
	centres := make([]float64, bins)
	for i := range centres {
		centres[i] = low + (float64(i)+0.5)*width
	}
	figure, err := viz.LineCharts(1, viz.LineChart{
		Title: "Similarities", Across: "cosine similarity", Label: "density",
		Curves: []viz.Curve{{Name: "one class", X: centres, Mean: same}, {Name: "two classes", X: centres, Mean: different}},
	})
	return fmt.Sprintf("How similar pairs are: %d of one class, %d of two.", v.Same, v.Different), figure, err
}

// roc draws the curve at 200 points at most.
func roc(v *Verification) (string, viz.Figure, error) {
	const points = 200
	curve := viz.Curve{Name: "ROC"}
	all := v.curve.ROC()
	last := -1.0
	for i, at := range all {
		if at.FAR-last >= 1.0/points || i == len(all)-1 || i == 0 {
			if at.FAR > last {
				curve.X, curve.Mean = append(curve.X, at.FAR), append(curve.Mean, at.TAR)
			} else {
				curve.Mean[len(curve.Mean)-1] = at.TAR
			}
			last = at.FAR
		}
	}
	figure, err := viz.LineCharts(1, viz.LineChart{
		Title: "Verification", Across: "false accept rate", Label: "true accept rate", Curves: []viz.Curve{curve}, Low: 0, High: 1,
	})
	return fmt.Sprintf("Which pairs of one class are accepted, for which share of pairs of two: AUC %.4f, equal error rate %.4f.",
		v.AUC, v.EER), figure, err
}
