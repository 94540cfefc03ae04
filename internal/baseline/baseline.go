// Package baseline embeds by what has not learnt: a network from elsewhere as it is, the pixels of prepared pictures, or features. What a
// training gains is measured beside it.
package baseline

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// Architectures lists what a [Network] is made of; places stand for a file and for a name of the hub.
var Architectures = []string{
	string(train.ArchitecturePixels), string(train.ArchitectureFeatures), train.ONNXPrefix + "FILE", train.HubPrefix + "ORG/MODEL",
}

// mostNumbers bounds the numbers of all embeddings of a set: 16 GB of them.
const mostNumbers = 4 << 30

// Network embeds each example by a vector of length 1. It is ready once it knows what the data are: of pictures these say how many colours
// they have, and whether they are turned over.
type Network struct {
	what     train.Network
	views    bool
	backend  compute.Backend
	opened   *pretrained.Network // nil: it is no network from elsewhere
	embedder *train.Embedder     // nil: no data are known yet
}

// Wrong returns an error, before any work, unless a [Network] can be made; views is whether each picture is to be seen in further ways.
func Wrong(n train.Network, views bool) error {
	trained := []train.Architecture{
		train.ArchitectureLinear, train.ArchitectureMLP, train.ArchitectureResNet18, train.ArchitectureResNet50,
	}
	switch a := n.Architecture; {
	case n.IsBackbone():
		n.Backbone.Head = train.HeadNone
	case a == train.ArchitectureFeatures && views:
		return usage.Errorf("--architecture features: features cannot be seen in other ways: leave --tta out")
	case a != train.ArchitecturePixels && a != train.ArchitectureFeatures:
		for _, name := range trained {
			if a == name {
				return usage.Errorf("--architecture %s is nothing before it has learnt: train it, and give its --checkpoint", a)
			}
		}
		return usage.Errorf("--architecture: unknown %q: %s", a, suggest.For(string(a), Architectures))
	}
	return usage.Join(usage.Error(n.Validate()), pretrained.Wrong(n))
}

// Open opens what is to be measured. A network from elsewhere is described on w, and compared with ONNX Runtime.
func Open(ctx context.Context, backend compute.Backend, n train.Network, views bool, w io.Writer) (*Network, error) {
	b := &Network{what: n, views: views, backend: backend}
	if !n.IsBackbone() {
		return b, nil
	}
	b.what.Backbone.Head = train.HeadNone
	var err error
	b.opened, err = pretrained.Begin(ctx, backend, b.what, train.Network{}, w)
	return b, err
}

// Reopen opens what embedded pictures before, as [Network.About] tells of it. A network from elsewhere must be the same file.
func Reopen(ctx context.Context, backend compute.Backend, n train.Network, views bool, w io.Writer) (*Network, error) {
	b := &Network{what: n, views: views, backend: backend}
	if !n.IsBackbone() {
		return b, b.build(n, nil)
	}
	var err error
	if b.opened, err = pretrained.Open(ctx, backend, n, w); err != nil {
		return nil, err
	}
	front, err := b.opened.Front()
	if err != nil {
		return nil, err
	}
	return b, b.build(b.opened.Network, front)
}

// know makes the network for data of a format, once.
func (b *Network) know(name string, f data.Format) error {
	if b.embedder != nil {
		return nil
	}
	n, front := b.what, train.Front(nil)
	switch {
	case f.Features > 0 && n.TakesPictures():
		return usage.Errorf("%s has features, and --architecture %s takes pictures: give --architecture %s", name, n.Architecture,
			train.ArchitectureFeatures)
	case f.Features == 0 && !n.TakesPictures():
		return usage.Errorf("%s has pictures, and no features: give --architecture %s, or a network by %sFILE", name,
			train.ArchitecturePixels, train.ONNXPrefix)
	case b.opened != nil:
		b.opened.Prepare(f)
		made, err := b.opened.Front()
		if err != nil {
			return err
		}
		n, front = b.opened.Network, made
	default:
		var err error
		if n, err = n.For(f); err != nil {
			return err
		}
		if n.Dim = n.Features; n.TakesPictures() {
			n.Channels = max(1, n.Channels)
			n.Dim = n.Size * n.Size * n.Channels
		}
	}
	return b.build(n, front)
}

// build makes the network, of which all is known.
func (b *Network) build(n train.Network, front train.Front) (err error) {
	if b.embedder, err = train.NewEmbedder(b.backend, n, 0); err != nil {
		return err
	}
	if b.embedder.Front = front; b.views {
		b.embedder.Views = data.SmallViews()
	}
	return nil
}

// Embed embeds pictures, once it has embedded a set or is reopened.
func (b *Network) Embed(images ...data.Image) ([]float32, error) { return b.embedder.Embed(images...) }

// Dim counts the numbers of an embedding, once it has embedded a set or is reopened.
func (b *Network) Dim() int { return b.embedder.Network.Dim }

// EmbedSet embeds a whole set, in its order.
func (b *Network) EmbedSet(set data.Dataset) (eval.Set, error) {
	if err := b.know(set.Name(), set.Format()); err != nil {
		return eval.Set{}, err
	}
	if dim := b.embedder.Network.Dim; set.Len() > mostNumbers/dim {
		return eval.Set{}, usage.Errorf("%d numbers of each of the %d examples of %s take more than %d GB: give a smaller --size",
			dim, set.Len(), set.Name(), mostNumbers*4>>30)
	}
	return train.Ensemble{b.embedder}.EmbedSet(set)
}

// Episodes embeds one-shot runs.
func (b *Network) Episodes(runs []data.OneShotRun) ([]eval.Episode, error) {
	if err := b.know("the one-shot runs", runs[0].Format); err != nil {
		return nil, err
	}
	return b.embedder.Episodes(runs)
}

// Network returns what was measured, as far as it is known: all, once anything was embedded.
func (b *Network) Network() train.Network {
	switch {
	case b.embedder != nil:
		return b.embedder.Network
	case b.opened != nil:
		return b.opened.Network
	}
	return b.what
}

// About returns what it is, for JSON.
func (b *Network) About() any {
	return struct {
		train.Network
		Views bool `json:"tta"`
	}{b.Network(), b.views}
}

// String describes the network for people.
func (b *Network) String() string {
	n := b.Network()
	words := []string{fmt.Sprintf("%s as they are, %d numbers each", n.Architecture, n.Dim)}
	if n.IsBackbone() {
		words[0] = fmt.Sprintf("%s as it is (SHA-256 %.12s…), output %s of %d numbers", n.Architecture, n.Backbone.SHA256, n.Backbone.Output, n.Dim)
	}
	if n.Architecture == train.ArchitecturePixels {
		words = append(words, fmt.Sprintf("%d × %d in %s", n.Size, n.Size, map[int]string{1: "gray", 3: "colour"}[n.Channels]))
	}
	if n.Invert == data.InvertOn {
		words = append(words, "turned over, light for dark")
	}
	if b.views {
		words = append(words, "each image seen in 9 ways")
	}
	return strings.Join(words, "; ")
}
