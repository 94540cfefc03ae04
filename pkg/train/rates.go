package train

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// rates are the numbers that change from step to step, on the host or as nodes of a step's graph.
type rates[T float32 | *graph.Node] struct {
	network, classes         T // learning rates
	correction1, correction2 T // see [corrections]
	kept                     T // the share of the weights' running means that stays
}

// rates returns those of a step, from 1.
func (c Config) rates(step int) rates[float32] {
	factor := c.factor(step)
	first, second := corrections(step)
	return rates[float32]{
		network: float32(c.LearningRate * factor), classes: float32(c.ClassLearningRate * factor),
		correction1: float32(first), correction2: float32(second), kept: float32(c.kept(step)),
	}
}

// pack makes an input of rates, for a graph that begins with [unpack].
func pack(r rates[float32]) *tensors.Tensor {
	return tensors.FromValue([]float32{r.network, r.classes, r.correction1, r.correction2, r.kept})
}

// unpack returns the rates that [pack] made an input of.
func unpack(numbers *graph.Node) rates[*graph.Node] {
	all := scalars(numbers)
	return rates[*graph.Node]{network: all[0], classes: all[1], correction1: all[2], correction2: all[3], kept: all[4]}
}

// scalars takes a vector apart.
func scalars(vector *graph.Node) []*graph.Node {
	all := make([]*graph.Node, vector.Shape().Dim(0))
	for i := range all {
		all[i] = graph.Reshape(graph.Slice(vector, graph.AxisElem(i)))
	}
	return all
}
