package rundir

import (
	"context"
	"fmt"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// open opens the network from elsewhere that the run names, and compares it with ONNX Runtime unless that was done in this directory. It is
// nil for other runs.
func (j *Job) open(ctx context.Context, backend compute.Backend) (*pretrained.Network, error) {
	if !j.run.IsBackbone() {
		return nil, nil
	}
	if before := j.there.Config; j.there.Step > 0 && before.Architecture == j.run.Architecture && j.run.Backbone.SHA256 == "" {
		j.run.Backbone.SHA256 = before.Backbone.SHA256
	}
	o, err := pretrained.Open(ctx, backend, j.run.Network, j.to)
	if err != nil {
		return nil, err
	}
	o.Describe()
	if j.there.Step == 0 || j.there.Config.Backbone.SHA256 != o.Backbone.SHA256 {
		err = o.Check()
	}
	return o, err
}

// lay puts the network from elsewhere into the run, where there is one: it learns with the head, or the parts become features that it makes,
// each picture's once.
func (j *Job) lay(ctx context.Context, o *pretrained.Network, parts data.Parts) (data.Parts, error) {
	if o == nil {
		return parts, nil
	}
	format := parts.Train.Format()
	if format.Features > 0 {
		return parts, fmt.Errorf("train: %s has features, and %s takes pictures: give the architecture %s or %s",
			j.set.Name, j.run.Architecture, train.ArchitectureLinear, train.ArchitectureMLP)
	}
	o.Invert = o.Invert.For(format)
	j.run.Network = o.Network
	if format.Channels == 1 && o.File.Input.Channels == 3 {
		fmt.Fprintln(j.to, "gray pictures are repeated for the network's three colours")
	}
	if !o.Backbone.Frozen() {
		j.run.Backbone.LearningRate = o.Backbone.Rate(j.run.LearningRate)
		learn, err := o.Backbone.Layers(o.File.Layers())
		if err != nil {
			return parts, err
		}
		fmt.Fprintf(j.to, "%d of the network's %d layers learn, at a learning rate of %g; its batch normalisation stays as it is\n",
			learn, o.File.Layers(), j.run.Backbone.LearningRate)
		j.options.Network, err = o.Function()
		return parts, err
	}
	front, err := o.Front()
	if err != nil {
		return parts, err
	}
	if further := j.run.SeenVariants; further > 0 {
		fmt.Fprintf(j.to, "the network does not learn: each picture goes through it as it is and changed in %d further ways by the seed, in %s, and "+
			"these features are kept; each step draws one of them\n", further, front.Engine)
		parts.Train, err = front.Varied(ctx, parts.Train, j.run.Augment, j.run.Seed, further)
	} else {
		fmt.Fprintf(j.to, "the network does not learn: each picture goes through it once, in %s, and its features are kept; "+
			"augmentation is off\n", front.Engine)
		parts.Train, err = front.Of(ctx, parts.Train)
	}
	if err != nil {
		return parts, err
	}
	if j.options.Validation != nil {
		j.options.Validation, err = front.Of(ctx, j.options.Validation)
	}
	return parts, err
}

// What is said of a training's first steps.
const (
	firstStep = time.Minute      // after which the first step is said to be slow, with what is compiled for it
	longest   = 20 * time.Minute // that a training takes without a word on it
	measured  = 3                // the step, after which the time of one is known
)

// pace says, of a training in which a network from elsewhere learns, how long it will take, while there is time to think otherwise.
type pace struct {
	say   func(string)
	steps int
	last  time.Time
	slow  *time.Timer
}

// newPace begins to watch; Stop ends it.
func (j *Job) newPace() *pace {
	p := &pace{steps: j.run.Steps, say: func(line string) { fmt.Fprintln(j.to, line) }}
	p.slow = time.AfterFunc(firstStep, func() {
		p.say(fmt.Sprintf("the first step is not done after %s, compiling included; depthwise convolutions learn slowly on a CPU: %s",
			firstStep, instead))
	})
	return p
}

const instead = "--train-backbone none trains the head in seconds, last:K less than all, a transformer (ViT) has matrix products alone"

// step takes note that a step is done, the first one being 1 here.
func (p *pace) step(done int) {
	p.slow.Stop()
	now := time.Now()
	if took := now.Sub(p.last); done == measured && took*time.Duration(p.steps) > longest {
		p.say(fmt.Sprintf("a step takes %s, so that %d take %s: %s", took.Round(time.Millisecond), p.steps,
			(took * time.Duration(p.steps)).Round(time.Minute), instead))
	}
	p.last = now
}
