package views

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/notebooks/omniglot"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Method is a way to learn an embedding.
type Method struct {
	Name       string
	Loss       losses.Loss
	Predictor  int  // hidden numbers of a predictor before the loss; 0 is none
	Moves      bool // what the predictor foretells is not held constant
	Supervised bool // with the labels, 4 drawings of a character to a batch: what they are worth
}

// Recipe returns a method's training with a seed: batches of 96, and four times the steps and twice the channels of [omniglot.Short].
func (m Method) Recipe(seed uint64) omniglot.Recipe {
	r := omniglot.Recipe{Name: m.Name, Loss: m.Loss, Change: func(c *train.Config) { c.Predictor, c.PredictorMoves, c.Seed = m.Predictor, m.Moves, seed }}
	if !m.Supervised {
		r.Data = Unlabelled
		r = r.And(m.Name, func(c *train.Config) { c.Classes, c.PerClass, c.ViewPairs = 48, 2, true })
	}
	return r.Longer(4).Wider(2)
}

// Seeds returns how many seeds a method is trained with: 3, and 1 in a quick run.
func Seeds() int {
	if quick.Asked() {
		return 1
	}
	return 3
}

// Result is a method's marks, one per seed.
type Result struct {
	Name  string
	Marks []Marks
}

// Compare trains each method with each seed, or finds it trained, and judges it.
func Compare(b compute.Backend, methods ...Method) ([]Result, error) {
	var recipes []omniglot.Recipe
	for _, m := range methods {
		for seed := range Seeds() {
			recipes = append(recipes, m.Recipe(uint64(seed)))
		}
	}
	trained, err := omniglot.Train(b, recipes...)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(methods))
	for i, t := range trained {
		marks, err := Judge(t)
		if err != nil {
			return nil, fmt.Errorf("views: %s: %w", t.Name, err)
		}
		r := &results[i/Seeds()]
		r.Name, r.Marks = t.Name, append(r.Marks, marks)
	}
	return results, nil
}

// Lead says how far one result is over another, both in percent over their seeds.
type Lead struct {
	Points float64 // the difference of their means
	Apart  bool    // the worst seed of the first is better than the best of the second
}

// Over compares two results by a mark.
func (r Result) Over(other Result, mark func(Marks) float64) Lead {
	mine, theirs := r.percent(mark), other.percent(mark)
	mean, _ := omniglot.Spread(mine)
	otherMean, _ := omniglot.Spread(theirs)
	return Lead{Points: mean - otherMean, Apart: slices.Min(mine) > slices.Max(theirs)}
}

// Words says a lead as a sentence goes on: by how much, and whether the seeds keep apart.
func (l Lead) Words() string {
	if l.Apart {
		return fmt.Sprintf("by %.1f points, with every seed", l.Points)
	}
	return fmt.Sprintf("by %.1f points, and the seeds overlap", l.Points)
}

// Table returns a row per result, as text: means, with the standard deviation over seeds where there are several.
func Table(results ...Result) (header []string, rows [][]string) {
	for _, r := range results {
		row := []string{r.Name, fmt.Sprint(len(r.Marks))}
		for _, of := range []func(Marks) float64{Retrieval, mapAtR, Linear} {
			mean, deviation := omniglot.Spread(r.percent(of))
			text := fmt.Sprintf("%.1f", mean)
			if len(r.Marks) > 1 {
				text += fmt.Sprintf(" ± %.1f", deviation)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return []string{"", "seeds", "precision@1 (%)", "MAP@R (%)", "linear probe (%)"}, rows
}

// Retrieval returns the precision@1 of marks, for [Result.Over].
func Retrieval(m Marks) float64 { return m.PrecisionAt1 }

// Linear returns the accuracy of marks' linear probe.
func Linear(m Marks) float64 { return m.Probe }

func mapAtR(m Marks) float64 { return m.MAPAtR }

// Mean returns the mean over seeds of a mark, in percent.
func (r Result) Mean(mark func(Marks) float64) float64 {
	mean, _ := omniglot.Spread(r.percent(mark))
	return mean
}

func (r Result) percent(of func(Marks) float64) (values []float64) {
	for _, m := range r.Marks {
		values = append(values, 100*of(m))
	}
	return values
}

// Intervals returns the results' precision@1 and linear probe for a figure: the mean, a bar from the least to the greatest seed, and
// every seed.
func Intervals(results ...Result) (retrieval, linearProbe []viz.ErrorBar) {
	interval := func(r Result, of func(Marks) float64) viz.ErrorBar {
		v := viz.ErrorBar{Name: r.Name, Runs: r.percent(of), Low: math.Inf(1), High: math.Inf(-1)}
		v.Mean, _ = omniglot.Spread(v.Runs)
		for _, x := range v.Runs {
			v.Low, v.High = min(v.Low, x), max(v.High, x)
		}
		v.Low, v.High = min(v.Low, v.Mean), max(v.High, v.Mean) // rounding of a mean of one
		return v
	}
	for _, r := range results {
		retrieval, linearProbe = append(retrieval, interval(r, Retrieval)), append(linearProbe, interval(r, Linear))
	}
	return retrieval, linearProbe
}
