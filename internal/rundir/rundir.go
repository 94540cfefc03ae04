// Package rundir trains in a directory of a run: its checkpoint, run.yaml, its history and a figure of that.
package rundir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Job is a training in a directory.
type Job struct {
	run     recipe.Run
	set     datasets.Set
	dir     string
	options train.Options
	to      io.Writer      // where it says how far it is
	there   train.Manifest // of the run that is resumed; empty where there is none
}

// Open returns a training of a run on its set in a directory, or an error, before any work, unless one may begin or go on there.
// The options are those that are not of the directory: Devices, Ranks, SaveEvery, Stall and Memory. It says on w what it does. Of several
// processes rank 0 alone looks into the directory.
func Open(run recipe.Run, set datasets.Set, dir string, options train.Options, w io.Writer) (*Job, error) {
	options.Ranks = cmp.Or[ranks.Group](options.Ranks, ranks.Alone{})
	j := &Job{run: run, set: set, dir: dir, options: options, to: w}
	var err error
	if j.first() {
		err = j.look()
	}
	if err := ranks.Follow(options.Ranks, err); err != nil {
		return nil, err
	}
	return j, ranks.Tell(options.Ranks, &j.there)
}

// look looks whether a run may begin or go on in the directory.
func (j *Job) look() error {
	if err := train.CanBegin(j.dir, recipe.FileName, figureName); err != nil {
		return err
	}
	there, err := train.ReadManifest(j.dir)
	switch {
	case err == nil:
		fmt.Fprintf(j.to, "%s has %d steps of a run with %s: resuming\n", j.dir, there.Step, there.Config.Loss)
		j.there = there
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return nil
}

// first reports whether this process speaks and writes for all.
func (j *Job) first() bool { return j.options.Ranks.Rank() == 0 }

// Result holds what came of a training.
type Result struct {
	*train.Result
	Tested bool // the set has a part to measure with
}

// Train trains, or goes on, until the steps are done or ctx is.
func (j *Job) Train(ctx context.Context, backend compute.Backend) (Result, error) {
	elsewhere, err := j.open(ctx, backend)
	if err != nil {
		return Result{}, err
	}
	from, skipped := progress.OfData(j.to, j.run.SkipBad)
	read := j.set.Divided
	if j.run.AllClasses {
		read = j.set.Whole
	}
	parts, err := read(ctx, from)
	if err != nil {
		return Result{}, err
	}
	if parts.Train == nil {
		return Result{}, fmt.Errorf("train: %s has nothing to train on: it is for measuring", j.set.Name)
	}
	if n := skipped(); n > 0 {
		fmt.Fprintf(j.to, "%d images are left out that cannot be read\n", n)
	}
	if err := j.validateWith(parts.Validation); err != nil {
		return Result{}, err
	}
	shown, kept := parts.Train, parts.Test
	if parts, err = j.lay(ctx, elsewhere, parts); err != nil {
		return Result{}, err
	}
	steps, reading := progress.NewTraining(j.to, j.run.Steps), progress.NewGauge(j.to, "images", 1)
	options := j.options
	options.Dir, options.Progress = j.dir, steps.Step
	options.Reading = func(done, of int) { reading.Show("reading", int64(done), int64(of)) }
	options.Renewed = j.renewed()
	options.Noted = func(line string) { fmt.Fprintln(j.to, line) }
	watch := j.newPace()
	options.Started = func(config train.Config, learnt data.Dataset) error {
		if err := j.started(config, shown, kept, learnt); err != nil {
			return err
		}
		if options.Network == nil {
			return nil
		}
		return watch.begin(j.foretell(ctx, elsewhere, config))
	}
	if options.Network != nil {
		done := 0
		defer watch.stop()
		options.Progress = func(record train.Record) {
			done++
			watch.step(done)
			steps.Step(record)
		}
	}
	trained, err := train.Run(ctx, backend, j.run.Config, parts.Train, options)
	steps.End()
	if cause := context.Cause(ctx); err != nil && cause != nil && (cause == ctx.Err() || !errors.Is(err, cause)) {
		// It says where the run stopped; the program itself says only that it was interrupted.
		fmt.Fprintln(j.to, strings.TrimSuffix(err.Error(), ": "+ctx.Err().Error()))
	}
	if err != nil {
		return Result{}, err
	}
	result := Result{trained, parts.Test != nil || j.set.HasRuns()}
	if j.first() && len(trained.History) > 0 { // the user may have taken the file away
		err = drawHistory(filepath.Join(j.dir, figureName), j.run.Loss, trained.History)
	}
	return result, err
}

// validateWith takes the data's own validation part, if there is one and no classes are to be held out, and says so.
func (j *Job) validateWith(own data.Dataset) error {
	v := j.run.Validation
	switch {
	case own == nil && v.Fraction == 0 && v != (train.Validation{}):
		return usage.Errorf("train: --validate-every and --patience need --validate, the fraction of classes to hold out, or data with a " +
			"validation part")
	case own == nil:
	case v.Fraction > 0:
		fmt.Fprintf(j.to, "%s is not used: --validate holds classes out of the training part\n", own.Name())
	case j.there.Step > 0 && j.there.Config.Validation == (train.Validation{}) && v == (train.Validation{}):
		fmt.Fprintf(j.to, "%s is not used: the run in %s began without validation\n", own.Name(), j.dir)
	default:
		j.options.Validation = own
	}
	return nil
}

// started says what is trained, with the settings as they are trained with, and leaves them beside the checkpoint.
func (j *Job) started(config train.Config, images, kept, learnt data.Dataset) error {
	_, _, several := data.Labels(learnt)
	if there := len(learnt.Classes()); j.run.Classes == 0 && config.Classes == there && !several {
		fmt.Fprintf(j.to, "%d classes per batch: there are no more to learn from\n", there)
	}
	if !j.run.IsBackbone() { // what comes of the data's format is not of the words
		config.Channels, config.Features = j.run.Channels, j.run.Features
	}
	j.run.Config = config
	j.tellShort(learnt)
	if v := j.options.Validation; v != nil {
		fmt.Fprintf(j.to, "validating on %s every %d steps: %s, %d images; the best network is kept\n",
			v.Name(), config.Validation.Every, datasets.Counted(v), v.Len())
	}
	inverted := ""
	if config.Invert == data.InvertOn {
		inverted = ", turned over before the network: dark ink is 1, light paper 0 (--invert off leaves them)"
	}
	fmt.Fprintf(j.to, "training %s on %s: %s, %d images%s\n", config.Loss, images.Name(), datasets.Counted(images), images.Len(), inverted)
	if several {
		fmt.Fprintln(j.to, "images have several labels each: what shares a label belongs together, and batches are drawn by label")
	}
	if j.there.Step == 0 {
		j.advise(config, images, kept)
	}
	if config.From != "" && j.there.Step == 0 {
		fmt.Fprintf(j.to, "begins with the network of %s (SHA-256 of its weights %.12s…)\n", config.From, config.FromSum)
	}
	if err := j.run.Write(j.dir); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// advise says of a user's own pictures what else could be done with them: which are kept for the test, and that the small network was made
// for drawings.
func (j *Job) advise(config train.Config, images, kept data.Dataset) {
	if !j.set.Place {
		return
	}
	if kept != nil {
		fmt.Fprintf(j.to, "kept for the test: %s, %d images (when you have measured, --all-classes learns from them, too)\n",
			datasets.Counted(kept), kept.Len())
	}
	usual := train.DefaultConfig()
	if images.Format().Channels == 3 && config.From == "" && config.Architecture == usual.Architecture && config.Size == usual.Size &&
		config.Augment == usual.Augment {
		fmt.Fprintf(j.to, "the network sees %d × %d pixels, changed as drawings are: for photographs give --size 64 --augment photos, "+
			"or begin with a network that has seen many (docs/networks.md)\n", config.Size, config.Size)
	}
}

// tellShort says which classes have fewer images than a batch draws, and what becomes of those that come twice.
func (j *Job) tellShort(images data.Dataset) {
	short := (&data.PairBatches{Dataset: images, PerClass: j.run.PerClass}).Short()
	if len(short) == 0 || j.run.Sampling == train.SampleRandom {
		return
	}
	become := "an image is no pair with itself"
	if j.run.ViewPairs {
		become = "differently changed views of one image are a pair (--view-pairs), which is learnt without labels"
	}
	fmt.Fprintf(j.to, "%d of %d classes have fewer images than --per-class %d (%s): theirs come twice or more in a batch; %s\n",
		len(short), len(images.Classes()), j.run.PerClass, suggest.Some(short), become)
}

// renewed returns what says, the first time, how long it takes to find the classes that are taken for each other.
func (j *Job) renewed() func(images int, took time.Duration) {
	var once sync.Once
	return func(images int, took time.Duration) {
		once.Do(func() {
			fmt.Fprintf(j.to, "found the classes that are taken for each other: %d images went through the network in %.1f s, as they will every "+
				"%d steps (--hard-classes)\n", images, took.Seconds(), j.run.HardClasses)
		})
	}
}
