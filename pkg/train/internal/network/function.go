package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Function holds the architecture of a network that somebody wrote in GoMLX, on features or on images; it has no graph where build is nil.
func Function(name string, onFeatures bool, build func(scope *model.Scope, inputs *graph.Node) *graph.Node) Architecture {
	return Architecture{
		Features: onFeatures,
		Check: func(s Spec) error {
			if !onFeatures && (s.Size < 1 || s.Size > 1024) {
				return fmt.Errorf("the image size must be in [1, 1024] pixels, got %d", s.Size)
			}
			return nil
		},
		New: func(backend compute.Backend, store *model.Store, s Spec, random Source) (net Layers, err error) {
			if build == nil {
				return nil, fmt.Errorf("train: the network is %q: it needs its Go function, see LoadFunction", s.Name)
			}
			caught := exceptions.TryCatch[error](func() { net, err = newFunction(backend, store, name, s, build, random.seed) })
			if caught != nil {
				return nil, fmt.Errorf("train: network %s: %w", name, caught)
			}
			return net, err
		},
	}
}

// function is the variables of a [Function].
type function struct {
	build     func(*model.Scope, *graph.Node) *graph.Node
	store     *model.Store
	variables []*model.Variable // in the order of their paths
}

// newFunction runs the function once, on nothing but zeros, so that its variables are there; their first values go by the seed.
func newFunction(
	backend compute.Backend, store *model.Store, name string, s Spec, build func(*model.Scope, *graph.Node) *graph.Node, seed uint64,
) (function, error) {
	store.SetParam(model.ParamInitialSeed, int64(seed))
	net := function{build: build, store: store}
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, inputs *graph.Node) *graph.Node {
		return net.Embeddings(inputs, false)
	})
	if err != nil {
		return net, fmt.Errorf("train: network %s: %w", name, err)
	}
	defer exec.Finalize()
	zeros := tensors.FromShape(shapes.Make(dtypes.Float32, append([]int{2}, s.InputShape()...)...))
	out, err := exec.Call(zeros)
	if err != nil {
		return net, fmt.Errorf("train: network %s: %w", name, err)
	}
	if got := out[0].Shape(); got.DType != dtypes.Float32 || !slices.Equal(got.Dimensions, []int{2, s.Dim}) {
		return net, fmt.Errorf("train: network %s gives %s for a batch of 2, want float32 [2, %d]", name, got, s.Dim)
	}
	for v := range store.Scope(functionScope).IterVariables() {
		net.variables = append(net.variables, v)
	}
	slices.SortFunc(net.variables, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	if len(net.Learnt()) == 0 {
		return net, fmt.Errorf("train: network %s has no trainable variable in its scope", name)
	}
	return net, nil
}

// functionScope is the scope of a function's variables.
const functionScope = "/embedder"

// Embeddings implements [Layers].
func (f function) Embeddings(inputs *graph.Node, training bool) *graph.Node {
	f.store.SetTraining(inputs.Graph(), training)
	return f.build(f.store.Scope(functionScope), inputs)
}

// Learnt implements [Layers].
func (f function) Learnt() []*model.Variable { return f.those(true) }

// Running implements [Layers].
func (f function) Running() []*model.Variable { return f.those(false) }

func (f function) those(trainable bool) (some []*model.Variable) {
	for _, v := range f.variables {
		if v.Trainable == trainable && v.DType() == dtypes.Float32 {
			some = append(some, v)
		}
	}
	return some
}
