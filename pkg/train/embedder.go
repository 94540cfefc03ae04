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
	"github.com/unipair/unipair/pkg/losses"
)

// embedBatch is how many images are embedded at once. The number is fixed, since each new one would be compiled anew; the
// last batch is filled up with zeros. It divides by 3 and by 32: backends multiply so many rows at a time, and would add up what is left
// over in another order, so that an image had other bits in the last places of a batch.
const embedBatch = 96

// Embedder turns images into vectors of length 1.
type Embedder struct {
	Network Network
	// Views are further ways to see each image: with them its vector is the sum of those of the image and of all views, brought to
	// length 1 (test-time augmentation). See [data.SmallViews].
	Views []data.View

	store  *model.Store
	layers layers
	exec   *model.Exec
}

// NewEmbedder returns an untrained embedder with the initial values of a seed: what training starts from.
func NewEmbedder(backend compute.Backend, network Network, seed uint64) (*Embedder, error) {
	return freshEmbedder(backend, network, seed, nil)
}

// freshEmbedder is NewEmbedder, for a function where it is not nil.
func freshEmbedder(backend compute.Backend, network Network, seed uint64, f *Function) (*Embedder, error) {
	if err := network.complete(); err != nil {
		return nil, err
	}
	store := model.NewStore()
	layers, err := makeLayers(backend, store, network, seed, f)
	if err != nil {
		return nil, err
	}
	return newEmbedder(backend, network, store, layers)
}

// Load returns the embedder of a run's directory: that of the step which validated best, or of the newest checkpoint where the
// run does not validate. The run may be going on.
func Load(backend compute.Backend, dir string) (*Embedder, error) { return load(backend, dir, nil) }

func load(backend compute.Backend, dir string, f *Function) (*Embedder, error) {
	for tries := 1; ; tries++ {
		path, err := toUse(dir)
		if err != nil {
			return nil, err
		}
		embedder, err := loadFrom(backend, path, f)
		if err == nil {
			return embedder, nil
		}
		// A training replaces its checkpoint now and then: what is gone is gone, and there is a newer one.
		if _, gone := os.Stat(path); !errors.Is(gone, fs.ErrNotExist) || tries == 3 {
			return nil, err
		}
	}
}

func loadFrom(backend compute.Backend, path string, f *Function) (*Embedder, error) {
	manifest, err := manifestOf(path)
	if err != nil {
		return nil, err
	}
	store, network := model.NewStore(), manifest.Config.Network
	var layers layers
	if network.isFunction() {
		layers, err = makeLayers(backend, store, network, 0, f)
	} else {
		layers = newLayers(store, network, source{})
	}
	if err != nil {
		return nil, err
	}
	if err := restoreAs(path, store, true); err != nil {
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

// Embed returns the embeddings of images, row-major, Network.Dim numbers an image. Images are given as they are in their files, of
// any size, gray or in colour: what is done to them is the network's, as in training ([data.Preparation]). Features are images of a
// height of 1.
func (e *Embedder) Embed(images ...data.Image) ([]float32, error) {
	dim := e.Network.Dim
	embeddings := make([]float32, 0, len(images)*dim)
	for first := 0; first < len(images); first += embedBatch {
		batch := images[first:min(first+embedBatch, len(images))]
		inputs := make([]float32, embedBatch*e.numbers())
		for i, image := range batch {
			if err := e.fill(inputs[i*e.numbers():(i+1)*e.numbers()], image); err != nil {
				return nil, fmt.Errorf("train: image %d %w", first+i, err)
			}
		}
		rows, err := e.embedViews(inputs)
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

// numbers is how many an input has.
func (e *Embedder) numbers() int {
	n := 1
	for _, d := range e.Network.inputShape() {
		n *= d
	}
	return n
}

// fill makes the network's input of an image.
func (e *Embedder) fill(input []float32, image data.Image) error {
	n := image.Width * image.Height
	if image.Width < 1 || image.Height < 1 || len(image.Pixels) != n && len(image.Pixels) != 3*n {
		return fmt.Errorf("has %d pixels, want %d × %d, or three numbers for each", len(image.Pixels), image.Width, image.Height)
	}
	if bad := notFinite(image.Pixels); bad >= 0 {
		return fmt.Errorf("has the pixel %g, number %d: pixels must be finite", image.Pixels[bad], bad)
	}
	if e.Network.onFeatures() {
		if len(image.Pixels) != len(input) {
			return fmt.Errorf("has %d features, the network wants %d", len(image.Pixels), len(input))
		}
		copy(input, image.Pixels)
		return nil
	}
	copy(input, e.Network.preparation().Of(image).Pixels)
	return nil
}

// notFinite returns the index of the first number that is NaN or infinite, or −1. The host looks, since the network does not
// show it: a backend may drop a NaN in a maximum.
func notFinite(values []float32) int {
	return slices.IndexFunc(values, func(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) })
}

// embedBatch embeds exactly so many inputs.
func (e *Embedder) embedBatch(inputs []float32) ([]float32, error) {
	input := tensorOf(inputs, append([]int{embedBatch}, e.Network.inputShape()...)...)
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
