package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/compare"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/pretrained"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/train"
)

// compareWords holds what the flags of compare say.
type compareWords struct {
	settings            compare.Settings
	set                 datasets.Set
	out, report, config string
	asJSON              bool
}

// runCompare says which loss to take: `unipair compare --data D [--losses pair] [--trials 4] [--seeds 5] [--steps 300 | --minutes 60] --out DIR`.
func runCompare(ctx context.Context, args []string, std stdio) error {
	w, err := readCompareWords(args, std)
	if err != nil {
		return err
	}
	device, err := openBackend(std)
	if err != nil {
		return err
	}
	o, skipped := progress.OfData(std.err, w.settings.SkipBad)
	parts, err := compare.Divide(ctx, w.set, o)
	if err != nil {
		return err
	}
	if n := skipped(); n > 0 {
		fmt.Fprintf(std.err, "%d images are left out that cannot be read\n", n)
	}
	comparison, err := compare.Open(ctx, device, w.out, w.settings, parts, std.err)
	if err != nil {
		return err
	}
	result, err := comparison.Run(ctx, device)
	if err == nil {
		err = w.write(ctx, device, comparison, result, std)
	}
	return errors.Join(err, comparison.Close())
}

// write writes a result to all places that are asked for.
func (w compareWords) write(ctx context.Context, backend compute.Backend, of *compare.Comparison, r compare.Result, std stdio) error {
	write := r.WriteTable
	if w.asJSON {
		write = r.WriteJSON
	}
	err := write(std.out) // before the files, which may fail
	if w.report != "" {
		if wrong := of.WritePage(ctx, backend, r, w.report); wrong != nil {
			err = usage.Join(err, fmt.Errorf("compare: --report: %w", wrong))
		}
	}
	if w.config != "" {
		if wrong := r.WriteConfig(w.config); wrong != nil {
			err = usage.Join(err, fmt.Errorf("compare: --write-config: %w", wrong))
		}
	}
	return err
}

// readCompareWords reads the flags of compare. What they can say wrong is said here, before any work.
func readCompareWords(args []string, std stdio) (compareWords, error) {
	base := recipe.Default()
	base.Steps = 0
	w, source, err := parseCompare(base, args, std)
	if err == nil && source != "" {
		if base, err = recipe.Read(source); err != nil {
			return w, usage.Errorf("compare: --config: %w", err)
		}
		w, _, err = parseCompare(base, args, std)
	}
	if err != nil {
		return w, err
	}
	var wrong error
	w.set, wrong = datasets.Find(w.settings.Data)
	config := w.settings.Config
	return w, usage.Join(wrong, w.wrongPlaces(), w.settings.Validate(), pretrained.Wrong(config.Network))
}

// wrongPlaces returns an error unless what is asked for can be written.
func (w compareWords) wrongPlaces() error {
	err := usage.Join(unless(w.out != "", usage.Errorf("where to? --out takes a directory for the journal and the networks")),
		wrongReport("compare", w.report))
	if about, wrong := os.Stat(w.out); w.out != "" && wrong == nil && !about.IsDir() {
		err = usage.Join(err, usage.Errorf("compare: --out takes a directory, and %s is a file", w.out))
	}
	if w.config == "" {
		return err
	}
	if about, wrong := os.Stat(filepath.Dir(w.config)); wrong != nil || !about.IsDir() {
		return usage.Join(err, usage.Errorf("compare: --write-config: there is no folder %s: make it first", filepath.Dir(w.config)))
	}
	if wrong := file.CanWrite(w.config); wrong != nil {
		err = usage.Join(err, usage.Errorf("compare: --write-config: %w", wrong))
	}
	return err
}

// parseCompare reads the flags over what base says, and returns the file that they name for that.
func parseCompare(base recipe.Run, args []string, std stdio) (w compareWords, source string, err error) {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	s := &w.settings
	s.Config = base.Config
	c := &s.Config
	c.Loss, c.Set, c.Seed, c.Validation = "", nil, 0, train.Validation{} // are the comparison's own
	losses := flags.String("losses", "all", "losses with commas between them, `names` that unipair loss --list has; or pair, class, all")
	flags.StringVar(&s.Data, "data", base.Data, "data set: "+datasets.Help())
	flags.IntVar(&s.Trials, "trials", 4, "settings that are tried of each loss: the catalogue's, and others drawn from its ranges")
	flags.IntVar(&s.Seeds, "seeds", compare.DefaultSeeds, "trainings of each loss by its best setting")
	flags.IntVar(&c.Steps, "steps", c.Steps, "batches that each training learns from (default 300)")
	flags.Float64Var(&s.Minutes, "minutes", 0, "in place of --steps, as many as all trainings have time for in so many `minutes`: a plan, by a step of each "+
		"loss that is measured first, and no limit")
	flags.StringVar(&w.out, "out", "", "directory for the journal and the networks; a comparison there goes on")
	flags.StringVar(&w.report, "report", "", "also write a page with figures to this HTML `file`")
	flags.StringVar(&w.config, "write-config", "", "also write the chosen training to this YAML `file`, for unipair train --config")
	flags.BoolVar(&w.asJSON, "json", false, "write JSON, for machines")
	flags.BoolVar(&s.SkipBad, "skip-bad", base.SkipBad, "leave out images that cannot be read, naming each, in place of stopping")
	before := flagNames(flags)
	flags.StringVar(&source, "config", "", "YAML `file` of further settings by their names in a run's "+recipe.FileName+"; its loss, seed and "+
		"validation are not looked at")
	pixels := addNetwork(flags, c)
	addBatches(flags, c)
	if err := parse(flags, args, std, false); err != nil {
		return w, source, err
	}
	if err := readNetwork(flags, c, pixels, base.Backbone.Pixels); err != nil {
		return w, source, err
	}
	switch {
	case s.Minutes > 0 && !given(flags, "steps"):
		c.Steps = 0
	case s.Minutes == 0 && given(flags, "minutes"):
		return w, source, usage.Errorf("compare: --minutes must be a number above 0, got 0")
	case s.Minutes == 0 && c.Steps == 0 && !given(flags, "steps"):
		c.Steps = 300
	}
	common := slices.DeleteFunc(flagNames(flags), func(name string) bool { return slices.Contains(before, name) || name == "learning-rate" })
	s.Flags, s.File = said(args, common), source != ""
	s.Losses, err = compare.Chosen(*losses)
	return w, source, err
}

// said returns those of the words that give one of some flags, none of which is without a value, as a shell takes them.
func said(args, names []string) (words []string) {
	for i := 0; i < len(args); i++ {
		name, value, whole := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if !strings.HasPrefix(args[i], "-") || !slices.Contains(names, name) {
			continue
		}
		if !whole && i+1 < len(args) {
			i++
			value = args[i]
		}
		words = append(words, "--"+name, escape.Shell(value))
	}
	return words
}
