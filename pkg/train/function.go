package train

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/train/internal/network"
)

// Function is a network of your own, in GoMLX: for [Options.Network] and [LoadFunction].
type Function struct {
	// Name is kept in the checkpoint, so that a run of another network is not resumed.
	Name string
	// Build makes embeddings [batch, Dim] of inputs float32 [batch, size, size, channels] with numbers in [0, 1], or of features
	// [batch, features]. Its variables are made in the scope, those that a gradient moves trainable; scope.IsTraining(inputs.Graph())
	// tells training from embedding. It is called for every graph that needs the network.
	Build func(scope *model.Scope, inputs *graph.Node) *graph.Node
}

// makeLayers makes the variables of a network; f is nil unless it is a function. BFloat16 is of its products in training.
func makeLayers(
	backend compute.Backend, store *model.Store, n Network, precision Precision, random network.Source, f *Function,
) (network.Layers, error) {
	kind, spec := n.kind(), n.spec()
	spec.BFloat16 = precision == PrecisionBFloat16
	if n.isFunction() && f != nil {
		if n.Architecture != f.architecture() {
			return nil, fmt.Errorf("train: the network is %q, and the function is called %q", n.Architecture, f.Name)
		}
		kind = network.Function(f.Name, n.onFeatures(), f.Build)
	}
	if n.trainsBackbone() && f != nil {
		kind = network.Function(string(n.Architecture), false, f.Build)
		if n.Backbone.Head != HeadNone {
			kind = network.Headed(kind, n.Backbone.Head.kind(), n.Backbone.Dim)
		}
	}
	return kind.New(backend, store, spec, random)
}

func (f Function) architecture() Architecture { return Architecture(functionPrefix + f.Name) }
