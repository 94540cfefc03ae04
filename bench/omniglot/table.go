package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// column is a score of the table.
type column struct {
	heading string
	of      func(measured) float64
}

// table is one line a loss: mean and standard deviation of its scores over the seeds, and how fast it was trained.
func table(names []string, all []measured, validate bool) string {
	scores := []column{{"one-shot error, %", func(m measured) float64 { return 100 * m.OneShotError }}}
	if validate {
		scores = []column{
			{"validation R@1, %", func(m measured) float64 { return 100 * m.PrecisionAt1 }},
			{"R-precision, %", func(m measured) float64 { return 100 * m.RPrecision }},
			{"MAP@R, %", func(m measured) float64 { return 100 * m.MAPAtR }},
		}
	}
	headings := "| loss |"
	for _, score := range scores {
		headings += " " + score.heading + " | each seed |"
	}
	headings += " training, s | images/s |\n"
	var text strings.Builder
	text.WriteString(headings + strings.Repeat("|---", strings.Count(headings, "|")-1) + "|\n")
	for _, name := range names {
		of := slices.DeleteFunc(slices.Clone(all), func(m measured) bool { return m.Loss != name })
		fmt.Fprintf(&text, "| %s |", name)
		for _, score := range scores {
			mean, deviation := over(of, score.of)
			var each []string
			for _, m := range of {
				each = append(each, fmt.Sprintf("%.2f", score.of(m)))
			}
			fmt.Fprintf(&text, " %.1f ± %.1f | %s |", mean, deviation, strings.Join(each, ", "))
		}
		seconds, _ := over(of, func(m measured) float64 { return m.Seconds })
		speed, _ := over(of, func(m measured) float64 { return m.ImagesPerSecond })
		fmt.Fprintf(&text, " %.0f | %.0f |\n", seconds, speed)
	}
	return text.String()
}

// over returns the mean and the standard deviation (of a sample) of a score; one value has deviation 0.
func over(all []measured, score func(measured) float64) (mean, deviation float64) {
	for _, m := range all {
		mean += score(m) / float64(len(all))
	}
	for _, m := range all {
		deviation += (score(m) - mean) * (score(m) - mean)
	}
	return mean, math.Sqrt(deviation / float64(max(1, len(all)-1)))
}
