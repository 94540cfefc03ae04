package viz

import (
	"fmt"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/losses"
)

// Profile evaluates a loss along the diagonal of the plane of scores, from (s_n, s_p) = (0, 1) through (½, ½) to (¾, ¼), as
// curves over the gap s_n − s_p: its value and its pull ∂L/∂s_n, both divided by scale, which is γ for losses that have one.
func Profile(b compute.Backend, name string, loss losses.Loss, scale float64) (value, pull Curve, err error) {
	if !(scale > 0) {
		return Curve{}, Curve{}, fmt.Errorf("viz.Profile: %s: scale must be > 0, got %g", name, scale)
	}
	const points = 151
	value.Name, pull.Name = name, name
	var at []Score
	for i := range points {
		gap := -1 + float64(i)/100
		at = append(at, Score{Sn: (1 + gap) / 2, Sp: (1 - gap) / 2})
		value.X, pull.X = append(value.X, gap), append(pull.X, gap)
	}
	gradients, err := Gradients(b, loss, at)
	if err != nil {
		return Curve{}, Curve{}, err
	}
	for _, g := range gradients {
		value.Mean, pull.Mean = append(value.Mean, g.Loss/scale), append(pull.Mean, g.Sn/scale)
	}
	return value, pull, nil
}
