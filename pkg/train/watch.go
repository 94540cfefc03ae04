package train

import "math"

// watch looks for a run that has stopped learning or never began: s_p and s_n that cannot be told apart, step after step.
type watch struct {
	limit  int     // steps in a row after which the run is given up; negative is never
	began  bool    // there was a step
	flat   int     // steps in a row so far
	gap    float64 // running mean of how far s_p is above s_n, in units of the spread of s_n
	points int     // how many of the flat steps had all embeddings in one point
}

const (
	// leastGap is the part of the spread of s_n below which a gap is none. An untrained network on images has ten times as much.
	leastGap = 0.05
	// onePoint bounds how far from 1 the similarities of embeddings are that are one point.
	onePoint = 1e-3
)

// see takes in a step's record. It returns an error once the run is to be given up.
func (w *watch) see(r Record, c Config) error {
	if w.limit < 0 || r.Step <= c.Warmup || r.Positive == (Summary{}) || r.Negative == (Summary{}) { // no pair of a kind
		return nil
	}
	point := r.Negative.Q05 > 1-onePoint
	spread := math.Max(r.Negative.Q95-r.Negative.Q05, 1e-6)
	gap := (r.Positive.Mean - r.Negative.Mean) / spread
	if !w.began {
		w.gap, w.began = gap, true
	}
	w.gap += 0.05 * (gap - w.gap) // single batches are noisy
	if !point && w.gap > leastGap {
		w.flat, w.points = 0, 0
		return nil
	}
	w.flat++
	if point {
		w.points++
	}
	if w.flat < w.limit {
		return nil
	}
	if 2*w.points > w.flat {
		return failure("train: stopped at step %d: for %d steps all embeddings have been one point (s_p %.3f, s_n %.3f): "+
			"the network collapsed, as it does at too high a learning rate or when hard pairs are mined from scratch: "+
			"lower the learning rate from %g to %.1g, warm up longer than %d steps, or mine all pairs",
			r.Step, w.flat, r.Positive.Mean, r.Negative.Mean, c.LearningRate, c.LearningRate/10, c.Warmup)
	}
	return failure("train: stopped at step %d: for %d steps s_p (%.3f) has not come above s_n (%.3f): nothing is learnt: "+
		"see first whether the labels belong to the images; then try a learning rate of %g or %g instead of %g, "+
		"or more than %d images per class",
		r.Step, w.flat, r.Positive.Mean, r.Negative.Mean, c.LearningRate/10, c.LearningRate*10, c.LearningRate, c.PerClass)
}
