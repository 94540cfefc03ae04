package network

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Linear is one dense layer on features.
var Linear = Architecture{
	Features: true,
	Check:    func(Spec) error { return nil },
	New: func(_ compute.Backend, store *model.Store, s Spec, random Source) (Layers, error) {
		return newHead(store, s, random, false), nil
	},
}

// MLP is two dense layers on features, with Width hidden numbers and ReLU between them.
var MLP = Architecture{
	Features: true,
	Check: func(s Spec) error {
		if s.Width < 1 || s.Width > 1<<16 {
			return fmt.Errorf("the width must be in [1, %d] hidden numbers, got %d", 1<<16, s.Width)
		}
		return nil
	},
	New: func(_ compute.Backend, store *model.Store, s Spec, random Source) (Layers, error) {
		return newHead(store, s, random, true), nil
	},
}

// head is the variables of a [Linear] or [MLP] network.
type head struct {
	weights, biases []*model.Variable
	half            bool // products in bfloat16
}

func newHead(store *model.Store, s Spec, random Source, hidden bool) head {
	h := head{half: s.BFloat16}
	dense := func(name string, inputs, outputs int) {
		h.weights = append(h.weights, variable(store, "/embedder/"+name+"/weights", random.uniform(inputs), inputs, outputs))
		h.biases = append(h.biases, variable(store, "/embedder/"+name+"/bias", constant(0), outputs))
	}
	inputs := s.Features
	if hidden {
		dense("hidden", inputs, s.Width)
		inputs = s.Width
	}
	dense("dense", inputs, s.Dim)
	return h
}

// Learnt implements [Layers].
func (h head) Learnt() []*model.Variable {
	return append(append([]*model.Variable{}, h.weights...), h.biases...)
}

// Running implements [Layers].
func (h head) Running() []*model.Variable { return nil }

// Embeddings implements [Layers] on features [batch, features], taken as they are.
func (h head) Embeddings(features *graph.Node, _ bool) *graph.Node {
	x := features
	for i := range h.weights {
		if i > 0 {
			x = relu(x)
		}
		x = graph.Add(lowered(x, h.weights[i].NodeValue(x.Graph()), h.half, graph.MatMul), graph.Reshape(h.biases[i].NodeValue(x.Graph()), 1, -1))
	}
	return x
}
