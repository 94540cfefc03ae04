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
	for i, v := range o.variables {
		g, gradient := rate.Graph(), gradients[i]
		first := graph.Add(graph.MulScalar(o.first[i].NodeValue(g), beta1), graph.MulScalar(gradient, 1-beta1))
		second := graph.Add(graph.MulScalar(o.second[i].NodeValue(g), beta2), graph.MulScalar(graph.Square(gradient), 1-beta2))
		o.first[i].SetNodeValue(first)
		o.second[i].SetNodeValue(second)
		value := v.NodeValue(g)
		step := graph.Div(graph.Mul(first, correction1), graph.AddScalar(graph.Sqrt(graph.Mul(second, correction2)), adamEpsilon))
		v.SetNodeValue(graph.Sub(value, graph.Mul(rate, graph.Add(step, graph.MulScalar(value, o.decay)))))
	}
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
