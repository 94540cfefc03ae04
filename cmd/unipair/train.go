package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// runTrain trains a network: `unipair train --data D --loss circle [--set margin=0.25 …] [--steps n] [--seed s] --out DIR`.
func runTrain(ctx context.Context, args []string, std stdio) error {
	config, out, set, err := trainWords(args, std)
	if err != nil {
		return err
	}
	there, err := train.ReadManifest(out)
	if err == nil {
		fmt.Fprintf(std.err, "%s has %d steps of a run with %s: resuming\n", out, there.Step, there.Config.Loss)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	device, line, err := backend.Open()
	if err != nil {
		return err
	}
	fmt.Fprintln(std.err, line)
	images, err := set.training(ctx, data.Options{Progress: func(line string) { fmt.Fprintln(std.err, line) }})
	if err != nil {
		return err
	}
	if classes := len(images.Classes()); config.Classes > classes {
		return usagef("train: --classes must be at most %d, the classes of %s, got %d", classes, images.Name(), config.Classes)
	}
	fmt.Fprintf(std.err, "training %s on %s: %d classes, %d images\n", config.Loss, images.Name(), len(images.Classes()), images.Len())
	show := newProgress(std.err, config.Steps, there.Step)
	result, err := train.Run(ctx, device, config, images, train.Options{Dir: out, Progress: show.step})
	show.end()
	if ctx.Err() != nil && err != nil {
		fmt.Fprintln(std.err, err) // says where it stopped; the program itself says only that it was interrupted
	}
	if err != nil {
		return err
	}
	if err := drawHistory(filepath.Join(out, "history.svg"), config.Loss, result.History); err != nil {
		return err
	}
	last := result.History[len(result.History)-1]
	fmt.Fprintf(std.out, "%d steps done: loss %.4g, s_p %.3f, s_n %.3f; measure it with: unipair eval --checkpoint %s --data %s\n",
		last.Step, last.Loss, last.Positive.Mean, last.Negative.Mean, out, set.name)
	return nil
}

// trainWords reads the flags of train. All that they can say wrong is said here, before any work.
func trainWords(args []string, std stdio) (config train.Config, out string, set dataset, err error) {
	config = train.DefaultConfig()
	config.Set = settings{}
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	var about []string
	for _, d := range datasets() {
		about = append(about, d.name+" ("+d.about+")")
	}
	name := flags.String("data", "", "data set: "+strings.Join(about, "; "))
	flags.StringVar(&out, "out", "", "directory for checkpoint, history and figure; a checkpoint there is resumed")
	flags.StringVar(&config.Loss, "loss", config.Loss, "loss, see `unipair loss --list`")
	flags.Var(settings(config.Set), "set", "parameter of the loss as `name=value`; may be given several times")
	flags.IntVar(&config.Steps, "steps", config.Steps, "batches to learn from, in all")
	flags.Uint64Var(&config.Seed, "seed", config.Seed, "seed of everything random")
	flags.IntVar(&config.Size, "size", config.Size, "pixels a side that images are resized to")
	flags.IntVar(&config.Width, "width", config.Width, "channels of the network's first block")
	flags.IntVar(&config.Dim, "dim", config.Dim, "numbers an embedding")
	flags.IntVar(&config.Classes, "classes", config.Classes, "classes of a batch")
	flags.IntVar(&config.PerClass, "per-class", config.PerClass, "images of each class in a batch")
	flags.Float64Var(&config.LearningRate, "learning-rate", config.LearningRate, "highest learning rate")
	if err := parse(flags, args, std, false); err != nil {
		return config, "", dataset{}, err
	}
	if out == "" {
		return config, "", dataset{}, usagef("where to? --out takes a directory for checkpoint and history")
	}
	if set, err = findDataset(*name); err != nil {
		return config, "", dataset{}, err
	}
	config.Warmup = min(config.Warmup, max(0, config.Steps-1)) // a short run warms up all but its last step
	if len(config.Set) == 0 {
		config.Set = nil
	}
	if err := config.Validate(); err != nil {
		return config, "", dataset{}, usageError{err}
	}
	return config, out, set, nil
}
