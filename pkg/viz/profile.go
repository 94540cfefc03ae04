package viz

import (
	"fmt"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/losses"
)

// Profile evaluates a loss along the diagonal of the plane of scores, from (s_n, s_p) = (0, 1) through (½, ½) to (¾, ¼). It returns curves
// of n points over the gap s_n − s_p: the value and the pull ∂L/∂s_n. Both are divided by scale, which is γ for losses that have one.
func Profile(b compute.Backend, name string, loss losses.Loss, scale float64, n int) (value, pull Curve, err error) {
	if !(scale > 0) {
		return Curve{}, Curve{}, fmt.Errorf("viz.Profile: %s: scale must be > 0, got %g", name, scale)
	}
	if n < 2 {
		return Curve{}, Curve{}, fmt.Errorf("viz.Profile: %s: n must be ≥ 2, got %d", name, n)
	}
	value.Name, pull.Name = name, name
	var at []ScorePair
	for i := range n {
		gap := -1 + 1.5*float64(i)/float64(n-1)
		at = append(at, ScorePair{Sn: (1 + gap) / 2, Sp: (1 - gap) / 2})
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

// Crossing returns the first x at which the curve reaches a level, on a straight line between its points. ok is false when
// it never does.
func (v Curve) Crossing(level float64) (x float64, ok bool) {
	for i := 1; i < len(v.Mean); i++ {
		before, after := v.Mean[i-1]-level, v.Mean[i]-level
		if before == 0 {
			return v.X[i-1], true
		}
		if before*after <= 0 {
			return v.X[i-1] + (v.X[i]-v.X[i-1])*before/(before-after), true
		}
	}
	return 0, false
}
