package walker

import (
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
	Name            string
	Margins, Scales []float64
	Loss            func(margin, gamma float64) losses.Loss
}

// Setting is one of a family's, with its error on the people that settings are chosen by.
type Setting struct {
	Margin, Gamma, Error float64
}

// settings returns each margin at each scale, and in a quick run the first.
func (f Family) settings() (all []Setting) {
	for _, margin := range f.Margins {
		for _, gamma := range f.Scales {
			all = append(all, Setting{Margin: margin, Gamma: gamma})
		}
	}
	if quick.Asked() {
		return all[:1]
	}
	return all
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

// Enter tries every setting of a family for each window, with one seed and on some people. It trains the best so with [Seeds] seeds, and
// takes it through the exam of others.
func (f Family) Enter(b compute.Backend, learn []Clip, time Time, windows []int, tuning, exam []Clip) (Contest, error) {
	c := Contest{Name: f.Name, Curve: viz.Curve{Name: f.Name}}
	settings := f.settings()
	learners := make([]*Learner, len(settings))
	for i, s := range settings {
		l, err := NewLearner(b, f.Name, f.Loss(s.Margin, s.Gamma))
		if err != nil {
			return Contest{}, err
		}
		defer l.Finalize()
		learners[i] = l
	}
	for _, w := range windows {
		time.Window = w
		best := 0
		for i, l := range learners {
			errors, err := l.errors(learn, time, tuning, 1)
			if err != nil {
				return Contest{}, err
			}
			if settings[i].Error = errors[0]; settings[i].Error < settings[best].Error {
				best = i
			}
		}
		errors, err := learners[best].Errors(learn, time, exam)
		if err != nil {
			return Contest{}, err
		}
		c.Chosen, c.Errors = append(c.Chosen, settings[best]), append(c.Errors, errors)
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
