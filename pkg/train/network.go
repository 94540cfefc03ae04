package train

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/data"
)

// Architecture is a kind of network.
type Architecture string

// The kinds of network.
const (
	// Small is four blocks of a 3×3 convolution without bias, batch normalisation, ReLU and a 2×2 maximum, with 1, 2, 4 and 4
	// times Width channels, then one dense layer to Dim numbers.
	Small Architecture = ""
	// Linear is one dense layer on features.
	Linear Architecture = "linear"
	// MLP is two dense layers on features, with Width hidden numbers and ReLU between them.
	MLP Architecture = "mlp"
	// ResNet18 and ResNet50 are residual networks with one dense layer to Dim numbers, for images in colour; gray ones are repeated.
	// Their first values may come from a file, see [Config].
	ResNet18 Architecture = "resnet18"
	ResNet50 Architecture = "resnet50"
)

// architectures lists them in the order of help.
var architectures = []Architecture{Small, Linear, MLP, ResNet18, ResNet50}

// Network says what an embedder looks like, and what is done to every picture before it, wherever it comes from: see
// [data.Preparation]. What it takes in, Channels, Features and Invert, comes from the data set: see [Run]. Mean and scale are the
// architecture's own, for gray or for colour, and part of its graph.
type Network struct {
	Architecture Architecture `json:"architecture,omitempty"`
	// Invert says whether pictures are turned over, light for dark. Empty is as the data set that is trained on says, and else not.
	Invert   data.Inversion `json:"invert,omitempty"`
	Channels int            `json:"channels,omitempty"` // of an image, 1 or 3; 0 is 1 in a checkpoint, and else as the data set has them
	Features int            `json:"features,omitempty"` // numbers an example of features; 0 for images
	Size     int            `json:"size,omitempty"`     // pixels a side of an image: 16 to 64 (28 and 35 are measured), 32 to 512 for residual networks; 0 for features
	Fit      data.Fit       `json:"fit,omitempty"`      // how images are made square; empty squeezes them
	Width    int            `json:"width,omitempty"`    // channels of the first block, or hidden numbers
	Dim      int            `json:"dim"`                // numbers an embedding
}

// Validate returns an error that names the first field out of its range.
func (n Network) Validate() error {
	if n.isFunction() {
		return n.validateFunction()
	}
	switch {
	case !n.known():
		return fmt.Errorf("train: the architecture must be one of %q, got %q", architectures, n.Architecture)
	case n.onFeatures() && n.Channels != 0:
		return fmt.Errorf("train: %s is for features, which have no channels, got %d", n.Architecture, n.Channels)
	case n.onFeatures() && n.Size != 0:
		return fmt.Errorf("train: %s is for features, which have no size in pixels, got %d", n.Architecture, n.Size)
	case n.onFeatures() && n.Fit != "":
		return fmt.Errorf("train: %s is for features, which are not made square, got %q", n.Architecture, n.Fit)
	case n.onFeatures() && n.Invert == data.InvertOn:
		return fmt.Errorf("train: %s is for features, which are not turned over: leave Invert (--invert) off", n.Architecture)
	case n.Features < 0 || n.Features > 1<<20 || n.Features > 0 && !n.onFeatures():
		return fmt.Errorf("train: the number of features must be in [1, %d], for %s or %s, and else 0; got %d", 1<<20, Linear, MLP, n.Features)
	case n.Channels != 0 && n.Channels != 1 && n.Channels != 3:
		return fmt.Errorf("train: images must have 1 channel (gray) or 3 (colour), got %d", n.Channels)
	case n.Dim < 2 || n.Dim > 4096:
		return fmt.Errorf("train: the embedding's dimension must be in [2, 4096], got %d", n.Dim)
	}
	if err := errors.Join(n.Fit.Validate(), n.Invert.Validate()); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	switch n.Architecture {
	case Linear:
	case MLP:
		if n.Width < 1 || n.Width > 1<<16 {
			return fmt.Errorf("train: the width must be in [1, %d] hidden numbers, got %d", 1<<16, n.Width)
		}
	case ResNet18, ResNet50:
		if n.Size < 32 || n.Size > 512 {
			return fmt.Errorf("train: the image size must be in [32, 512] pixels for %s, got %d", n.Architecture, n.Size)
		}
		if n.Channels == 1 {
			return fmt.Errorf("train: %s takes images in colour: leave the channels 3, gray images are repeated", n.Architecture)
		}
	default:
		if n.Size < 16 || n.Size > 64 {
			return fmt.Errorf("train: the image size must be in [16, 64] pixels, got %d", n.Size)
		}
		if n.Width < 1 || n.Width > 512 {
			return fmt.Errorf("train: the width must be in [1, 512] channels, got %d", n.Width)
		}
	}
	return nil
}

