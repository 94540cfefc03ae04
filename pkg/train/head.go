package train

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// head is the variables of a [Linear] or [MLP] network.
type head struct {
	weights, biases []*model.Variable
	half            bool // products in bfloat16
}

func newHead(store *model.Store, n Network, random source) head {
	var h head
	dense := func(name string, inputs, outputs int) {
		h.weights = append(h.weights, variable(store, "/embedder/"+name+"/weights", random.uniform(inputs), inputs, outputs))
		h.biases = append(h.biases, variable(store, "/embedder/"+name+"/bias", constant(0), outputs))
	}
	inputs := n.Features
	if n.Architecture == MLP {
		dense("hidden", inputs, n.Width)
		inputs = n.Width
	}
	dense("dense", inputs, n.Dim)
	return h
}

func (h head) learnt() []*model.Variable {
	return append(append([]*model.Variable{}, h.weights...), h.biases...)
}
func (h head) running() []*model.Variable { return nil }

// embeddings builds the network on features [batch, features], taken as they are.
func (h head) embeddings(features *graph.Node, _ bool) *graph.Node {
	x := features
	for i := range h.weights {
		if i > 0 {
			x = relu(x)
		}
		x = graph.Add(lowered(x, h.weights[i].NodeValue(x.Graph()), h.half, graph.MatMul), graph.Reshape(h.biases[i].NodeValue(x.Graph()), 1, -1))
	}
	return x
}
