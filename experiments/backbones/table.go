package main

import (
	"fmt"

	"gonum.org/v1/gonum/stat"
)

// header returns the first lines of a table of scores and costs.
func header(of string) string {
	return fmt.Sprintf("| %s | recall@1 | MAP@R | training, s | of all processors, s |\n|---|---|---|---|---|\n", of)
}

// line returns the means of a row's seeds; what costs nothing has no seconds.
func line(name string, all []found) string {
	text := fmt.Sprintf("| %s | %s | %s |", name, spread(all, recallAt1), spread(all, mapAtR))
	for _, of := range []func(found) float64{wall, cpu} {
		if m := mean(all, of); m > 0 {
			text += fmt.Sprintf(" %.1f", m)
		}
		text += " |"
	}
	return text + "\n"
}

func recallAt1(f found) float64 { return f.recallAt1 }
func mapAtR(f found) float64    { return f.mapAtR }
func wall(f found) float64      { return f.wall }
func cpu(f found) float64       { return f.cpu }

// mean returns that over the seeds.
func mean(all []found, of func(found) float64) float64 { return stat.Mean(values(all, of), nil) }

// spread returns mean ± standard deviation, of one seed the value.
func spread(all []found, of func(found) float64) string {
	if len(all) == 1 {
		return fmt.Sprintf("%.3f", of(all[0]))
	}
	return fmt.Sprintf("%.3f ± %.3f", mean(all, of), stat.StdDev(values(all, of), nil))
}

func values(all []found, of func(found) float64) []float64 {
	numbers := make([]float64, len(all))
	for i, f := range all {
		numbers[i] = of(f)
	}
	return numbers
}
