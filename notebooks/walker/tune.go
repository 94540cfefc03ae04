package walker

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/notebooks/omniglot"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// Family is a loss under settings of which one is to be chosen.
type Family struct {
	Name    string
	Margins []float64
	Loss    func(margin, gamma float64) losses.Loss
}

// Setting is one of a family's, with what it is worth.
type Setting struct {
	Margin, Gamma, Error float64
}

// scales are those that every family is tried at.
var scales = []float64{8, 16, 32}

// Tune trains a family under each margin and scale, with one seed, and returns all, the best on other people first.
func (f Family) Tune(b compute.Backend, learn []Clip, time Time, others []Clip) ([]Setting, error) {
	var all []Setting
	for _, margin := range f.Margins {
		for _, gamma := range scales {
			s := Setting{Margin: margin, Gamma: gamma}
			marks, err := f.errors(b, s, learn, time, others, 1)
			if err != nil {
				return nil, err
			}
			s.Error = marks[0]
			all = append(all, s)
			if quick.Asked() {
				return all, nil
			}
		}
	}
	slices.SortStableFunc(all, func(x, y Setting) int { return cmp.Compare(x.Error, y.Error) })
	return all, nil
}

// errors trains under a setting with some seeds and returns what each makes of the exam.
func (f Family) errors(b compute.Backend, s Setting, learn []Clip, time Time, exam []Clip, seeds int) (errors []float64, err error) {
	l, err := NewLearner(b, f.Name, f.Loss(s.Margin, s.Gamma))
	if err != nil {
		return nil, err
	}
	defer l.Finalize()
	return l.errors(learn, time, exam, seeds)
}

func (l *Learner) errors(learn []Clip, time Time, exam []Clip, seeds int) (errors []float64, err error) {
	for seed := range seeds {
		e, err := l.Learn(learn, time, uint64(seed), exam)
		if err != nil {
			return nil, err
		}
		errors = append(errors, e.PhaseError())
	}
	return errors, nil
}

// Sweep trains with [Seeds] seeds over windows, and returns the error of the exam's phase for each: its mean, in a band from the best to
// the worst seed, and every seed's.
func (l *Learner) Sweep(learn []Clip, time Time, windows []int, exam []Clip) (viz.Curve, [][]float64, error) {
	curve := viz.Curve{Name: l.Name}
	var all [][]float64
	for _, w := range windows {
		time.Window = w
		errors, err := l.errors(learn, time, exam, Seeds())
		if err != nil {
			return viz.Curve{}, nil, err
		}
		mean, _ := omniglot.Spread(errors)
		curve.X, curve.Mean = append(curve.X, float64(w)), append(curve.Mean, mean)
		curve.Low, curve.High = append(curve.Low, slices.Min(errors)), append(curve.High, slices.Max(errors))
		all = append(all, errors)
	}
	return curve, all, nil
}

// Row says a sweep's errors as text, means with their standard deviation over seeds.
func Row(errors [][]float64) (row []string) {
	for _, of := range errors {
		mean, deviation := omniglot.Spread(of)
		row = append(row, fmt.Sprintf("%.0f° ± %.0f", mean, deviation))
	}
	return row
}
