package train

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/train/internal/network"
)

// AdamW with a learning rate and a weight decay for each group of variables; GoMLX's own has one of each for all.
//
//	I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
const (
	beta1, beta2 = 0.9, 0.999
	adamEpsilon  = 1e-8
)

// group is variables that learn at one rate.
type group struct {
	variables []*model.Variable
	first     []*model.Variable // running mean of the gradient
	second    []*model.Variable // running mean of its square
	decay     float64
	sgd       bool // by [OptimizerSGD]: first is the velocity, if it has a momentum
	momentum  float64
}

// newGroup makes a group of the optimiser.
func (d Descent) newGroup(store *model.Store, decay float64, variables ...*model.Variable) group {
	g := group{variables: variables, decay: decay, sgd: d.Optimizer == OptimizerSGD, momentum: d.Momentum}
	for _, v := range variables {
		dims := v.Shape().Dimensions
		switch {
		case !g.sgd:
			g.first = append(g.first, network.Zeros(store, "/adamw/first"+v.Path(), dims...))
			g.second = append(g.second, network.Zeros(store, "/adamw/second"+v.Path(), dims...))
		case d.Momentum > 0:
			g.first = append(g.first, network.Zeros(store, "/sgd/velocity"+v.Path(), dims...))
		}
	}
	return g
}

// update moves the group against its gradients at a learning rate. correction1 and correction2 are the scalars that
// corrections gives for the step.
func (o group) update(gradients []*graph.Node, rate, correction1, correction2 *graph.Node) {
	for i := range o.variables {
		var values []*graph.Node
		for _, v := range o.state(i) {
			values = append(values, v.NodeValue(rate.Graph()))
		}
		moved := o.moved(values, gradients[i], rate, correction1, correction2)
		for j, v := range o.state(i) {
			v.SetNodeValue(moved[j])
		}
	}
}

// state returns a variable with the means that its optimiser keeps of it.
func (o group) state(i int) []*model.Variable {
	state := []*model.Variable{o.variables[i]}
	for _, means := range [][]*model.Variable{o.first, o.second} {
		if means != nil {
			state = append(state, means[i])
		}
	}
	return state
}

// moved returns what a step makes of a state, or of rows of one. The corrections are scalars, or broadcast to the value.
func (o group) moved(state []*graph.Node, gradient, rate, correction1, correction2 *graph.Node) []*graph.Node {
	if o.sgd {
		return o.movedSGD(state, gradient, rate)
	}
	moved := adamw{state[0], state[1], state[2]}.step(gradient, rate, correction1, correction2, o.decay)
	return []*graph.Node{moved.value, moved.first, moved.second}
}

// adamw is a value with the running means of its gradient and of the gradient's square.
type adamw struct{ value, first, second *graph.Node }

// step moves the value against a gradient. The corrections are scalars, or broadcast to the value.
func (a adamw) step(gradient, rate, correction1, correction2 *graph.Node, decay float64) adamw {
	a.first = graph.Add(graph.MulScalar(a.first, beta1), graph.MulScalar(gradient, 1-beta1))
	a.second = graph.Add(graph.MulScalar(a.second, beta2), graph.MulScalar(graph.Square(gradient), 1-beta2))
	step := graph.Div(graph.Mul(a.first, correction1), graph.AddScalar(graph.Sqrt(graph.Mul(a.second, correction2)), adamEpsilon))
	a.value = graph.Sub(a.value, graph.Mul(rate, graph.Add(step, graph.MulScalar(a.value, decay))))
	return a
}

// movedSGD does what moved does, for [OptimizerSGD].
func (o group) movedSGD(state []*graph.Node, gradient, rate *graph.Node) []*graph.Node {
	velocity := graph.Add(gradient, graph.MulScalar(state[0], o.decay))
	if o.momentum > 0 {
		velocity = graph.Add(graph.MulScalar(state[1], o.momentum), velocity)
	}
	return []*graph.Node{graph.Sub(state[0], graph.Mul(rate, velocity)), velocity}[:len(state)]
}

// corrections undo that the running means start at 0; step counts from 1.
func corrections(step int) (first, second float64) {
	return 1 / (1 - math.Pow(beta1, float64(step))), 1 / (1 - math.Pow(beta2, float64(step)))
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
