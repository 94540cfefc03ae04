package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train/internal/checkpoint"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// Result is a trained network and how it came about.
type Result struct {
	Embedder *Embedder // of the best step where the run validates, else of the last
	History  []Record  // of every step, those before a resumption included
	Step     int       // steps done in all
	Resumed  int       // the steps that a checkpoint had done before; 0 for a new run
	Best     Best      // the step that validated best; its Step is 0 where the run does not validate
	Stopped  bool      // early, because validation no longer improved
}

// Run trains a network on a data set as a configuration says; the network takes its Channels and Features from the set. With a directory
// it goes on from the checkpoint there, which must be of the same run. It gives bit for bit what a run without a break gives on the same
// backend. The run may have come to have more steps, where its Schedule does not go by their number. It holds the directory locked, so
// that a second training there is refused. So is one that would write over what no run has written ([CanBegin]). When ctx is cancelled it
// stops between two steps, keeps a checkpoint and returns an error that wraps ctx's.
//
// Several processes run together ([Options].Ranks). An error that each of them can find before the first step is returned on all.
//
// A run that diverges or does not learn ends with an error that says what to try; the checkpoints before it stay.
func Run(ctx context.Context, backend compute.Backend, config Config, set data.Dataset, options Options) (result *Result, err error) {
	if options.Network != nil && config.Architecture == "" {
		config.Architecture = options.Network.architecture()
	}
	if options.Loss != nil && config.Loss == "" {
		config.Loss = ownName(options.Loss)
	}
	if options, err = options.filled(); err != nil {
		return nil, err
	}
	r, err := start(backend, config, set, options)
	if err = ranks.Agree(options.Ranks, err); err == nil {
		err = r.together()
	}
	if err != nil {
		if r != nil {
			err = errors.Join(err, r.end())
		}
		return nil, err
	}
	defer func() { err = errors.Join(err, r.end()) }()
	if options.Started != nil {
		err = options.Started(r.manifest.Config, r.set)
	}
	if err := ranks.Follow(options.Ranks, err); err != nil {
		return nil, err
	}
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	embedder, err := r.trained(backend)
	if err != nil {
		return nil, err
	}
	return &Result{
		Embedder: embedder, History: r.history, Step: r.done, Resumed: r.resumed, Best: r.manifest.Best, Stopped: r.manifest.Stopped,
	}, nil
}

// start checks everything that can be checked before the first step, and resumes a checkpoint if there is one.
func start(backend compute.Backend, config Config, set data.Dataset, options Options) (r *running, err error) {
	config = config.filled(options.Validation != nil)
	if err := config.validate(options.Loss); err != nil {
		return nil, err
	}
	if config.Network, err = config.Network.For(set.Format()); err != nil {
		return nil, err
	}
	if ways := len(data.Ways(set)); ways != config.SeenVariants {
		return nil, fmt.Errorf("train: %s was seen in %d further ways, and SeenVariants (--seen-variants) is %d: they must be the same",
			set.Name(), ways, config.SeenVariants)
	}
	learnt, held, err := heldOut(config.Validation, set, options.Validation)
	if err != nil {
		return nil, err
	}
	if config, err = config.withClasses(learnt); err != nil {
		return nil, err
	}
	var first network.Values
	if options.Ranks.Rank() == 0 { // from which the others get all values
		if config, first, err = config.firstWeights(backend, options); err != nil {
			return nil, err
		}
	}
	r = &running{
		backend: backend, options: options, set: learnt, watch: watch{limit: options.Stall},
		manifest: Manifest{Format: checkpoint.Format, Config: config, Content: ContentOf(set), Trained: learnt.Classes()},
	}
	if options.Validation != nil {
		r.manifest.Validated = ContentOf(options.Validation)
	}
	if held != nil {
		if r.validator, err = options.Compiled.validator(backend, config, options, held); err != nil {
			return nil, err
		}
	}
	batches := pairBatches(learnt, config, 0)
	if err := batches.Validate(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	devices, err := newSpread(backend, options.Devices, config)
	if err != nil {
		return nil, err
	}
	fresh, err := newLearner(backend, config, options, batches)
	if err != nil {
		return nil, err
	}
	make := func() (stepper, error) { return newStepper(backend, fresh, options, devices) }
	if r.learner, r.stepper, err = options.Compiled.step(fresh, batches, options, make); err != nil {
		return nil, err
	}
	if options.Ranks.Rank() == 0 {
		if err := r.learner.begin(options.Dir, first); err != nil {
			return nil, err
		}
	}
	if options.Dir == "" {
		return r, nil
	}
	if err := r.open(options.Dir); err != nil {
		return nil, errors.Join(err, r.end())
	}
	return r, nil
}
