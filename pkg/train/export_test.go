package train

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
)

// For tests of the layers and of what a run writes.
var (
	PatchesOf         = patchesOf
	MomentsOfProduct  = momentsOfProduct
	NormalizedProduct = normalizedProduct
	Convolution       = convolution
	Moments           = moments
	Normalize         = normalize
	MaxPool           = maxPool
	CosineFactor      = schedule
	Summarize         = summarize
)

// Descend returns a graph that moves a variable one step against the gradient given, by AdamW with a decay. Its inputs are
// the gradient and the learning rate with the corrections.
func Descend(store *model.Store, decay float64, start ...float32) func(*model.Scope, []*graph.Node) []*graph.Node {
	next := 0
	v := variable(store, "/v", func() float32 { next++; return start[next-1] }, len(start))
	group := newGroup(store, decay, v)
	return func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		group.update(in[:1], in[1], in[2], in[3])
		return []*graph.Node{v.NodeValue(in[0].Graph())}
	}
}

// Corrections are those of AdamW for a step.
var Corrections = corrections

// ResNetShapes are the shapes of a residual network's variables but for its dense layer, by their names in PyTorch.
func ResNetShapes(a Architecture) map[string][]int {
	shapes := make(map[string][]int)
	for name, v := range newResNet(model.NewStore(), Network{Architecture: a, Dim: 2}, newSource(1, forLayers)).variables {
		shapes[name] = v.Shape().Dimensions
	}
	return shapes
}

// ResNetFeatures returns a residual network, its features and what loads a file into it.
func ResNetFeatures(a Architecture) (*model.Store, func(images *graph.Node, training bool) *graph.Node, func(file string) error) {
	store := model.NewStore()
	r := newResNet(store, Network{Architecture: a, Dim: 2}, newSource(1, forLayers))
	return store, r.features, r.load
}

// DescendBy is Descend by an optimiser without corrections, clipped; its inputs are the gradient and the learning rate.
func DescendBy(d Descent, store *model.Store, decay float64, start ...float32) func(*model.Scope, []*graph.Node) []*graph.Node {
	next := 0
	v := variable(store, "/v", func() float32 { next++; return start[next-1] }, len(start))
	group := d.newGroup(store, decay, v)
	return func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		group.update(clip(in[:1], d.ClipNorm), in[1], nil, nil)
		return []*graph.Node{v.NodeValue(in[0].Graph())}
	}
}

// Factor is that of the learning rate in a step.
func Factor(c Config, step int) float64 { return c.factor(step) }

// ConstantPredictor returns the scores of a predictor that foretells the same of every image.
func ConstantPredictor(store *model.Store, dim int) func(labels, embeddings *graph.Node) losses.Scores {
	p := newPredictor(store, dim, dim, newSource(1, forPredictor))
	p.second = variable(store, "/predictor/none", constant(0), dim, dim)
	p.bias = variable(store, "/predictor/one", constant(1), dim)
	return func(labels, embeddings *graph.Node) losses.Scores {
		return p.scores(losses.SameLabel, labels, embeddings, losses.Cosine)
	}
}
