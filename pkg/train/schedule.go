package train

import "math"

// factor returns what the learning rates are multiplied by in a step, from 1.
func (c Config) factor(step int) float64 {
	if step <= c.Warmup || c.Schedule == ScheduleCosine {
		return cosine(step, c.Warmup, c.Steps)
	}
	if c.Schedule == ScheduleDrops {
		return math.Pow(c.DropFactor, float64((step-1-c.Warmup)/c.DropEvery))
	}
	return 1
}

// kept returns the share of the running means that a step keeps.
func (d Descent) kept(step int) float64 {
	return min(d.Average, float64(1+step)/float64(10+step))
}

// cosine returns the factor of the learning rate in a step, from 1. It is a linear rise over warmup steps, then half a cosine down to 0,
// which the step after the last would have.
func cosine(step, warmup, steps int) float64 {
	if step <= warmup {
		return float64(step) / float64(warmup)
	}
	return (1 + math.Cos(math.Pi*float64(step-1-warmup)/float64(steps-warmup))) / 2
}
