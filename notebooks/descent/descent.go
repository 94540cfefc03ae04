// Package descent lets a batch of free embeddings go where a loss sends them, without a network between, for notebooks that ask
// what a loss by itself would do.
package descent

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Batch is embeddings of length 1 with their labels.
type Batch struct {
	Labels     []int32
	Embeddings [][]float64 // [images][dim]
}

// Ring is a batch of two dimensions: classes of images at angles in degrees.
func Ring(classes ...[]float64) Batch {
	var b Batch
	for class, degrees := range classes {
		for _, angle := range degrees {
			sin, cos := math.Sincos(angle * math.Pi / 180)
			b.Labels, b.Embeddings = append(b.Labels, int32(class)), append(b.Embeddings, []float64{cos, sin})
		}
	}
	return b
}

// Huddle is a batch as an untrained network gives it: everything resembles everything, and the classes differ a little. Each
// embedding is a direction common to all, plus spread times one of its class's and one of its own.
func Huddle(seed uint64, classes, perClass, dim int, spread float64) Batch {
	random := rand.New(rand.NewPCG(seed, 0))
	draw := func() []float64 {
		v := make([]float64, dim)
		for i := range v {
			v[i] = random.NormFloat64() / math.Sqrt(float64(dim))
		}
		return v
	}
	var b Batch
	common := draw()
	for class := range classes {
		kind := draw()
		for range perClass {
			own := draw()
			for i := range own {
				own[i] = common[i] + spread*(kind[i]+own[i])
			}
			b.Labels, b.Embeddings = append(b.Labels, int32(class)), append(b.Embeddings, unit(own))
		}
	}
	return b
}

func unit(v []float64) []float64 {
	square := 0.0
	for _, x := range v {
		square += x * x
	}
	u := make([]float64, len(v))
	for i, x := range v {
		u[i] = x / math.Sqrt(square)
	}
	return u
}

// Follow goes down a loss's gradient and returns the batch after each of some numbers of steps, rising. Every step has the same
// length over all embeddings together, stride, whatever the loss's units; embeddings are brought back to length 1 after it. Where
// the gradient is 0 they rest.
func Follow(b compute.Backend, start Batch, loss losses.Loss, sim losses.Similarity, stride float64, steps []int, miners ...losses.Miner) ([]Batch, error) {
	if len(steps) == 0 || !slices.IsSorted(steps) || steps[0] < 0 || !(stride > 0) {
		return nil, fmt.Errorf("descent: want a stride > 0 and steps that rise from 0 or more, got %g and %v", stride, steps)
	}
	exec, err := graph.NewExec(b, func(labels, embeddings *graph.Node) *graph.Node {
		value := losses.PairWise(loss, sim, losses.Mean, miners...)([]*graph.Node{labels}, []*graph.Node{embeddings})
		gradient := graph.Gradient(value, embeddings)[0]
		length := graph.Sqrt(graph.ReduceAllSum(graph.Square(gradient)))
		moved := graph.Div(graph.MulScalar(gradient, stride), graph.MaxScalar(length, 1e-9))
		return losses.Normalize(graph.Sub(embeddings, moved))
	})
	if err != nil {
		return nil, fmt.Errorf("descent: %w", err)
	}
	defer exec.Finalize()
	var all []Batch
	at := start
	for done := 0; len(all) < len(steps); done++ {
		for len(all) < len(steps) && steps[len(all)] == done {
			all = append(all, at)
		}
		results, err := exec.Call(at.Labels, at.Embeddings)
		if err != nil {
			return nil, fmt.Errorf("descent: %T: step %d: %w", loss, done+1, err)
		}
		at = Batch{at.Labels, results[0].Value().([][]float64)}
	}
	return all, nil
}

// Similarities are the means over all positive and all negative pairs, of cosines.
func (b Batch) Similarities() (positive, negative float64) {
	var positives, negatives float64
	for i, x := range b.Embeddings {
		for j := range i {
			if s := dot(x, b.Embeddings[j]); b.Labels[i] == b.Labels[j] {
				positive, positives = positive+s, positives+1
			} else {
				negative, negatives = negative+s, negatives+1
			}
		}
	}
	return positive / positives, negative / negatives
}

// Found is the share of images whose nearest other image is of their class: recall@1.
func (b Batch) Found() float64 {
	right := 0.0
	for i, x := range b.Embeddings {
		best, nearest := -1, math.Inf(-1)
		for j, y := range b.Embeddings {
			if s := dot(x, y); i != j && s > nearest {
				best, nearest = j, s
			}
		}
		if b.Labels[best] == b.Labels[i] {
			right++
		}
	}
	return right / float64(len(b.Embeddings))
}

func dot(x, y []float64) (sum float64) {
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}
