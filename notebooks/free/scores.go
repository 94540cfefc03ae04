package free

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// Path is the scores of one pair and the loss's value at each step, the start first.
type Path struct {
	At    []viz.ScorePair
	Value []float64
}

// Last returns where the path ends.
func (p Path) Last() viz.ScorePair { return p.At[len(p.At)-1] }

// Lowest returns the step at which the value is least.
func (p Path) Lowest() int {
	return lowest(len(p.Value), func(step int) float64 { return p.Value[step] })
}

// Pairs moves anchors with one positive and one negative, each by itself, down the loss's gradient. A step goes rate times the gradient,
// and scores stay within [−1, 1] as cosines do.
func Pairs(b compute.Backend, loss losses.Loss, starts []viz.ScorePair, rate float64, steps int) ([]Path, error) {
	if len(starts) == 0 || steps < 1 || !(rate > 0) || math.IsInf(rate, 1) {
		return nil, fmt.Errorf("free.Pairs: want at least one start, one step and a rate > 0, got %d, %d and %g", len(starts), steps, rate)
	}
	exec, err := graph.NewExec(b, func(scores *graph.Node) []*graph.Node {
		positive := graph.Equal(graph.Iota(scores.Graph(), scores.Shape(), 1), graph.OnesLike(scores)) // column 0 is s_n, 1 is s_p
		values := loss.PerAnchor(losses.Scores{Similarity: scores, Positive: positive, Negative: graph.LogicalNot(positive)})
		slope := graph.Gradient(graph.ReduceAllSum(values), scores)[0]
		moved := graph.Sub(scores, graph.MulScalar(slope, rate))
		return []*graph.Node{values, graph.ClipScalar(moved, -1, 1)}
	})
	if err != nil {
		return nil, fmt.Errorf("free.Pairs: %w", err)
	}
	defer exec.Finalize()
	paths, now := make([]Path, len(starts)), make([][]float64, len(starts))
	for i, s := range starts {
		now[i] = []float64{s.Sn, s.Sp}
	}
	for step := 0; step <= steps; step++ {
		results, err := exec.Call(now)
		if err != nil {
			return nil, fmt.Errorf("free.Pairs: %T: %w", loss, err)
		}
		values := results[0].Value().([]float64)
		for i := range paths {
			if math.IsNaN(values[i]) {
				return nil, fmt.Errorf("free.Pairs: %T is NaN at s_n = %g, s_p = %g", loss, now[i][0], now[i][1])
			}
			paths[i].At = append(paths[i].At, viz.ScorePair{Sn: now[i][0], Sp: now[i][1]})
			paths[i].Value = append(paths[i].Value, values[i])
		}
		now = results[1].Value().([][]float64)
	}
	return paths, nil
}

// Grid returns n × n starts over the unit square of scores, the edges left out.
func Grid(n int) (starts []viz.ScorePair) {
	for i := range n {
		for j := range n {
			starts = append(starts, viz.ScorePair{Sn: (float64(j) + 0.5) / float64(n), Sp: (float64(i) + 0.5) / float64(n)})
		}
	}
	return starts
}

// Ends returns where paths end.
func Ends(paths []Path) (ends []viz.ScorePair) {
	for _, p := range paths {
		ends = append(ends, p.Last())
	}
	return ends
}

// Curves returns a path's scores and its value over the steps.
func (p Path) Curves() (sn, sp, value viz.Curve) {
	sp.Name, sn.Name, value.Name = "s_p", "s_n", "value"
	for step, at := range p.At {
		x := float64(step)
		sp.X, sn.X, value.X = append(sp.X, x), append(sn.X, x), append(value.X, x)
		sp.Mean, sn.Mean, value.Mean = append(sp.Mean, at.Sp), append(sn.Mean, at.Sn), append(value.Mean, p.Value[step])
	}
	return sn, sp, value
}
