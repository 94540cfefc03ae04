package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// runTrain trains a network: `unipair train --data D --loss circle [--set margin=0.25 …] [--steps n] [--seed s] --out DIR`.
func runTrain(ctx context.Context, args []string, std stdio) error {
	w, err := readTrainWords(args, std)
	if err != nil {
		return err
	}
	if err := train.CanBegin(w.out, recipe.FileName, historyFigure); err != nil {
		return err
	}
	there, err := train.ReadManifest(w.out)
	if err == nil {
		fmt.Fprintf(std.err, "%s has %d steps of a run with %s: resuming\n", w.out, there.Step, there.Config.Loss)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	device, err := openBackend(std)
	if err != nil {
		return err
	}
	from, skipped := progress.OfData(std.err, w.run.SkipBad)
	parts, err := w.set.Divided(ctx, from)
	if err != nil {
		return err
	}
	images := parts.Train
	if images == nil {
		return fmt.Errorf("train: %s has nothing to train on: it is for measuring", w.set.Name)
	}
	if n := skipped(); n > 0 {
		fmt.Fprintf(std.err, "%d images are left out that cannot be read\n", n)
	}
	if err := w.validateWith(parts.Validation, there, std); err != nil {
		return err
	}
	show := progress.NewTraining(std.err, w.run.Steps)
	options := w.options
	options.Dir, options.Progress = w.out, show.Step
	reading := progress.NewGauge(std.err, "images", 1)
	options.Reading = func(done, of int) { reading.Show("reading", int64(done), int64(of)) }
	options.Started = func(config train.Config, learnt data.Dataset) error {
		if there := len(learnt.Classes()); w.run.Classes == 0 && config.Classes == there {
			fmt.Fprintf(std.err, "%d classes per batch: there are no more to learn from\n", there)
		}
		w.complete(config)
		w.tellShort(learnt, std)
		if v := options.Validation; v != nil {
			fmt.Fprintf(std.err, "validating on %s every %d steps: %d classes, %d images; the best network is kept\n",
				v.Name(), config.Validation.Every, len(v.Classes()), v.Len())
		}
		fmt.Fprintf(std.err, "training %s on %s: %d classes, %d images%s\n", config.Loss, images.Name(), len(images.Classes()), images.Len(), inverted(config.Invert))
		if err := w.run.Write(w.out); err != nil {
			return fmt.Errorf("train: %w", err)
		}
		return nil
	}
	result, err := train.Run(ctx, device, w.run.Config, images, options)
	show.End()
	if ctx.Err() != nil && err != nil {
		// It says where the run stopped; the program itself says only that it was interrupted.
		fmt.Fprintln(std.err, strings.TrimSuffix(err.Error(), ": "+ctx.Err().Error()))
	}
	if tooFew := (*train.TooFewClasses)(nil); errors.As(err, &tooFew) {
		return usage.Errorf("train: --classes must be at most %d, the classes of %s, got %d", tooFew.There, tooFew.Data, tooFew.Asked)
	}
	if err != nil {
		return err
	}
	err = said(std, w, result, parts.Test != nil || w.set.HasRuns())
	if len(result.History) > 0 { // the user may have taken the file away
		err = errors.Join(err, drawHistory(filepath.Join(w.out, historyFigure), w.run.Loss, result.History))
	}
	return err
}

// validateWith takes the data's own validation part, if there is one and no classes are to be held out, and says so.
func (w *trainWords) validateWith(own data.Dataset, there train.Manifest, std stdio) error {
	v := &w.run.Validation
	switch {
	case own == nil && v.Fraction == 0 && *v != (train.Validation{}):
		return usage.Errorf("train: --validate-every and --patience need --validate, the fraction of classes to hold out, or data with a validation part")
	case own == nil:
		return nil
	case v.Fraction > 0:
		fmt.Fprintf(std.err, "%s is not used: --validate holds classes out of the training part\n", own.Name())
		return nil
	case there.Step > 0 && there.Config.Validation == (train.Validation{}) && *v == (train.Validation{}):
		fmt.Fprintf(std.err, "%s is not used: the run in %s began without validation\n", own.Name(), w.out)
		return nil
	}
	w.options.Validation = own
	return nil
}

// inverted says that pictures are turned over.
func inverted(v data.Inversion) string {
	if v == data.InvertOn {
		return ", turned over before the network: dark ink is 1, light paper 0 (--invert off leaves them)"
	}
	return ""
}

// complete takes the settings as they are trained with, but for what comes of the format of the data and not of the words.
func (w *trainWords) complete(config train.Config) {
	config.Channels, config.Features = w.run.Channels, w.run.Features
	w.run.Config = config
}

// tellShort says which classes have fewer images than a batch draws, and what becomes of those that come twice.
func (w trainWords) tellShort(images data.Dataset, std stdio) {
	short := (&data.PairBatches{Dataset: images, PerClass: w.run.PerClass}).Short()
	if len(short) == 0 || w.run.Sampling == train.SampleRandom {
		return
	}
	become := "an image is no pair with itself"
	if w.run.ViewPairs {
		become = "differently changed views of one image are a pair (--view-pairs), which is learnt without labels"
	}
	fmt.Fprintf(std.err, "%d of %d classes have fewer images than --per-class %d (%s): theirs come twice or more in a batch; %s\n",
		len(short), len(images.Classes()), w.run.PerClass, suggest.Some(short), become)
}

// said ends a training with a line on what came of it, and how to measure it: with its own data where that has a part for it.
func said(std stdio, w trainWords, result *train.Result, tested bool) error {
	with := escape.Shell(w.set.Name)
	if !tested {
		with = "OTHER"
	}
	_, err := fmt.Fprintf(std.out, "%s; measure it with: unipair eval --checkpoint %s --data %s\n", progress.Summary(result), escape.Shell(w.out), with)
	return err
}

// historyFigure is the figure beside a run's history.
const historyFigure = "history.svg"

// drawHistory writes a figure of how the similarities went; none where no batch had a pair.
func drawHistory(path, loss string, history []train.Record) error {
	positive, negative := viz.Curve{Name: "s_p"}, viz.Curve{Name: "s_n"}
	for _, r := range history {
		for curve, s := range map[*viz.Curve]train.Summary{&positive: r.Positive, &negative: r.Negative} {
			if s == (train.Summary{}) { // the batch had no such pair
				continue
			}
			curve.X = append(curve.X, float64(r.Step))
			curve.Mean = append(curve.Mean, s.Mean)
			curve.Low = append(curve.Low, s.Q05)
			curve.High = append(curve.High, s.Q95)
		}
	}
	curves := slices.DeleteFunc([]viz.Curve{positive, negative}, func(c viz.Curve) bool { return len(c.X) == 0 })
	if len(curves) == 0 {
		return nil
	}
	figure, err := viz.LineCharts(1, viz.LineChart{
		Title: loss, Label: "cosine similarity, mean and 5–95 %", Curves: curves, Low: -1, High: 1,
	})
	if err != nil {
		return err
	}
	return figure.Save(path)
}
