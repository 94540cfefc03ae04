package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/usage"
)

// runIndex makes an index grow: `unipair index add --index DIR --data D [--part all] [--checkpoint RUN] [--skip-bad]`.
func runIndex(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("index", flag.ContinueOnError)
	dir := flags.String("index", "", "`directory` that unipair export --out wrote")
	name := flags.String("data", "", "data set to add: "+datasets.Help()+"; what the index has already, by its file, is left out")
	part := flags.String("part", "all", "part of the data set: test, validation, training, all")
	var dirs places
	flags.Var(&dirs, "checkpoint", "`directory` of the training that the index must be of, compared by its weights (default: the index's own copy)")
	skip := flags.Bool("skip-bad", false, "leave out images that cannot be read, naming each, in place of stopping")
	verb := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	set, wrongData := datasets.Find(*name)
	var others ensemble.Checkpoints
	var wrongCheckpoint error
	if len(dirs) > 0 {
		others, wrongCheckpoint = ensemble.Read(dirs, false)
	}
	if err := usage.Join(
		wrongVerb(verb),
		unless(*dir != "", usage.Errorf("add to what? --index takes the %s", index.About)),
		wrongCheckpoint, wrongData, wrongPart("index add", *part)); err != nil {
		return err
	}
	x, release, err := index.Hold(*dir)
	if err != nil {
		return err
	}
	return errors.Join(addTo(ctx, x, others, set, *part, *skip, std), release())
}

// wrongVerb returns an error unless the word after index is the one that there is.
func wrongVerb(verb string) error {
	switch verb {
	case "add":
		return nil
	case "":
		return usage.Errorf("index: say what to do: unipair index add --index DIR --data D")
	}
	return usage.Errorf("index: unknown word %q: did you mean add?", verb)
}

// addTo adds a part of a set to an index, which must be of others if there are any.
func addTo(ctx context.Context, x *index.Index, others ensemble.Checkpoints, set datasets.Set, part string, skip bool, std stdio) error {
	networks, err := x.Networks()
	if err == nil && len(others.Dirs) > 0 {
		err = x.IsOf(networks, others)
	}
	if err != nil {
		return err
	}
	options, skipped := progress.OfData(std.err, skip)
	options.Unsorted = true // a search needs no classes
	chosen, err := set.Part(ctx, part, networks.Learnt(), options)
	if err != nil {
		return err
	}
	device, err := openBackend(std)
	if err != nil {
		return err
	}
	networks.To = std.err
	added, err := x.Add(ctx, device, networks, chosen.Searched())
	if err != nil {
		return err
	}
	var words strings.Builder
	if added.There > 0 {
		fmt.Fprintf(&words, ", %d left out whose files it has already", added.There)
	}
	if n := skipped(); n > 0 {
		fmt.Fprintf(&words, ", %d left out that cannot be read", n)
	}
	_, err = fmt.Fprintf(std.out, "%d images of %s added%s; the index has %d\n", added.New, escape.Line(set.Name), words.String(), x.Count)
	return err
}
