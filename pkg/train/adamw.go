package train

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
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
	sgd       bool // by [SGD]: first is the velocity, if it has a momentum
	momentum  float64
}

func newGroup(store *model.Store, decay float64, variables ...*model.Variable) group {
	g := group{variables: variables, decay: decay}
	for _, v := range variables {
		dims := v.Shape().Dimensions
		g.first = append(g.first, variable(store, "/adamw/first"+v.Path(), constant(0), dims...))
		g.second = append(g.second, variable(store, "/adamw/second"+v.Path(), constant(0), dims...))
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

// state is a variable with the means that its optimiser keeps of it.
func (o group) state(i int) []*model.Variable {
	state := []*model.Variable{o.variables[i]}
	for _, means := range [][]*model.Variable{o.first, o.second} {
		if means != nil {
			state = append(state, means[i])
		}
	}
	return state
}

// moved is what a step makes of a state, or of rows of one. The corrections are scalars, or broadcast to the value.
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

// corrections undo that the running means start at 0; step counts from 1.
func corrections(step int) (first, second float64) {
	return 1 / (1 - math.Pow(beta1, float64(step))), 1 / (1 - math.Pow(beta2, float64(step)))
}

// schedule returns the factor of the learning rate in a step, from 1: a linear rise over warmup steps, then half a cosine
// down to 0, which the step after the last would have.
func schedule(step, warmup, steps int) float64 {
	if step <= warmup {
		return float64(step) / float64(warmup)
	}
	return (1 + math.Cos(math.Pi*float64(step-1-warmup)/float64(steps-warmup))) / 2
}
