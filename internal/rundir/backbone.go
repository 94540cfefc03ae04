package rundir

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// open opens the network from elsewhere that the run names; it is nil for other runs.
func (j *Job) open(ctx context.Context, backend compute.Backend) (*pretrained.Network, error) {
	if !j.run.IsBackbone() {
		return nil, nil
	}
	return pretrained.Begin(ctx, backend, j.run.Network, j.there.Config.Network, j.to)
}

// lay puts the network from elsewhere into the run, where there is one.
func (j *Job) lay(ctx context.Context, o *pretrained.Network, parts data.Parts) (data.Parts, error) {
	if o == nil {
		return parts, nil
	}
	var err error
	parts.Train, err = o.Lay(ctx, parts.Train, &j.run.Config, &j.options)
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
	steps int // that are left
	last  time.Time
	slow  *time.Timer // nil: nobody waits for the first step
}

// newPace watches from [pace.begin] on.
func (j *Job) newPace() *pace {
	return &pace{steps: j.run.Steps - j.there.Step, say: func(line string) { fmt.Fprintln(j.to, line) }}
}

// begin takes note that the first step begins, unless what was to be done before it has failed. One that was foretold is not waited for.
func (p *pace) begin(foretold bool, err error) error {
	if err == nil && !foretold {
		p.slow = time.AfterFunc(firstStep, func() {
			p.say(fmt.Sprintf("the first step is not done after %s, compiling included: %s", firstStep, instead))
		})
	}
	return err
}

// stop ends the watch over the first step.
func (p *pace) stop() {
	if p.slow != nil {
		p.slow.Stop()
	}
}

// foretell says, before a training in which depthwise convolutions learn, what a step was measured to take where that is long.
func (j *Job) foretell(ctx context.Context, o *pretrained.Network, config train.Config) (said bool, err error) {
	if o == nil || o.Backbone.Frozen() || !o.File.Depthwise() {
		return false, nil
	}
	pictures, left := config.Classes*config.PerClass, config.Steps-j.there.Step
	step, err := o.Measure(ctx, pictures, firstStep)
	all := step * time.Duration(left)
	switch {
	case errors.Is(err, pretrained.ErrLimit):
		fmt.Fprintf(j.to, "two pictures, forward and back through the network, are not done after %s, compiling included; depthwise convolutions "+
			"learn slowly on a CPU: %s\n", firstStep, instead)
		return true, nil
	case err != nil || all < longest:
		return false, err
	}
	fmt.Fprintf(j.to, "a step was measured to take about %s (%d pictures, by two that went forward and back), so that %d take %s: %s\n",
		step.Round(time.Millisecond), pictures, left, all.Round(time.Minute), instead)
	return true, nil
}

const instead = "--train-backbone none trains the head in seconds, last:K less than all, a transformer (ViT) has matrix products alone"

// step takes note that a step is done, the first one being 1 here.
func (p *pace) step(done int) {
	p.stop()
	now := time.Now()
	if took := now.Sub(p.last); done == measured && took*time.Duration(p.steps) > longest {
		p.say(fmt.Sprintf("a step takes %s, so that %d take %s: %s", took.Round(time.Millisecond), p.steps,
			(took * time.Duration(p.steps)).Round(time.Minute), instead))
	}
	p.last = now
}
