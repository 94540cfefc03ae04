package train

import (
	"fmt"
	"strings"

	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// Architecture is a kind of network.
type Architecture string

// The kinds of network.
const (
	// ArchitectureSmall is four blocks of a 3×3 convolution without bias, batch normalisation, ReLU and a 2×2 maximum. They have 1, 2, 4 and
	// 4 times Width channels; one dense layer to Dim numbers follows.
	ArchitectureSmall Architecture = ""
	// ArchitectureLinear is one dense layer on features.
	ArchitectureLinear Architecture = "linear"
	// ArchitectureMLP is two dense layers on features, with Width hidden numbers and ReLU between them.
	ArchitectureMLP Architecture = "mlp"
	// ArchitectureResNet18 and ArchitectureResNet50 are residual networks with one dense layer to Dim numbers, for images in colour; gray
	// ones are repeated. Their first values may come from a file, see [Config].
	ArchitectureResNet18 Architecture = "resnet18"
	ArchitectureResNet50 Architecture = "resnet50"

	// ArchitecturePixels and ArchitectureFeatures leave prepared pictures or features as they are, with Dim as many numbers. They have
	// nothing to learn: [NewEmbedder] makes them, to measure what others gain.
	ArchitecturePixels   Architecture = "pixels"
	ArchitectureFeatures Architecture = "features"
)

// A network from elsewhere is "onnx:" and the path of its file, or "hf:" and what the hub calls it: see [Backbone].

// architectures lists them in the order of help, with what each is made of.
var architectures = []struct {
	name Architecture
	kind network.Architecture
}{
	{ArchitectureSmall, network.Small},
	{ArchitectureLinear, network.Linear},
	{ArchitectureMLP, network.MLP},
	{ArchitectureResNet18, network.ResNet18},
	{ArchitectureResNet50, network.ResNet50},
}

// Network says what an embedder looks like, and what is done to every picture before it, wherever it comes from: see
// [data.Preparation]. What it takes in, Channels, Features and Invert, comes from the data set: see [Run]. Mean and scale are the
// architecture's own, for gray or for colour, and part of its graph.
type Network struct {
	Architecture Architecture `json:"architecture,omitempty"` // the kind of network; empty is the small convolutional one
	// Invert says whether pictures are turned over, light for dark. Empty is as the data set that is trained on says, and else not.
	Invert   data.Inversion `json:"invert,omitempty"`
	Channels int            `json:"channels,omitempty"` // of an image, 1 or 3; 0 is 1 in a checkpoint, and else as the data set has them
	Features int            `json:"features,omitempty"` // numbers per example of features; 0 for images
	Size     int            `json:"size,omitempty"`     // pixels per side of images: 16 to 64, of residual networks 32 to 512; 0 for features
	Fit      data.Fit       `json:"fit,omitempty"`      // how images are made square; empty squeezes them
	Width    int            `json:"width,omitempty"`    // channels of the first block, or hidden numbers
	Dim      int            `json:"dim"`                // numbers per embedding

	Resampling data.Resampling `json:"resampling,omitempty"` // how images are resized; empty is by area
	Backbone   Backbone        `json:"backbone,omitzero"`    // for a network from elsewhere
}

// Validate returns an error that names the first field out of its range.
func (n Network) Validate() error {
	if !n.known() {
		names := []string{"onnx:FILE", "hf:ORG/MODEL"}
		for _, a := range architectures {
			if a.name != "" {
				names = append(names, string(a.name))
			}
		}
		return fmt.Errorf("train: unknown architecture %q: %s", n.Architecture, suggest.For(string(n.Architecture), names))
	}
	if err := n.Backbone.validate(n); err != nil {
		return err
	}
	kind, or := n.kind(), fmt.Sprintf("for %s or %s, and else 0", ArchitectureLinear, ArchitectureMLP)
	if n.isFunction() {
		or = "or 0 for images"
	}
	switch {
	case n.TakesPictures() && kind.Features && n.Size != 0:
		return fmt.Errorf("train: the size of a backbone's pictures is the backbone's: leave Size 0, got %d", n.Size)
	case n.TakesPictures() && kind.Features && n.Features >= 0 && n.Features <= 1<<20 && (n.Dim >= 2 && n.Dim <= 4096 || !n.learns()):
	case kind.Features && n.Channels != 0:
		return fmt.Errorf("train: %s is for features, which have no channels, got %d", n.Architecture, n.Channels)
	case kind.Features && n.Size != 0:
		return fmt.Errorf("train: %s is for features, which have no size in pixels, got %d", n.Architecture, n.Size)
	case kind.Features && n.Fit != "":
		return fmt.Errorf("train: %s is for features, which are not made square, got %q", n.Architecture, n.Fit)
	case kind.Features && n.Invert == data.InvertOn:
		return fmt.Errorf("train: %s is for features, which are not turned over: leave Invert (--invert) off", n.Architecture)
	case n.Features < 0 || n.Features > 1<<20 || n.Features > 0 && !kind.Features:
		return fmt.Errorf("train: the number of features must be in [1, %d], %s; got %d", 1<<20, or, n.Features)
	case n.Channels != 0 && n.Channels != 1 && n.Channels != 3:
		return fmt.Errorf("train: images must have 1 channel (gray) or 3 (colour), got %d", n.Channels)
	case n.Channels == 1 && kind.Colour:
		return fmt.Errorf("train: %s takes images in colour: leave the channels 3, gray images are repeated", n.Architecture)
	case n.learns() && (n.Dim < 2 || n.Dim > 4096):
		return fmt.Errorf("train: the embedding's dimension must be in [2, 4096], got %d", n.Dim)
	}
	for _, err := range []error{n.Fit.Validate(), n.Invert.Validate(), n.Resampling.Validate(), kind.Check(n.spec())} {
		if err != nil {
			return fmt.Errorf("train: %w", err)
		}
	}
	return nil
}

// learns reports whether there is anything to learn.
func (n Network) learns() bool {
	raw := n.Architecture == ArchitecturePixels || n.Architecture == ArchitectureFeatures
	return !raw && !(n.IsBackbone() && n.Backbone.Frozen() && n.Backbone.Head == HeadNone)
}

// known reports whether the architecture is one of ours, or that of a function.
func (n Network) known() bool { return n.kind().Check != nil }

// kind returns what the architecture is made of; its zero value is no architecture. That of a function has no graph, see [makeLayers].
func (n Network) kind() network.Architecture {
	switch {
	case n.isFunction():
		return network.Function(string(n.Architecture), n.Features > 0, nil)
	case n.IsBackbone():
		return n.headed()
	case n.Architecture == ArchitecturePixels || n.Architecture == ArchitectureFeatures:
		return network.Raw(n.Architecture == ArchitectureFeatures)
	}
	for _, a := range architectures {
		if a.name == n.Architecture {
			return a.kind
		}
	}
	return network.Architecture{}
}

// spec returns how large the network is.
func (n Network) spec() network.Spec {
	return network.Spec{
		Name: string(n.Architecture), Features: n.Features, Size: n.Size, Channels: n.channels(), Width: n.Width, Dim: n.Dim,
	}
}

// functionPrefix begins the architecture of a network that is a function.
const functionPrefix = "function:"

func (n Network) isFunction() bool { return strings.HasPrefix(string(n.Architecture), functionPrefix) }

// onFeatures reports whether the network takes features in place of images.
func (n Network) onFeatures() bool { return n.kind().Features }

// complete does what Validate does, for a network that has its data set's format.
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
		return n, fmt.Errorf("train: the data set has features, not images: give the architecture %s or %s", ArchitectureLinear, ArchitectureMLP)
	case f.Features == 0 && n.IsBackbone() && n.onFeatures():
		return n, fmt.Errorf("train: %s does not learn: give the features that it makes of the pictures, or let it learn (Backbone.Train)",
			n.Architecture)
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

// channels returns the channels of an image.
func (n Network) channels() int {
	if n.kind().Colour {
		return 3
	}
	return max(1, n.Channels)
}

// preparation returns what is done to every picture.
func (n Network) preparation() data.Preparation {
	return data.Preparation{Invert: n.Invert == data.InvertOn, Fit: n.Fit, Resampling: n.Resampling, Size: n.Size, Channels: n.channels()}
}

// takes returns an error unless what a set has is what the network takes in.
func (n Network) takes(set data.Dataset) error {
	has := set.Format().Features
	switch {
	case has > 0 && n.TakesPictures():
		return fmt.Errorf("train: the network takes pictures, and %s has features: give a checkpoint of %s or %s, or a data set of pictures",
			set.Name(), ArchitectureLinear, ArchitectureMLP)
	case has == 0 && !n.TakesPictures():
		return fmt.Errorf("train: the network takes %d features, and %s has pictures: give a checkpoint that learnt from pictures",
			n.Features, set.Name())
	case has > 0 && has != n.Features:
		return fmt.Errorf("train: the network takes %d features, and %s has %d", n.Features, set.Name(), has)
	}
	return nil
}
