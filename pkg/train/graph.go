package train

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// InputShape returns the shape of what the network takes in: [size, size, channels] of a picture, or [features].
func (n Network) InputShape() []int { return n.spec().InputShape() }

// Graph returns the network's variables, and the function that makes embeddings [batch, Network.Dim], not yet of length 1. Its inputs are
// features [batch, features], or prepared pictures, float32 [batch, size, size, channels], with numbers in [0, 1]. The function is for
// graphs of this store.
func (e *Embedder) Graph() (*model.Store, func(scope *model.Scope, inputs *graph.Node) *graph.Node) {
	return e.store, func(_ *model.Scope, inputs *graph.Node) *graph.Node { return e.layers.Embeddings(inputs, false) }
}