func (n Network) known() bool {
	for _, a := range architectures {
		if n.Architecture == a {
			return true
		}
	}
	return false
}

// onFeatures reports whether the network takes features in place of images.
func (n Network) onFeatures() bool {
	return n.Architecture == Linear || n.Architecture == MLP || n.isFunction() && n.Features > 0
}

// complete is Validate for a network that has its data set's format.
func (n Network) complete() error {
	if err := n.Validate(); err != nil {
		return err
	}
	if n.onFeatures() && n.Features == 0 {
		return fmt.Errorf("train: %s needs the number of features", n.Architecture)
	}
	return nil
}

// For returns the network for a data set of a format: with its channels or its number of features, and turning pictures over or not.
func (n Network) For(f data.Format) (Network, error) {
	switch {
	case f.Features > 0 && !n.onFeatures() && !n.isFunction():
		return n, fmt.Errorf("train: the data set has features, not images: give the architecture %s or %s", Linear, MLP)
	case f.Features == 0 && n.onFeatures():
		return n, fmt.Errorf("train: the architecture %s is for features, and the data set has images", n.Architecture)
	case f.Features > 0 && n.Features != 0 && n.Features != f.Features:
		return n, fmt.Errorf("train: the network is for %d features, the data set has %d", n.Features, f.Features)
	}
	n.Features, n.Invert = f.Features, n.Invert.For(f)
	if n.Channels == 0 && f.Channels == 3 && f.Features == 0 {
		n.Channels = 3
	}
	return n, nil
}

// channels is those of an image.
func (n Network) channels() int {
	if n.residual() {
		return 3
	}
	return max(1, n.Channels)
}

// preparation is what is done to every picture.
func (n Network) preparation() data.Preparation {
	return data.Preparation{Invert: n.Invert == data.InvertOn, Fit: n.Fit, Size: n.Size, Channels: n.channels()}
}

// residual reports whether the network is a residual one.
func (n Network) residual() bool { return n.Architecture == ResNet18 || n.Architecture == ResNet50 }

// inputShape is that of one example.
func (n Network) inputShape() []int {
	if n.onFeatures() {
		return []int{n.Features}
	}
	return []int{n.Size, n.Size, n.channels()}
}

// layers are a network's variables.
type layers interface {
	// embeddings builds the network on inputs [batch, inputShape…] and returns [batch, dim], not normalised. In training it
	// normalises with the batch's own moments and moves the running ones towards them.
	embeddings(inputs *graph.Node, training bool) *graph.Node
	// learnt lists the variables that a gradient moves.
	learnt() []*model.Variable
	// running lists those that follow the batches: moments, for embedding.
	running() []*model.Variable
}

// allOf lists what embeds.
func allOf(l layers) []*model.Variable { return append(l.learnt(), l.running()...) }

// halved is a network whose products are in bfloat16.
func halved(l layers) layers {
	switch l := l.(type) {
	case small:
		l.half = true
		return l
	case resnet:
		l.half = true
		return l
	case head:
		l.half = true
		return l
	}
	return l
}

// newLayers makes the variables, drawn from random: uniform in ±1/√(inputs of a number), which batch normalisation makes
// nearly irrelevant but for how fast the first steps are.
func newLayers(store *model.Store, n Network, random source) layers {
	if n.onFeatures() {
		return newHead(store, n, random)
	}
	if n.residual() {
		return newResNet(store, n, random)
	}
	return newSmall(store, n, random)
}

// classWeights makes the class vectors of a class-level loss, [classes, dim], of length about √dim.
func classWeights(store *model.Store, classes, dim int, random source) *model.Variable {
	return variable(store, "/classes/weights", random.normal(1), classes, dim)
}

// variable makes a variable of float32 with the values of fill, or, if that is nil, with none yet.
func variable(store *model.Store, path string, fill func() float32, dims ...int) *model.Variable {
	shape := shapes.Make(dtypes.Float32, dims...)
	if fill == nil {
		return store.VariableWithShape(path, shape, nil).SetTrainable(false)
	}
	values := make([]float32, shape.Size())
	for i := range values {
		values[i] = fill()
	}
	return store.VariableWithValue(path, tensorOf(values, dims...)).SetTrainable(false)
}
