package free

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Moment holds what a step of [Descend] found before it moved.
type Moment struct {
	Value float64 // the mean loss of an anchor
	Cosines
}

// Course is the moments of a descent, one per step.
type Course []Moment

// Lowest returns the step at which the value is least.
func (c Course) Lowest() int {
	return lowest(len(c), func(step int) float64 { return c[step].Value })
}

// Descend moves a batch down the gradient of the mean loss of its cosines and returns all moments, the start first. A step goes rate
// times the gradient, and back to the sphere.
func Descend(b compute.Backend, start Batch, loss losses.Loss, rate float64, steps int) (Course, error) {
	if len(start.Labels) == 0 || steps < 1 || !(rate > 0) {
		return nil, fmt.Errorf("free.Descend: want an image, a step, and a rate > 0, got %d, %d and %g", len(start.Labels), steps, rate)
	}
	d := descent{loss, losses.Cosine, nil, func(gradient *graph.Node) *graph.Node { return graph.MulScalar(gradient, rate) }}
	var course Course
	err := d.run(b, start, func(at Batch, value float64) (more bool) {
		course = append(course, Moment{value, at.Cosines()})
		return len(course) <= steps
	})
	if err != nil {
		return nil, fmt.Errorf("free.Descend: %w", err)
	}
	return course, nil
}

// Follow goes down a loss's gradient and returns the batch after each of some numbers of steps, rising. Every step has the same
// length over all embeddings together, stride, whatever the loss's units; embeddings are brought back to length 1 after it. Where
// the gradient is 0 they rest.
func Follow(
	b compute.Backend, start Batch, loss losses.Loss, sim losses.Similarity, stride float64, steps []int, miners ...losses.Miner,
) ([]Batch, error) {
	if len(steps) == 0 || !slices.IsSorted(steps) || steps[0] < 0 || !(stride > 0) {
		return nil, fmt.Errorf("free.Follow: want a stride > 0 and steps that rise from 0 or more, got %g and %v", stride, steps)
	}
	d := descent{loss, sim, miners, func(gradient *graph.Node) *graph.Node {
		length := graph.Sqrt(graph.ReduceAllSum(graph.Square(gradient)))
		return graph.Div(graph.MulScalar(gradient, stride), graph.MaxScalar(length, 1e-9))
	}}
	var all []Batch
	done := 0
	err := d.run(b, start, func(at Batch, _ float64) (more bool) {
		for len(all) < len(steps) && steps[len(all)] == done {
			all = append(all, at)
		}
		done++
		return len(all) < len(steps)
	})
	if err != nil {
		return nil, fmt.Errorf("free.Follow: %w", err)
	}
	return all, nil
}

// descent is a loss of a batch, and how far a step goes down its gradient.
type descent struct {
	loss   losses.Loss
	sim    losses.Similarity
	miners []losses.Miner
	move   func(gradient *graph.Node) *graph.Node
}

// run shows every batch with its value, the start first, and steps on until show says that it has seen enough.
func (d descent) run(b compute.Backend, start Batch, show func(at Batch, value float64) (more bool)) error {
	mean := losses.PairWise(d.loss, d.sim, losses.Mean, d.miners...)
	exec, err := graph.NewExec(b, func(labels, embeddings *graph.Node) (value, moved *graph.Node) {
		value = mean([]*graph.Node{labels}, []*graph.Node{embeddings})
		gradient := graph.Gradient(value, embeddings)[0]
		return value, losses.Normalize(graph.Sub(embeddings, d.move(gradient)))
	})
	if err != nil {
		return err
	}
	defer exec.Finalize()
	for at, step := start, 0; ; step++ {
		results, err := exec.Call(at.Labels, at.Embeddings)
		if err != nil {
			return fmt.Errorf("%T: step %d: %w", d.loss, step, err)
		}
		value := results[0].Value().(float64)
		if math.IsNaN(value) {
			return fmt.Errorf("%T is not a number at step %d", d.loss, step)
		}
		if !show(at, value) {
			return nil
		}
		at.Embeddings = results[1].Value().([][]float64)
	}
}

// lowest returns where of n values the least is, the first of several.
func lowest(n int, value func(i int) float64) (at int) {
	for i := range n {
		if value(i) < value(at) {
			at = i
		}
	}
	return at
}
