package main

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
)

// each returns a score of every entry.
func each(entries []entry, score func(entry) float64) []float64 {
	var all []float64
	for _, e := range entries {
		all = append(all, score(e))
	}
	return all
}

// mean returns that of a sample.
func mean(all []float64) float64 { return stat.Mean(all, nil) }

// deviation returns the standard deviation of a sample; of one value it is NaN, not known.
func deviation(all []float64) float64 { return stat.StdDev(all, nil) }

// spread returns mean ± standard deviation, in percent.
func spread(all []float64) string {
	return fmt.Sprintf("%.1f ± %s", 100*mean(all), percent(deviation(all)))
}

// percent returns a fraction in percent, or a question mark where it is not known.
func percent(x float64) string {
	if math.IsNaN(x) {
		return "?"
	}
	return fmt.Sprintf("%.1f", 100*x)
}
