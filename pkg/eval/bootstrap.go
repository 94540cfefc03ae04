package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is the range, from Low to High, in which a value would have fallen for most other draws of classes.
type Interval struct{ Low, High float64 }

// Bootstrap tells how to make intervals.
type Bootstrap struct {
	Level     float64 // how many of the draws are inside, in (0, 1)
	Resamples int     // draws, at least 20
	Seed      uint64  // of the draws: one seed gives the same intervals
}

// DefaultBootstrap returns the setting of 95 % intervals from 1,000 draws.
func DefaultBootstrap() Bootstrap { return Bootstrap{Level: 0.95, Resamples: 1000, Seed: 1} }

func (b Bootstrap) validate() error {
	if !(b.Level > 0 && b.Level < 1) || b.Resamples < 20 {
		return fmt.Errorf("eval: a bootstrap needs a level in (0, 1) and at least 20 resamples, got %g and %d", b.Level, b.Resamples)
	}
	return nil
}

// Intervals returns, by the names of [Metrics.List], the percentile bootstrap intervals over classes. Classes are drawn with replacement,
// all queries of a class together: the question is how other classes would do, and queries of one class share its luck. The references
// stay as they are. With one class there is nothing to draw, and no interval.
func (r Retrieval) Intervals(b Bootstrap) (map[string]Interval, error) {
	if err := b.validate(); err != nil {
		return nil, err
	}
	if len(r.Classes) < 2 {
		return nil, nil
	}
	weights := make([]float64, len(r.Classes))
	for i, class := range r.Classes {
		weights[i] = float64(class.Queries)
	}
	intervals := make(map[string]Interval)
	for m, metric := range r.List() {
		values := make([]float64, len(r.Classes))
		for i, class := range r.Classes {
			values[i] = class.List()[m].Value
		}
		intervals[metric.Name] = b.Mean(values, weights)
	}
	return intervals, nil
}

// Interval returns the percentile bootstrap interval of the error over the runs. With one run there is none, and both ends are the
// error.
func (o OneShot) Interval(b Bootstrap) (Interval, error) {
	if err := b.validate(); err != nil {
		return Interval{}, err
	}
	if len(o.Runs) == 0 {
		return Interval{}, fmt.Errorf("eval: an interval needs at least one run")
	}
	return b.Mean(o.Runs, slices.Repeat([]float64{1}, len(o.Runs))), nil
}

func (b Bootstrap) random(n int) *rand.Rand { return rand.New(rand.NewPCG(b.Seed, uint64(n))) }

// Mean returns the percentile bootstrap interval of a weighted mean of values, such as those of classes, that are drawn with replacement,
// each with its weight. The same draws are for all values of one number.
func (b Bootstrap) Mean(values, weights []float64) Interval {
	random := b.random(len(values)) // the same draws for every metric
	means := make([]float64, b.Resamples)
	for i := range means {
		sum, total := 0.0, 0.0
		for range values {
			k := random.IntN(len(values))
			sum += weights[k] * values[k]
			total += weights[k]
		}
		means[i] = sum / total
	}
	return b.interval(means)
}

// interval returns the middle part of draws, linear between neighbours. It sorts them.
func (b Bootstrap) interval(draws []float64) Interval {
	slices.Sort(draws)
	quantile := func(q float64) float64 {
		whole, part := math.Modf(q * float64(len(draws)-1))
		low, high := draws[int(whole)], draws[min(int(whole)+1, len(draws)-1)]
		return low + part*(high-low)
	}
	return Interval{quantile((1 - b.Level) / 2), quantile((1 + b.Level) / 2)}
}
