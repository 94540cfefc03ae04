package train

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// embedBatch is the number of images that are embedded at once. The number is fixed, since each new one would be compiled anew; the
// last batch is filled up with zeros. It divides by 3 and by 32. Backends multiply so many rows at a time, and would add up what is left
// over in another order. An image would then have other bits in the last places of a batch.
const embedBatch = 96

// Embedder turns images into vectors of length 1.
type Embedder struct {
	Network Network // what it is, and what is done to pictures before it
	// Views are further ways to see each image: with them its vector is the sum of those of the image and of all views, brought to
	// length 1 (test-time augmentation). See [data.SmallViews].
	Views []data.View
	// Front makes the features that a head takes of pictures, where a network from elsewhere stands before it and does not learn.
	Front Front
	// Progress is told by [Embedder.EmbedSet], after each batch, how many images of a set are embedded; nil is nobody.
	Progress func(set string, done, of int)

	store  *model.Store
	layers network.Layers
	exec   *model.Exec
}

// NewEmbedder returns an untrained embedder with the initial values of a seed: what training starts from.
func NewEmbedder(backend compute.Backend, n Network, seed uint64) (*Embedder, error) {
	return freshEmbedder(backend, n, seed, nil)
}

// freshEmbedder does what NewEmbedder does, for a function where that is not nil.
func freshEmbedder(backend compute.Backend, n Network, seed uint64, f *Function) (*Embedder, error) {
	if err := n.complete(); err != nil {
		return nil, err
	}
	store := model.NewStore()
	layers, err := makeLayers(backend, store, n, "", network.NewSource(seed, network.ForLayers), f)
	if err != nil {
		return nil, err
	}
	return newEmbedder(backend, n, store, layers)
}

func newEmbedder(backend compute.Backend, n Network, store *model.Store, layers network.Layers) (*Embedder, error) {
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, images *graph.Node) *graph.Node {
		return losses.Normalize(layers.Embeddings(images, false))
	})
	if err != nil {
		return nil, fmt.Errorf("train: cannot build the embedder: %w", err)
	}
	return &Embedder{Network: n, store: store, layers: layers, exec: exec}, nil
}

// Embed returns the embeddings of images, row-major, Network.Dim numbers per image. Images are given as they are in their files, of
// any size, gray or in colour: what is done to them is the network's, as in training ([data.Preparation]). Features are images of a
// height of 1.
func (e *Embedder) Embed(images ...data.Image) ([]float32, error) {
	if e.Front == nil {
		return e.embed(images)
	}
	return e.throughFront(func(front Front) ([]float32, error) {
		rows, err := front.Embed(images...)
		if err != nil {
			return nil, err
		}
		return e.embed(rows)
	})
}

// throughFront returns the embeddings of what the front makes of pictures, or of each view of them: their sum, brought to length 1.
func (e *Embedder) throughFront(embed func(Front) ([]float32, error)) ([]float32, error) {
	rows, err := embed(e.Front)
	for _, view := range e.Views {
		if err != nil {
			return nil, err
		}
		var more []float32
		if more, err = embed(e.Front.Seen(view)); err == nil {
			add(rows, more)
		}
	}
	if len(e.Views) > 0 {
		bringToUnit(rows, e.Network.Dim)
	}
	return rows, err
}

// embed embeds inputs of the network, as they are before it prepares them.
func (e *Embedder) embed(images []data.Image) ([]float32, error) {
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
	if bad := network.NotFinite(embeddings); bad >= 0 {
		return nil, fmt.Errorf("train: the embedding of image %d is not finite: the checkpoint is of a run that diverged", bad/dim)
	}
	return embeddings, nil
}

// numbers returns the size of an input.
func (e *Embedder) numbers() int {
	n := 1
	for _, d := range e.Network.spec().InputShape() {
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
	if bad := network.NotFinite(image.Pixels); bad >= 0 {
		return fmt.Errorf("has the pixel %g, number %d: pixels must be finite", image.Pixels[bad], bad)
	}
	if e.Network.onFeatures() {
		if len(image.Pixels) != len(input) && e.Network.IsBackbone() {
			return fmt.Errorf("is no row of %d features: pictures need the Front that %s is, as package onnx opens it", len(input), e.Network.Architecture)
		}
		if len(image.Pixels) != len(input) {
			return fmt.Errorf("has %d features, the network wants %d", len(image.Pixels), len(input))
		}
		copy(input, image.Pixels)
		return nil
	}
	copy(input, e.Network.preparation().Of(image).Pixels)
	return nil
}

// embedBatch embeds exactly so many inputs.
func (e *Embedder) embedBatch(inputs []float32) ([]float32, error) {
	input := tensors.FromFlatDataAndDimensions(inputs, append([]int{embedBatch}, e.Network.spec().InputShape()...)...)
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

// embedViews embeds a whole batch of inputs, or the sum of the unit vectors of all views of them, brought to length 1.
func (e *Embedder) embedViews(inputs []float32) ([]float32, error) {
	rows, err := e.embedBatch(inputs)
	if err != nil || len(e.Views) == 0 || e.Front != nil {
		return rows, err
	}
	if e.Network.onFeatures() {
		return nil, fmt.Errorf("train: %s is for features, which cannot be viewed in other ways", e.Network.Architecture)
	}
	size, n := e.Network.Size, e.numbers()
	for _, view := range e.Views {
		changed := make([]float32, 0, len(inputs))
		for i := range embedBatch {
			changed = append(changed, view.Apply(data.Image{Width: size, Height: size, Pixels: inputs[i*n : (i+1)*n]}).Pixels...)
		}
		more, err := e.embedBatch(changed)
		if err != nil {
			return nil, err
		}
		add(rows, more)
	}
	bringToUnit(rows, e.Network.Dim)
	return rows, nil
}

// add adds rows to others.
func add(to, rows []float32) {
	for i, x := range rows {
		to[i] += x
	}
}

// bringToUnit brings rows of so many numbers to length 1; one of zeros stays.
func bringToUnit(rows []float32, dim int) {
	for row := range slices.Chunk(rows, dim) {
		length := 0.0
		for _, x := range row {
			length += float64(x) * float64(x)
		}
		if length > 0 {
			for j := range row {
				row[j] = float32(float64(row[j]) / math.Sqrt(length))
			}
		}
	}
}

// WriteWeights writes the network's variables as safetensors in float32: what is learnt and the running moments, named by their
// paths with points for slashes, as embedder.block0.kernel. Kernels are [height, width, inputs, outputs], dense weights [inputs,
// outputs]. The metadata say what network it is. Any program that reads the format can use it.
func (e *Embedder) WriteWeights(w io.Writer) error {
	return network.WriteWeights(w, e.layers, e.Network.words())
}
