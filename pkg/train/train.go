package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// Options are what no file can keep, or does not change what is learnt.
type Options struct {
	// Loss is a loss of your own in place of a name in Config, whose Loss and Set are then empty. Config says how it measures and
	// reduces: by default pairs, cosines, the mean. A checkpoint names it by its type and fields, such as main.mine{Margin:0.4}.
	Loss losses.Loss

	// Network is a network of your own in place of an architecture: Config's is then empty, or "function:" and its name. Config says
	// Size (0 for features) and Dim.
	Network *Function

	// Validation is what a run validates with that holds out none of its classes (Config.Validation.Fraction is 0): how well its images
	// retrieve one another, every Config.Validation.Every steps, for which 0 is then 50. Nil is none.
	Validation data.Dataset

	// Devices is how many devices of the backend share the steps, each with an equal part of the batch and, where they split evenly,
	// of the class weights; 0 is 1. The loss is over the whole batch: what is learnt is the same to rounding, and a checkpoint of
	// one number of devices goes on with another. It is of the machine, and so the one setting that moves a bit and is not in Config.
	Devices int

	Dir       string       // where checkpoint and history are kept, and resumed from; empty: nowhere
	SaveEvery int          // steps between checkpoints; 0 is 100. The last step is always kept
	Stall     int          // steps in a row in which s_p is not above s_n, after which a run is given up; 0 is 300, negative never
	Started   func() error // called before the first step, when all is checked and the directory is held; may be nil
	Progress  func(Record) // called after each step; may be nil

	Memory int64 // bytes of images to keep in memory, which does not change what is learnt; 0 is 2 GiB, see [data.PairBatches]

	// Reading is called before the first step with how many of the images are read, from several goroutines at once, where they all fit
	// into memory ([data.PairBatches.Prepare]); may be nil.
	Reading func(done, of int)
}

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
// it goes on from the checkpoint there, which must be of the same run, and gives bit for bit what a run without a break gives on the same
// backend. The run may have come to have more steps, where its Schedule does not go by their number. It holds the directory locked, so
// that a second training there is refused. So is one that would write over what no run has written ([CanBegin]). When ctx is cancelled it
// stops between two steps, keeps a checkpoint and returns an error that wraps ctx's.
//
// A run that diverges or does not learn ends with an error that says what to try; the checkpoints before it stay.
func Run(ctx context.Context, backend compute.Backend, config Config, set data.Dataset, options Options) (result *Result, err error) {
	if options.Network != nil && config.Architecture == "" {
		config.Architecture = Architecture(functionPrefix + options.Network.Name)
	}
	if options.Loss != nil && config.Loss == "" {
		config.Loss = ownName(options.Loss)
	}
	r, err := start(backend, config, set, options)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.end()) }()
	if options.Started != nil {
		if err := options.Started(); err != nil {
			return nil, err
		}
	}
	if r.done < config.Steps && !r.manifest.Stopped {
		if err := r.run(ctx); err != nil {
			return nil, err
		}
	}
	embedder, err := r.embedder(backend)
	if err != nil {
		return nil, err
	}
	return &Result{
		Embedder: embedder, History: r.history, Step: r.done, Resumed: r.resumed, Best: r.manifest.Best, Stopped: r.manifest.Stopped,
	}, nil
}

// running is a training that is going on.
type running struct {
	options       Options
	set           data.Dataset // the training classes
	learner       *learner
	validator     *validator // nil: the run does not validate
	watch         watch
	manifest      Manifest
	done, resumed int // steps
	history       []Record
	journal       journal
	unlock        func() error // nil: there is no directory
}

// start checks everything that can be checked before the first step, and resumes a checkpoint if there is one.
func start(backend compute.Backend, config Config, set data.Dataset, options Options) (*running, error) {
	if options.Validation != nil && config.Validation.Every == 0 {
		config.Validation.Every = DefaultValidation().Every
	}
	if err := config.validate(options.Loss); err != nil {
		return nil, err
	}
	var err error
	if config.Network, err = config.Network.For(set.Format()); err != nil {
		return nil, err
	}
	r := &running{
		options: options, watch: watch{limit: options.Stall},
		manifest: Manifest{Format: formatVersion, Config: config, Content: contentOf(set)},
	}
	if options.Stall == 0 {
		r.watch.limit = defaultStall
	}
	if options.SaveEvery < 0 || options.Memory < 0 {
		return nil, fmt.Errorf("train: SaveEvery and Memory must be 0 (the default) or more, got %d and %d", options.SaveEvery, options.Memory)
	}
	var held data.Dataset
	if r.set, held, err = heldOut(config.Validation, set, options.Validation); err != nil {
		return nil, err
	}
	if held != nil {
		if r.validator, err = newValidator(backend, config, options.Network, held); err != nil {
			return nil, err
		}
	}
	if options.Validation != nil {
		r.manifest.Validated = contentOf(options.Validation)
	}
	r.manifest.Trained = r.set.Classes()
	batches := pairBatches(r.set, config, 0)
	if err := batches.Validate(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	devices, err := newSpread(backend, options.Devices, config)
	if err != nil {
		return nil, err
	}
	if r.learner, err = newLearner(backend, config, options, batches); err != nil {
		return nil, err
	}
	if err := r.learner.spreadOut(devices); err != nil {
		return nil, err
	}
	if config.Weights != "" {
		if err := r.learner.begin(options.Dir); err != nil {
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

// end closes the history and lets go of the directory.
func (r *running) end() error {
	err := r.journal.close()
	if r.unlock != nil {
		err = errors.Join(err, r.unlock())
	}
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// embedder returns the network that the run gave.
func (r *running) embedder(backend compute.Backend) (*Embedder, error) {
	if r.validator != nil && r.validator.values != nil {
		err := r.validator.values.give(allOf(r.validator.embedder.layers))
		return r.validator.embedder, err
	}
	if r.learner.average.of == nil {
		return newEmbedder(backend, r.manifest.Config.Network, r.learner.store, r.learner.layers)
	}
	means, err := r.learner.network()
	if err != nil {
		return nil, err
	}
	embedder, err := freshEmbedder(backend, r.manifest.Config.Network, 0, r.options.Network)
	if err != nil {
		return nil, err
	}
	return embedder, means.give(allOf(embedder.layers))
}
