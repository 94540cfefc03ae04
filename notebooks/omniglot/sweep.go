package omniglot

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Sweep is a family of losses over one setting.
type Sweep struct {
	Name string
	At   []float64 // the values of the setting, rising
	Loss func(setting float64) losses.Loss
}

// Seeds returns how many seeds a setting is trained with: 2, and 1 in a quick run.
func Seeds() int {
	if quick.Asked() {
		return 1
	}
	return 2
}

// settings returns those of a sweep, or its ends alone in a quick run.
func (s Sweep) settings() []float64 {
	if n := len(s.At); quick.Asked() && n > 2 {
		return []float64{s.At[0], s.At[n-1]}
	}
	return s.At
}

// Curves trains all settings of sweeps and returns the precision@1 on the alphabets held out, in percent: the mean over seeds, with a
// band from the least to the greatest. across maps a setting to where it is drawn.
func Curves(b compute.Backend, across func(setting float64) float64, sweeps ...Sweep) ([]viz.Curve, error) {
	var recipes []Recipe
	for seed := range Seeds() { // not a setting's seeds at once: the later finds compiled what the earlier was
		for _, s := range sweeps {
			for _, setting := range s.settings() {
				recipes = append(recipes, Recipe{Name: fmt.Sprint(s.Name, " ", setting), Loss: s.Loss(setting), Change: func(c *train.Config) {
					c.Seed = uint64(seed)
				}})
			}
		}
	}
	trained, err := Train(b, recipes...)
	if err != nil {
		return nil, err
	}
	var curves []viz.Curve
	at, all := 0, len(recipes)/Seeds() // of the settings
	for _, s := range sweeps {
		curve := viz.Curve{Name: s.Name}
		for _, setting := range s.settings() {
			var marks []float64
			for seed := range Seeds() {
				scores, err := trained[seed*all+at].Retrieve()
				if err != nil {
					return nil, err
				}
				marks = append(marks, 100*scores.PrecisionAt1)
			}
			at++
			mean, _ := Spread(marks)
			curve.X, curve.Mean = append(curve.X, across(setting)), append(curve.Mean, mean)
			curve.Low, curve.High = append(curve.Low, slices.Min(marks)), append(curve.High, slices.Max(marks))
		}
		curves = append(curves, curve)
	}
	return curves, nil
}

// Range returns the least and the greatest mean of a curve, with where they are.
func Range(v viz.Curve) (least, leastAt, greatest, greatestAt float64) {
	least, greatest = v.Mean[0], v.Mean[0]
	leastAt, greatestAt = v.X[0], v.X[0]
	for i, m := range v.Mean {
		if m < least {
			least, leastAt = m, v.X[i]
		}
		if m > greatest {
			greatest, greatestAt = m, v.X[i]
		}
	}
	return least, leastAt, greatest, greatestAt
}

// Ranges sums up curves of a sweep, a row each, as text. back maps where a setting is drawn to the setting.
func Ranges(setting string, back func(across float64) float64, curves ...viz.Curve) (rows [][]string) {
	for _, v := range curves {
		least, leastAt, greatest, greatestAt := Range(v)
		rows = append(rows, []string{v.Name, setting, fmt.Sprintf("%.1f %%, at %s = %g", greatest, setting, back(greatestAt)),
			fmt.Sprintf("%.1f %%, at %s = %g", least, setting, back(leastAt)), fmt.Sprintf("%.1f", greatest-least)})
	}
	return rows
}
