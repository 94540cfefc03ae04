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
var scales = []float64{4, 8, 16}

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

// Windows returns the windows of a contest, in frames: 1, 2, 4 and 8, and in a quick run the first and the last.
func Windows() []int {
	if quick.Asked() {
		return []int{1, 8}
	}
	return []int{1, 2, 4, 8}
}

// Contest holds what came of a family over some windows.
type Contest struct {
	Name   string
	Curve  viz.Curve   // the error of the exam's phase over the window: its mean, in a band from the best to the worst seed
	Errors [][]float64 // of each window, of each seed
	Chosen []Setting   // of each window
}

// Enter tunes a family for each window on some people, trains it so with [Seeds] seeds, and takes it through the exam of others.
func (f Family) Enter(b compute.Backend, learn []Clip, time Time, windows []int, tuning, exam []Clip) (Contest, error) {
	c := Contest{Name: f.Name, Curve: viz.Curve{Name: f.Name}}
	for _, w := range windows {
		time.Window = w
		tried, err := f.Tune(b, learn, time, tuning)
		if err != nil {
			return Contest{}, err
		}
		errors, err := f.errors(b, tried[0], learn, time, exam, Seeds())
		if err != nil {
			return Contest{}, err
		}
		c.Chosen, c.Errors = append(c.Chosen, tried[0]), append(c.Errors, errors)
		mean, _ := omniglot.Spread(errors)
		c.Curve.X, c.Curve.Mean = append(c.Curve.X, float64(w)), append(c.Curve.Mean, mean)
		c.Curve.Low, c.Curve.High = append(c.Curve.Low, slices.Min(errors)), append(c.Curve.High, slices.Max(errors))
	}
	return c, nil
}

// Row says a contest as text: the settings and the errors, means with their standard deviation over seeds.
func (c Contest) Row() []string {
	row := []string{c.Name}
	for i, of := range c.Errors {
		mean, deviation := omniglot.Spread(of)
		row = append(row, fmt.Sprintf("%.0f° ± %.0f (m = %g, γ = %g)", mean, deviation, c.Chosen[i].Margin, c.Chosen[i].Gamma))
	}
	return row
}

// Errors trains with [Seeds] seeds and returns what each makes of the exam.
func (l *Learner) Errors(learn []Clip, time Time, exam []Clip) ([]float64, error) {
	return l.errors(learn, time, exam, Seeds())
}
