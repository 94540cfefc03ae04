package train

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/losses"
)

// embedBatch is how many images are embedded at once. The number is fixed, since each new one would be compiled anew; the
// last batch is filled up with blank paper.
const embedBatch = 128

// Embedder turns images into vectors of length 1.
type Embedder struct {
	Network Network
	store   *model.Store
	layers  layers
	exec    *model.Exec
}

// NewEmbedder returns an untrained embedder with the initial values of a seed: what training starts from.
func NewEmbedder(backend compute.Backend, network Network, seed uint64) (*Embedder, error) {
	if err := network.Validate(); err != nil {
		return nil, err
	}
	store := model.NewStore()
	return newEmbedder(backend, network, store, newLayers(store, network, newSource(seed, forLayers)))
}

// Load returns the embedder of a run's directory: that of the step which validated best, or of the newest checkpoint where the
// run does not validate. The run may be going on.
func Load(backend compute.Backend, dir string) (*Embedder, error) {
	for tries := 1; ; tries++ {
		path, err := toUse(dir)
		if err != nil {
			return nil, err
		}
		embedder, err := loadFrom(backend, path)
		if err == nil {
			return embedder, nil
		}
		// A training replaces its checkpoint now and then: what is gone is gone, and there is a newer one.
		if _, gone := os.Stat(path); !errors.Is(gone, fs.ErrNotExist) || tries == 3 {
			return nil, err
		}
	}
}

func loadFrom(backend compute.Backend, path string) (*Embedder, error) {
	manifest, err := manifestOf(path)
	if err != nil {
		return nil, err
	}
	store, network := model.NewStore(), manifest.Config.Network
	layers := newLayers(store, network, newSource(0, forLayers))
	if err := restore(path, store); err != nil {
		return nil, err
	}
	return newEmbedder(backend, network, store, layers)
}

func newEmbedder(backend compute.Backend, network Network, store *model.Store, layers layers) (*Embedder, error) {
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, images *graph.Node) *graph.Node {
		return losses.Normalize(layers.embeddings(images, false))
	})
	if err != nil {
		return nil, fmt.Errorf("train: cannot build the embedder: %w", err)
	}
	return &Embedder{Network: network, store: store, layers: layers, exec: exec}, nil
}

// Embed returns the embeddings of images, row-major, Network.Dim numbers an image. Images of another size than the network's
// are resized as in training, by [data.Resize].
func (e *Embedder) Embed(images ...data.Image) ([]float32, error) {
	side, dim := e.Network.Size, e.Network.Dim
	embeddings := make([]float32, 0, len(images)*dim)
	for first := 0; first < len(images); first += embedBatch {
		batch := images[first:min(first+embedBatch, len(images))]
		pixels := make([]float32, embedBatch*side*side)
		for i, image := range batch {
			if image.Width < 1 || image.Height < 1 || len(image.Pixels) != image.Width*image.Height {
				return nil, fmt.Errorf("train: image %d has %d pixels, want %d × %d", first+i, len(image.Pixels), image.Width, image.Height)
			}
			if bad := notFinite(image.Pixels); bad >= 0 {
				return nil, fmt.Errorf("train: pixel %d of image %d is %g: pixels must be finite", bad, first+i, image.Pixels[bad])
			}
			copy(pixels[i*side*side:], data.Resize(image, side).Pixels)
		}
		rows, err := e.embedBatch(pixels)
		if err != nil {
			return nil, err
		}
		embeddings = append(embeddings, rows[:len(batch)*dim]...)
	}
	if bad := notFinite(embeddings); bad >= 0 {
		return nil, fmt.Errorf("train: the embedding of image %d is not finite: the checkpoint is of a run that diverged", bad/dim)
	}
	return embeddings, nil
}

// notFinite returns the index of the first number that is NaN or infinite, or −1. The host looks, since the network does not
// show it: a backend may drop a NaN in a maximum.
func notFinite(values []float32) int {
	return slices.IndexFunc(values, func(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) })
}

// EmbedSet embeds a whole data set, in its order, with its labels.
func (e *Embedder) EmbedSet(set data.Dataset) (eval.Set, error) {
	images, labels := make([]data.Image, set.Len()), make([]int32, set.Len())
	for i := range images {
		var err error
		if images[i], err = set.Image(i); err != nil {
			return eval.Set{}, fmt.Errorf("train: %s: %w", set.Name(), err)
		}
		labels[i] = int32(set.Label(i))
	}
	embeddings, err := e.Embed(images...)
	return eval.Set{Dim: e.Network.Dim, Embeddings: embeddings, Labels: labels}, err
}

func (e *Embedder) embedBatch(pixels []float32) ([]float32, error) {
	input := tensorOf(pixels, embedBatch, e.Network.Size, e.Network.Size, 1)
	results, err := e.exec.Call(input)
	if err != nil {
		return nil, fmt.Errorf("train: cannot embed: %w", err)
	}
	rows, err := tensors.CopyFlatData[float32](results[0])
	if err == nil {
		err = results[0].FinalizeAll()
	}
	if err == nil {
		err = input.FinalizeAll()
	}
	if err != nil {
		return nil, fmt.Errorf("train: cannot embed: %w", err)
	}
	return rows, nil
}
