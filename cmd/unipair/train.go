package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// runTrain trains a network: `unipair train --data D --loss circle [--set margin=0.25 …] [--steps n] [--seed s] --out DIR`.
func runTrain(ctx context.Context, args []string, std stdio) error {
	w, err := readTrainWords(args, std)
	if err != nil {
		return err
	}
	there, err := train.ReadManifest(w.out)
	if err == nil {
		fmt.Fprintf(std.err, "%s has %d steps of a run with %s: resuming\n", w.out, there.Step, there.Config.Loss)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	device, line, err := backend.Open()
	if err != nil {
		return err
	}
	fmt.Fprintln(std.err, line)
	from, skipped := dataOptions(std, w.run.SkipBad)
	parts, err := w.set.parts(ctx, from)
	if err != nil {
		return err
	}
	images := parts.Train
	if images == nil {
		return fmt.Errorf("train: %s has nothing to train on: it is for measuring", w.set.name)
	}
	if n := skipped(); n > 0 {
		fmt.Fprintf(std.err, "%d images are left out that cannot be read\n", n)
	}
	if err := w.validateWith(parts.Validation, there, std); err != nil {
		return err
	}
	w.run.Invert = w.run.Invert.For(images.Format())
	config := w.run.Config
	if config.Classes, err = w.classesOf(images); err != nil {
		return err
	}
	if config.Classes != w.run.Classes {
		fmt.Fprintf(std.err, "%d classes a batch: there are no more to learn from\n", config.Classes)
		w.run.Classes = config.Classes
	}
	show := newProgress(std.err, config.Steps, there.Step)
	options := w.options
	options.Dir, options.Progress = w.out, show.step
	reading := newGauge(std.err, "images", 1)
	options.Reading = func(done, of int) { reading.show("reading", int64(done), int64(of)) }
	options.Started = func() error {
		fmt.Fprintf(std.err, "training %s on %s: %d classes, %d images%s\n", config.Loss, images.Name(), len(images.Classes()), images.Len(), inverted(config.Invert))
		return w.run.write(w.out)
	}
	result, err := train.Run(ctx, device, config, images, options)
	show.end()
	if ctx.Err() != nil && err != nil {
		fmt.Fprintln(std.err, err) // says where it stopped; the program itself says only that it was interrupted
	}
	if err != nil {
		return err
	}
	if len(result.History) > 0 { // the user may have taken the file away
		if err := drawHistory(filepath.Join(w.out, "history.svg"), config.Loss, result.History); err != nil {
			return err
		}
	}
	return said(std, w, result)
}

// validateWith takes the data's own validation part, if there is one and no classes are to be held out, and says so.
func (w *trainWords) validateWith(own data.Dataset, there train.Manifest, std stdio) error {
	v := &w.run.Validation
	switch {
	case own == nil && v.Fraction == 0 && *v != (train.Validation{}):
		return usagef("train: --validate-every and --patience need --validate, the fraction of classes to hold out, or data with a validation part")
	case own == nil:
		return nil
	case v.Fraction > 0:
		fmt.Fprintf(std.err, "%s is not used: --validate holds classes out of the training part\n", own.Name())
		return nil
	case there.Step > 0 && there.Config.Validation == (train.Validation{}) && *v == (train.Validation{}):
		fmt.Fprintf(std.err, "%s is not used: the run in %s began without validation\n", own.Name(), w.out)
		return nil
	}
	if v.Every == 0 {
		v.Every = train.DefaultValidation().Every
	}
	w.options.Validation = own
	fmt.Fprintf(std.err, "validating on %s every %d steps: %d classes, %d images; the best network is kept\n", own.Name(), v.Every, len(own.Classes()), own.Len())
	return nil
}

// inverted says that pictures are turned over.
func inverted(v data.Inversion) string {
	if v == data.InvertOn {
		return ", turned over before the network: dark ink is 1, light paper 0 (--invert off leaves them)"
	}
	return ""
}

// classesOf is how many classes a batch has: what the words say, or where they say nothing as many of them as a set has to learn from.
func (w trainWords) classesOf(images data.Dataset) (int, error) {
	if v := w.run.Validation; v.Fraction > 0 {
		var err error
		if images, _, err = data.HoldOut(images, v.Fraction, v.Seed); err != nil {
			return 0, fmt.Errorf("train: validation: %w", err)
		}
	}
	there := len(images.Classes())
	if w.classesSaid && w.run.Classes > there {
		return 0, usagef("train: --classes must be at most %d, the classes of %s, got %d", there, images.Name(), w.run.Classes)
	}
	return min(w.run.Classes, there), nil
}

// said ends a training with a line on what came of it.
func said(std stdio, w trainWords, result *train.Result) error {
	text := fmt.Sprintf("%d steps done", result.Step)
	if n := len(result.History); n > 0 {
		last := result.History[n-1]
		text += fmt.Sprintf(": loss %.4g, s_p %.3f, s_n %.3f", last.Loss, last.Positive.Mean, last.Negative.Mean)
	}
	if result.Best.Step > 0 {
		text += fmt.Sprintf("; best in validation was step %d: MAP@R %.3f, R@1 %.3f", result.Best.Step, result.Best.Scores.MAPAtR, result.Best.Scores.RecallAt1)
	}
	if result.Stopped {
		text += fmt.Sprintf("; stopped early, for %d validations found none better", result.Best.Worse)
	}
	_, err := fmt.Fprintf(std.out, "%s; measure it with: unipair eval --checkpoint %s --data %s\n", text, inShell(w.out), inShell(w.set.name))
	return err
}
