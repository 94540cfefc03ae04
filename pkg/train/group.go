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
	ofClasses bool              // class weights, which have a learning rate of their own
	first     []*model.Variable // running mean of the gradient
	second    []*model.Variable // running mean of its square
	decay     float64
	sgd       bool // by [OptimizerSGD]: first is the velocity, if it has a momentum
	momentum  float64
	slow      int     // variables, the first ones, that learn at a part of the rate: a backbone's
	part      float64 // of the rate, that these learn at
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

// update moves the group against its gradients at the rates of a step.
func (g group) update(gradients []*graph.Node, r rates[*graph.Node]) {
	rate := r.network
	if g.ofClasses {
		rate = r.classes
	}
	for i := range g.variables {
		var values []*graph.Node
		for _, v := range g.state(i) {
			values = append(values, v.NodeValue(rate.Graph()))
		}
		own := rate
		if i < g.slow {
			own = graph.MulScalar(rate, g.part)
		}
		moved := g.moved(values, gradients[i], own, r.correction1, r.correction2)
		for j, v := range g.state(i) {
			v.SetNodeValue(moved[j])
		}
	}
}

// state returns a variable with the means that its optimiser keeps of it.
func (g group) state(i int) []*model.Variable {
	state := []*model.Variable{g.variables[i]}
	for _, means := range [][]*model.Variable{g.first, g.second} {
		if means != nil {
			state = append(state, means[i])
		}
	}
	return state
}

// moved returns what a step makes of a state, or of rows of one. The corrections are scalars, or broadcast to the value.
func (g group) moved(state []*graph.Node, gradient, rate, correction1, correction2 *graph.Node) []*graph.Node {
	if g.sgd {
		return g.movedSGD(state, gradient, rate)
	}
	value := state[0]
	first := graph.Add(graph.MulScalar(state[1], beta1), graph.MulScalar(gradient, 1-beta1))
	second := graph.Add(graph.MulScalar(state[2], beta2), graph.MulScalar(graph.Square(gradient), 1-beta2))
	step := graph.Div(graph.Mul(first, correction1), graph.AddScalar(graph.Sqrt(graph.Mul(second, correction2)), adamEpsilon))
	value = graph.Sub(value, graph.Mul(rate, graph.Add(step, graph.MulScalar(value, g.decay))))
	return []*graph.Node{value, first, second}
}

// movedSGD does what moved does, for [OptimizerSGD].
func (g group) movedSGD(state []*graph.Node, gradient, rate *graph.Node) []*graph.Node {
	velocity := graph.Add(gradient, graph.MulScalar(state[0], g.decay))
	if g.momentum > 0 {
		velocity = graph.Add(graph.MulScalar(state[1], g.momentum), velocity)
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
