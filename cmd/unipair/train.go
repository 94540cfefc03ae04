package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/rundir"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/train"
)

// runTrain trains a network: `unipair train --data D --loss circle [--set margin=0.25 …] [--steps n] [--seed s] --out DIR`.
func runTrain(ctx context.Context, args []string, std stdio) error {
	w, err := readTrainWords(args, std)
	if err := ranks.Agree(together, err); err != nil {
		return err
	}
	w.options.Ranks = together
	job, err := rundir.Open(w.training, w.set, w.out, w.options, std.err)
	if err != nil {
		return err
	}
	device, err := openDevices(std, w.options.Devices)
	if err != nil {
		return err
	}
	result, err := job.Train(ctx, device)
	if tooFew := (*train.TooFewClasses)(nil); errors.As(err, &tooFew) {
		return usage.Errorf("train: --classes must be at most %d, the classes of %s, got %d", tooFew.There, tooFew.Data, tooFew.Asked)
	}
	if result.Result == nil {
		return err
	}
	return errors.Join(printSummary(std, w, result), err)
}

// printSummary writes a line about a finished training, and how to measure it: with its own data where that has a part for it.
func printSummary(std stdio, w trainWords, result rundir.Result) error {
	with := escape.Shell(w.set.Name)
	if !result.Tested {
		with = "OTHER"
	}
	_, err := fmt.Fprintf(std.out, "%s; measure it with: unipair eval --checkpoint %s --data %s\n",
		progress.Summary(result.Result), escape.Shell(w.out), with)
	return err
}
