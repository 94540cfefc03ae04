package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// Options are what no file can keep, or does not change what is learnt.
type Options struct {
	// Loss is a loss of your own in place of a name in Config, whose Loss and Set are then empty. Config says how it measures and
	// reduces: by default pairs, cosines, the mean. A checkpoint names it by its type and fields, such as main.mine{Margin:0.4}.
	Loss losses.Loss

	Dir       string       // where checkpoint and history are kept, and resumed from; empty: nowhere
	SaveEvery int          // steps between checkpoints; 0 is 100. The last step is always kept
	Progress  func(Record) // called after each step; may be nil
}

// Result is a trained network and how it came about.
type Result struct {
	Embedder *Embedder
	History  []Record // of every step, those before a resumption included
	Resumed  int      // the steps that a checkpoint had done before; 0 for a new run
}

// Run trains a network on a data set as a configuration says. With a directory it goes on from the checkpoint there, which
// must be of the same run, and gives bit for bit what a run without a break gives on the same backend. When ctx is cancelled
// it stops between two steps, keeps a checkpoint and returns an error that wraps ctx's.
func Run(ctx context.Context, backend compute.Backend, config Config, set data.Dataset, options Options) (*Result, error) {
	if options.Loss != nil && config.Loss == "" {
		config.Loss = ownName(options.Loss)
	}
	r, err := start(backend, config, set, options)
	if err != nil {
		return nil, err
	}
	if r.done < config.Steps {
		if err := r.run(ctx, set, options); err != nil {
			return nil, err
		}
	}
	embedder, err := newEmbedder(backend, config.Network, r.learner.store, r.learner.layers)
	if err != nil {
		return nil, err
	}
	return &Result{Embedder: embedder, History: r.history, Resumed: r.resumed}, nil
}

// running is a training that is going on.
type running struct {
	learner       *learner
	manifest      Manifest
	done, resumed int // steps
	history       []Record
}

// start checks everything that can be checked before the first step, and resumes a checkpoint if there is one.
func start(backend compute.Backend, config Config, set data.Dataset, options Options) (*running, error) {
	if err := config.validate(options.Loss); err != nil {
		return nil, err
	}
	classes := len(set.Classes())
	if err := pairBatches(set, config, 0).Validate(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if options.SaveEvery < 0 {
		return nil, fmt.Errorf("train: SaveEvery must be 0 (the default) or more, got %d", options.SaveEvery)
	}
	r := &running{manifest: Manifest{Format: formatVersion, Config: config, Data: set.Name(), Classes: classes}}
	if options.Dir != "" {
		if err := os.MkdirAll(options.Dir, 0o777); err != nil {
			return nil, fmt.Errorf("train: cannot make the run's directory: %w", err)
		}
		there, err := ReadManifest(options.Dir)
		switch {
		case err == nil:
			if err := there.resumable(options.Dir, r.manifest); err != nil {
				return nil, err
			}
			r.done, r.resumed = there.Step, there.Step
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	var err error
	if r.learner, err = newLearner(backend, config, options.Loss, classes); err != nil {
		return nil, err
	}
	if r.done > 0 {
		if err := restore(options.Dir, r.learner.store); err != nil {
			return nil, err
		}
		if r.history, err = upTo(options.Dir, r.done); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// run takes the steps that are left.
func (r *running) run(ctx context.Context, set data.Dataset, options Options) error {
	every := options.SaveEvery
	if every == 0 {
		every = 100
	}
	next, stop := pull(pairBatches(set, r.manifest.Config, r.done))
	defer stop()
	var last time.Time
	for r.done < r.manifest.Config.Steps {
		if ctx.Err() != nil {
			return r.interrupted(ctx, options.Dir)
		}
		batch, err := next()
		if err != nil {
			return err
		}
		record, err := r.step(batch)
		if err != nil {
			return err
		}
		now := time.Now()
		if !last.IsZero() {
			record.ImagesPerSecond = float64(r.manifest.Config.Classes*r.manifest.Config.PerClass) / now.Sub(last).Seconds()
		}
		last = now
		r.history = append(r.history, record)
		if options.Progress != nil {
			options.Progress(record)
		}
		if r.done%every == 0 || r.done == r.manifest.Config.Steps {
			if err := r.save(options.Dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// step learns from one batch.
func (r *running) step(batch batch) (Record, error) {
	step, config := r.done+1, r.manifest.Config
	outcome, err := r.learner.do(step, batch.images, batch.labels)
	if err != nil {
		return Record{}, err
	}
	r.done = step
	if math.IsNaN(outcome.loss+outcome.size) || math.IsInf(outcome.loss+outcome.size, 0) {
		return Record{}, fmt.Errorf("train: diverged in step %d, the loss is %g: lower the learning rate (%g) or the loss's scale",
			step, outcome.loss, config.LearningRate)
	}
	record := Record{Step: step, Loss: outcome.loss, LearningRate: config.LearningRate * schedule(step, config.Warmup, config.Steps)}
	err = tensors.ConstFlatData(outcome.similarities, func(flat []float32) {
		positive, negative := pairs(flat, batch.classes)
		record.Positive, record.Negative = summarize(positive), summarize(negative)
	})
	if err == nil {
		err = outcome.similarities.FinalizeAll()
	}
	if err != nil {
		return Record{}, fmt.Errorf("train: step %d: %w", step, err)
	}
	return record, nil
}

// save keeps history and checkpoint, in this order: a later history than checkpoint is cut when a run is resumed.
func (r *running) save(dir string) error {
	if dir == "" {
		return nil
	}
	if err := writeHistory(dir, r.history); err != nil {
		return err
	}
	r.manifest.Step = r.done
	return save(dir, r.learner.store, r.manifest)
}

// interrupted keeps what was done and says so.
func (r *running) interrupted(ctx context.Context, dir string) error {
	if dir == "" || r.done == 0 {
		return fmt.Errorf("train: stopped after step %d, nothing is kept: %w", r.done, ctx.Err())
	}
	if err := r.save(dir); err != nil {
		return err
	}
	return fmt.Errorf("train: stopped after step %d; the same settings with %s go on from there: %w", r.done, dir, ctx.Err())
}
