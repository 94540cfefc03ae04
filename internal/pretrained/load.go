package pretrained

import (
	"context"
	"fmt"
	"io"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/train"
)

// Load returns the embedder of a run's directory, as [train.Load] does; for a run with a network from elsewhere it takes pictures, as every
// other. Its file is found where it was, and is the same file.
func Load(ctx context.Context, backend compute.Backend, dir string, n train.Network, w io.Writer) (*train.Embedder, error) {
	if !n.IsBackbone() {
		return train.Load(backend, dir)
	}
	o, err := Open(ctx, backend, n, w)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", dir, err)
	}
	if !n.Backbone.Frozen() {
		f, err := o.Function()
		if err != nil {
			return nil, err
		}
		return train.LoadFunction(backend, dir, *f)
	}
	e, err := train.Load(backend, dir)
	if err != nil {
		return nil, err
	}
	front, err := o.Front()
	if err != nil {
		return nil, err
	}
	e.Front = front
	return e, nil
}

// beneath is the scope of the weights of a network that does not learn, beside those of its head.
const beneath = "/backbone"

// Graph returns what makes embeddings [batch, Dim], not yet of length 1, of pictures [batch, size, size, channels] with numbers in [0, 1]
// that are prepared but for the pixels. It is the embedder's graph, with the network before the head where that is its front. The input's
// shape is that of one picture.
func Graph(e *train.Embedder) (store *model.Store, build func(*model.Scope, *graph.Node) *graph.Node, input []int, err error) {
	store, head := e.Graph()
	front, ok := e.Front.(*Front)
	if !ok {
		return store, head, e.Network.InputShape(), nil
	}
	in := front.File.Input
	if err := front.File.Load(store.Scope(beneath)); err != nil {
		return nil, nil, nil, err
	}
	return store, func(scope *model.Scope, pictures *graph.Node) *graph.Node {
		return head(scope, front.File.Embeddings(store.Scope(beneath), pictures))
	}, []int{in.Size, in.Size, in.Channels}, nil
}
