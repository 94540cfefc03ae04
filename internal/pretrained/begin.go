package pretrained

import (
	"context"
	"fmt"
	"io"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Begin opens the network that a training begins with, as [Open] does, says what it is, and compares it with ONNX Runtime. A run that goes
// on says what network it had before: then it must be the same file, which was compared at that time.
func Begin(ctx context.Context, backend compute.Backend, n, before train.Network, w io.Writer) (*Network, error) {
	n = pinned(n, before)
	if before.Architecture == n.Architecture && n.Backbone.SHA256 == "" {
		n.Backbone.SHA256 = before.Backbone.SHA256
	}
	o, err := Open(ctx, backend, n, w)
	if err != nil {
		return nil, err
	}
	o.Describe()
	if before.Backbone.SHA256 != o.Backbone.SHA256 {
		err = o.Check()
	}
	return o, err
}

// Prepare makes the network ready for pictures of a format: it turns them over where they say so, unless words have said otherwise, and says
// where gray ones are repeated.
func (o *Network) Prepare(f data.Format) {
	o.Invert = o.Invert.For(f)
	if f.Channels == 1 && o.File.Input.Channels == 3 {
		o.tell("gray pictures are repeated for the network's three colours")
	}
}

// Lay puts the network into a training, which is changed, and returns what it learns from. That is the pictures where the network learns
// with its head, else features that the network makes of them. They are made once of each picture, or as often as it is seen changed.
func (o *Network) Lay(ctx context.Context, set data.Dataset, config *train.Config, options *train.Options) (data.Dataset, error) {
	format := set.Format()
	if format.Features > 0 {
		return nil, fmt.Errorf("train: %s has features, and %s takes pictures: give the architecture %s or %s",
			set.Name(), config.Architecture, train.ArchitectureLinear, train.ArchitectureMLP)
	}
	o.Prepare(format)
	config.Network = o.Network
	if !o.Backbone.Frozen() {
		config.Backbone.LearningRate = o.Backbone.Rate(config.LearningRate)
		learn, err := o.Backbone.Layers(o.File.Layers())
		if err != nil {
			return nil, err
		}
		o.tell("%d of the network's %d layers learn, at a learning rate of %g; its batch normalisation stays as it is",
			learn, o.File.Layers(), config.Backbone.LearningRate)
		options.Network, err = o.Function()
		return set, err
	}
	front, err := o.Front()
	if err != nil {
		return nil, err
	}
	if further := config.SeenVariants; further > 0 {
		o.tell("the network does not learn: each picture goes through it as it is and changed in %d further ways by the seed, in %s, and "+
			"these features are kept; each step draws one of them", further, front.Engine)
		set, err = front.Varied(ctx, set, config.Augment, config.Seed, further)
	} else {
		o.tell("the network does not learn: each picture goes through it once, in %s, and its features are kept; augmentation is off",
			front.Engine)
		set, err = front.Of(ctx, set)
	}
	if err != nil {
		return nil, err
	}
	if options.Validation != nil {
		options.Validation, err = front.Of(ctx, options.Validation)
	}
	return set, err
}
