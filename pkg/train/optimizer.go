package train

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Optimizer is how variables follow their gradient.
type Optimizer string

// The optimisers.
const (
	AdamW Optimizer = "" // decoupled weight decay, see adamw.go
	// SGD is v ← Momentum·v + (g + decay·x), x ← x − rate·v, as PyTorch has it. Its learning rates are some ten to a hundred times
	// those of AdamW.
	SGD Optimizer = "sgd"
)

// Schedule is the course of the learning rate after the warm-up.
type Schedule string

// The courses.
const (
	Cosine   Schedule = ""         // half a cosine down to 0
	Constant Schedule = "constant" // as it is
	Drops    Schedule = "drops"    // times DropFactor after every DropEvery steps
)

// Descent is how the learning rates are used.
type Descent struct {
	Optimizer  Optimizer `json:"optimizer,omitempty"`
	Momentum   float64   `json:"momentum,omitempty"` // of SGD, in [0, 1)
	Schedule   Schedule  `json:"schedule,omitempty"`
	DropEvery  int       `json:"drop_every,omitempty"`  // steps, for Drops
	DropFactor float64   `json:"drop_factor,omitempty"` // in (0, 1), for Drops
	// ClipNorm is the largest Euclidean length that the gradient of all variables together may have; a longer one is shortened to it.
	// 0 does not clip.
	ClipNorm float64 `json:"clip_norm,omitempty"`
	// Average is how much of a running mean of the weights is kept in each step, in [0, 1); the run's result is then that mean instead
	// of the last weights. Early it is min(Average, (1+step)/(10+step)), so that the first values are soon forgotten. 0 takes no mean.
	Average float64 `json:"average,omitempty"`
}

func (d Descent) validate() error {
	switch {
	case d.Optimizer != AdamW && d.Optimizer != SGD:
		return fmt.Errorf("train: the optimizer must be empty (AdamW) or %s, got %q", SGD, d.Optimizer)
	case !(d.Momentum >= 0 && d.Momentum < 1) || d.Momentum > 0 && d.Optimizer != SGD:
		return fmt.Errorf("train: the momentum must be in [0, 1), and is for %s alone; got %g", SGD, d.Momentum)
	case d.Schedule != Cosine && d.Schedule != Constant && d.Schedule != Drops:
		return fmt.Errorf("train: the schedule must be empty (cosine), %s or %s, got %q", Constant, Drops, d.Schedule)
	case d.Schedule == Drops && (d.DropEvery < 1 || !(d.DropFactor > 0 && d.DropFactor < 1)):
		return fmt.Errorf("train: the schedule %s needs drop_every, at least 1 step, and drop_factor in (0, 1); got %d and %g", Drops, d.DropEvery, d.DropFactor)
	case d.Schedule != Drops && (d.DropEvery != 0 || d.DropFactor != 0):
		return fmt.Errorf("train: drop_every and drop_factor are for the schedule %s", Drops)
	case !(d.ClipNorm >= 0) || math.IsInf(d.ClipNorm, 0):
		return fmt.Errorf("train: the gradient's largest length must be a number above 0, or 0 for any, got %g", d.ClipNorm)
	case !(d.Average >= 0 && d.Average < 1):
		return fmt.Errorf("train: the share of the weights' running mean that is kept must be in [0, 1), got %g", d.Average)
	}
	return nil
}

// factor is that of the learning rates in a step, from 1.
func (c Config) factor(step int) float64 {
	if step <= c.Warmup || c.Schedule == Cosine {
		return schedule(step, c.Warmup, c.Steps)
	}
	if c.Schedule == Drops {
		return math.Pow(c.DropFactor, float64((step-1-c.Warmup)/c.DropEvery))
	}
	return 1
}

// kept is the share of the running mean that a step keeps.
func (d Descent) kept(step int) float64 {
	return min(d.Average, float64(1+step)/float64(10+step))
}

// newGroup makes a group of an optimiser.
func (d Descent) newGroup(store *model.Store, decay float64, variables ...*model.Variable) group {
	if d.Optimizer == AdamW {
		return newGroup(store, decay, variables...)
	}
	g := group{variables: variables, decay: decay, sgd: true, momentum: d.Momentum}
	for _, v := range variables {
		if d.Momentum > 0 {
			g.first = append(g.first, variable(store, "/sgd/velocity"+v.Path(), constant(0), v.Shape().Dimensions...))
		}
	}
	return g
}

// movedSGD is moved for [SGD].
func (o group) movedSGD(state []*graph.Node, gradient, rate *graph.Node) []*graph.Node {
	velocity := graph.Add(gradient, graph.MulScalar(state[0], o.decay))
	if o.momentum > 0 {
		velocity = graph.Add(graph.MulScalar(state[1], o.momentum), velocity)
	}
	return []*graph.Node{graph.Sub(state[0], graph.Mul(rate, velocity)), velocity}[:len(state)]
}

// clip shortens gradients to a length of limit together, where they are longer.
func clip(gradients []*graph.Node, limit float64) []*graph.Node {
	if limit == 0 || len(gradients) == 0 {
		return gradients
	}
	square := graph.ScalarZero(gradients[0].Graph(), gradients[0].DType())
	for _, gradient := range gradients {
		square = graph.Add(square, graph.ReduceAllSum(graph.Square(gradient)))
	}
	factor := graph.MinScalar(graph.MulScalar(graph.Reciprocal(graph.AddScalar(graph.Sqrt(square), 1e-6)), limit), 1)
	clipped := make([]*graph.Node, len(gradients))
	for i, gradient := range gradients {
		clipped[i] = graph.Mul(gradient, factor)
	}
	return clipped
}

// averagePrefix is before the path of a variable that is the running mean of another.
const averagePrefix = "/average"

// average is the running means of a network's variables.
type average struct{ of, means []*model.Variable }

func newAverage(store *model.Store, of []*model.Variable) (average, error) {
	a := average{of: of}
	first, err := copyOf(of)
	if err != nil {
		return a, err
	}
	for _, v := range of {
		mean := store.VariableWithValue(averagePrefix+v.Path(), first[v.Path()]).SetTrainable(false)
		a.means = append(a.means, mean)
	}
	return a, nil
}

// follow moves the means towards what a step has made of the variables.
func (a average) follow(kept *graph.Node) {
	for i, v := range a.of {
		g := kept.Graph()
		mean := graph.Mul(a.means[i].NodeValue(g), kept)
		a.means[i].SetNodeValue(graph.Add(mean, graph.Mul(v.NodeValue(g), graph.OneMinus(kept))))
	}
}

// network copies the values that embed: the running means where there are any.
func (l *learner) network() (values, error) {
	variables := allOf(l.layers)
	if l.average.of == nil {
		return copyOf(variables)
	}
	means, err := copyOf(l.average.means)
	if err != nil {
		return nil, err
	}
	all := make(values, len(variables))
	for _, v := range variables {
		all[v.Path()] = means[averagePrefix+v.Path()]
	}
	return all, nil
}
