package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/data"
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

// functionPrefix begins the architecture of a network that is a function.
const functionPrefix = "function:"

func (n Network) isFunction() bool { return strings.HasPrefix(string(n.Architecture), functionPrefix) }

// validateFunction is Validate for a network that is a function.
func (n Network) validateFunction() error {
	switch {
	case n.Features > 0 && (n.Size != 0 || n.Channels != 0):
		return fmt.Errorf("train: %s is for features, which have no size or channels, got %d and %d", n.Architecture, n.Size, n.Channels)
	case n.Features > 0 && n.Invert == data.InvertOn:
		return fmt.Errorf("train: %s is for features, which are not turned over: leave Invert (--invert) off", n.Architecture)
	case n.Features < 0 || n.Features > 1<<20:
		return fmt.Errorf("train: the number of features must be in [1, %d], or 0 for images; got %d", 1<<20, n.Features)
	case n.Features == 0 && (n.Size < 1 || n.Size > 1024):
		return fmt.Errorf("train: the image size must be in [1, 1024] pixels, got %d", n.Size)
	case n.Channels != 0 && n.Channels != 1 && n.Channels != 3:
		return fmt.Errorf("train: images must have 1 channel (gray) or 3 (colour), got %d", n.Channels)
	case n.Dim < 2 || n.Dim > 4096:
		return fmt.Errorf("train: the embedding's dimension must be in [2, 4096], got %d", n.Dim)
	}
	return nil
}

// function is the variables of a [Function].
type function struct {
	build     func(*model.Scope, *graph.Node) *graph.Node
	store     *model.Store
	variables []*model.Variable // in the order of their paths
}

// newFunction runs the function once, on nothing but zeros, so that its variables are there; their first values go by the seed.
func newFunction(backend compute.Backend, store *model.Store, n Network, f Function, seed uint64) (function, error) {
	if want := Architecture(functionPrefix + f.Name); n.Architecture != want {
		return function{}, fmt.Errorf("train: the network is %q, and the function is called %q", n.Architecture, f.Name)
	}
	store.SetParam(model.ParamInitialSeed, int64(seed))
	net := function{build: f.Build, store: store}
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, inputs *graph.Node) *graph.Node {
		return net.embeddings(inputs, false)
	})
	if err != nil {
		return net, fmt.Errorf("train: network %s: %w", f.Name, err)
	}
	defer exec.Finalize()
	dims := append([]int{2}, n.inputShape()...)
	zeros := tensorOf(make([]float32, shapes.Make(dtypes.Float32, dims...).Size()), dims...)
	out, err := exec.Call(zeros)
	if err != nil {
		return net, fmt.Errorf("train: network %s: %w", f.Name, err)
	}
	if got := out[0].Shape(); got.DType != dtypes.Float32 || !slices.Equal(got.Dimensions, []int{2, n.Dim}) {
		return net, fmt.Errorf("train: network %s gives %s for a batch of 2, want float32 [2, %d]", f.Name, got, n.Dim)
	}
	for v := range store.Scope(functionScope).IterVariables() {
		net.variables = append(net.variables, v)
	}
	slices.SortFunc(net.variables, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	if len(net.learnt()) == 0 {
		return net, fmt.Errorf("train: network %s has no trainable variable in its scope", f.Name)
	}
	return net, nil
}

// functionScope is where a function's variables are.
const functionScope = "/embedder"

func (f function) embeddings(inputs *graph.Node, training bool) *graph.Node {
	f.store.SetTraining(inputs.Graph(), training)
	return f.build(f.store.Scope(functionScope), inputs)
}

func (f function) learnt() []*model.Variable  { return f.those(true) }
func (f function) running() []*model.Variable { return f.those(false) }

func (f function) those(trainable bool) (some []*model.Variable) {
	for _, v := range f.variables {
		if v.Trainable == trainable && v.DType() == dtypes.Float32 {
			some = append(some, v)
		}
	}
	return some
}

// LoadFunction is [Load] for a run of a function.
func LoadFunction(backend compute.Backend, dir string, f Function) (*Embedder, error) {
	return load(backend, dir, &f)
}

// makeLayers makes the variables of any network; f is nil unless it is a function.
func makeLayers(backend compute.Backend, store *model.Store, n Network, seed uint64, f *Function) (net layers, err error) {
	if !n.isFunction() {
		return newLayers(store, n, newSource(seed, forLayers)), nil
	}
	if f == nil {
		return nil, fmt.Errorf("train: the network is %q: it needs its Go function, see LoadFunction", n.Architecture)
	}
	if caught := exceptions.TryCatch[error](func() { net, err = newFunction(backend, store, n, *f, seed) }); caught != nil {
		return nil, fmt.Errorf("train: network %s: %w", f.Name, caught)
	}
	return net, err
}
