package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train/internal/checkpoint"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// running is a training that is going on.
type running struct {
	backend       compute.Backend
	options       Options
	set           data.Dataset // the training classes
	learner       *learner
	shared        []*model.Variable // that several processes have alike
	mixed         bool              // they compute with what may round differently
	stepper       stepper
	validator     *validator // nil: the run does not validate
	watch         watch
	givenUp       error // why a run that is resumed had been
	manifest      Manifest
	done, resumed int // steps
	history       []Record
	journal       checkpoint.Journal // its zero value keeps nothing
	unlock        func() error       // nil: there is no directory
}

// run takes the steps that are left.
func (r *running) run(ctx context.Context) error {
	config := r.manifest.Config
	if r.options.StallEnds {
		if err := ranks.Follow(r.options.Ranks, r.givenUp); err != nil {
			return err
		}
	}
	if r.done >= config.Steps || r.manifest.Stopped {
		return nil
	}
	batches := pairBatches(r.set, config, r.done)
	batches.Memory, batches.Numbered = r.options.Memory, r.learner.numbered
	r.options.Compiled.share(batches)
	batches.Share = func(n int) (from, to int) { return ranks.ShareOf(r.options.Ranks, n) }
	err := batches.Prepare(ctx, r.options.Reading)
	if ctx.Err() != nil {
		err = nil // the first step is not taken
	}
	if err := ranks.Agree(r.options.Ranks, err); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	source := &source{running: r, batches: batches}
	defer source.end()
	var last time.Time
	for r.done < config.Steps && !r.manifest.Stopped {
		stop, err := ranks.Any(r.options.Ranks, ctx.Err() != nil)
		if err != nil {
			return err
		}
		if stop {
			if err := r.collect(); err != nil {
				return err
			}
			return ranks.Follow(r.options.Ranks, r.interrupted(ctx))
		}
		batch, err := source.next()
		if err != nil {
			return err
		}
		record, err := r.step(batch)
		if err != nil {
			return err
		}
		now := time.Now()
		if !last.IsZero() {
			record.ImagesPerSecond = float64(config.Classes*config.PerClass) / now.Sub(last).Seconds()
		}
		last = now
		best := false
		if config.Validation.due(r.done, config.Steps) {
			if best, err = r.validate(&record); err != nil {
				return err
			}
			last = time.Now() // the next step's speed is its own
		}
		hopeless := r.watch.see(record, config)
		giveUp, err := ranks.Any(r.options.Ranks, hopeless != nil)
		if err != nil {
			return err
		}
		due := r.done%r.options.SaveEvery == 0 || r.done == config.Steps || r.manifest.Stopped || giveUp
		if due {
			if err := r.collect(); err != nil {
				return err
			}
		}
		if err := ranks.Follow(r.options.Ranks, cmp.Or(r.keep(record, best, due), hopeless)); err != nil {
			return err
		}
	}
	return nil
}

// keep takes note of a step, whose network may be the best so far, and writes a checkpoint if one is due.
func (r *running) keep(record Record, best, due bool) error {
	if best && r.options.Dir != "" {
		r.manifest.Step = r.done
		err := checkpoint.Save(r.options.Dir, checkpoint.Best, r.done, r.validator.embedder.store, r.manifest.sealedBy)
		if err != nil {
			return err
		}
	}
	r.history = append(r.history, record)
	if err := r.journal.Write(record.Step, record); err != nil {
		return err
	}
	if r.options.Progress != nil {
		r.options.Progress(record)
	}
	if due {
		return r.save()
	}
	return nil
}

// step learns from one batch.
func (r *running) step(batch batch) (Record, error) {
	step, config := r.done+1, r.manifest.Config
	outcome, err := r.learner.take(r.stepper, step, batch)
	if err != nil {
		return Record{}, err
	}
	r.done = step
	if err := r.equal(); err != nil {
		return Record{}, fmt.Errorf("train: step %d: %w", step, err)
	}
	if !outcome.finite() {
		culprit, err := r.learner.culprit(outcome)
		if err != nil {
			return Record{}, fmt.Errorf("train: diverged in step %d: %w", step, err)
		}
		return Record{}, diverged(step, culprit, r.history, config)
	}
	record := Record{Step: step, Loss: outcome.loss, LearningRate: config.LearningRate * config.factor(step)}
	err = tensors.ConstFlatData(outcome.similarities, func(flat []float32) {
		rows := batch.rows.first(watched)
		record.Recall = recallAt1(flat, rows)
		positive, negative := pairs(flat, rows)
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

// validate asks the held-out classes, keeps the network if it is the best so far, which it returns, and decides whether to stop.
func (r *running) validate(record *Record) (best bool, err error) {
	network, err := r.learner.network()
	if err != nil {
		return false, err
	}
	if record.Validation, err = r.validator.measure(network); err != nil {
		return false, fmt.Errorf("train: step %d cannot be validated: %w", r.done, err)
	}
	last := &r.manifest.Best
	if last.Step > 0 && record.Validation.MAPAtR <= last.Metrics.MAPAtR {
		last.Worse++
		patience := r.manifest.Config.Validation.Patience
		r.manifest.Stopped = patience > 0 && last.Worse >= patience
		return false, nil
	}
	*last, r.validator.values = Best{Step: r.done, Metrics: record.Validation}, network
	return true, nil
}

// save keeps history and checkpoint, in this order: a later history than checkpoint is cut when a run is resumed.
func (r *running) save() error {
	if r.options.Dir == "" {
		return nil
	}
	if err := r.journal.Sync(); err != nil {
		return err
	}
	r.manifest.Step = r.done
	return checkpoint.Save(r.options.Dir, checkpoint.Step, r.done, r.learner.store, r.manifest.sealedBy)
}

// interrupted keeps what was done and says so.
func (r *running) interrupted(ctx context.Context) error {
	why := cmp.Or(ctx.Err(), context.Canceled) // another process was
	if r.options.Dir == "" || r.done == 0 {
		return fmt.Errorf("train: stopped after step %d, nothing is kept: %w", r.done, why)
	}
	if err := r.save(); err != nil {
		return err
	}
	return fmt.Errorf("train: stopped after step %d; the same settings with %s go on from there: %w", r.done, r.options.Dir, why)
}

// end closes the history and lets go of the directory.
func (r *running) end() error {
	err := errors.Join(r.journal.Close(), r.options.Compiled.rest(r.learner))
	if r.unlock != nil {
		err = errors.Join(err, r.unlock())
	}
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// trained returns the network that the run gave. Where graphs are kept for further runs, it has variables of its own.
func (r *running) trained(backend compute.Backend) (embedder *Embedder, err error) {
	shared, validated := r.options.Compiled != nil, r.validator != nil && r.validator.values != nil
	var values network.Values
	switch {
	case validated && !shared:
		embedder = r.validator.embedder
		return embedder, r.validator.values.Give(network.All(embedder.layers))
	case validated:
		values = r.validator.values
	case !shared && r.learner.average.of == nil:
		return newEmbedder(backend, r.manifest.Config.Network, r.learner.store, r.learner.layers)
	default:
		values, err = r.learner.network()
	}
	if err != nil {
		return nil, err
	}
	if embedder, err = freshEmbedder(backend, r.manifest.Config.Network, 0, r.options.Network); err != nil {
		return nil, err
	}
	return embedder, values.Give(network.All(embedder.layers))
}
