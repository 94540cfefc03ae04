package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/unipair/unipair/bench"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
)

// serving is the word with which bench starts this program again as a process that it measures.
const serving = "serve"

// benchWords are the words of `unipair bench`.
type benchWords struct {
	subjects []string
	sizes    []int
	losses   []string
	rounds   int
	list     bool
	json     bool
	write    bool
	whole    bool // the subject is all
	options  bench.WholeOptions
}

// allWord is the subject that stands for all of them, as one run.
const allWord = "all"

// runBench measures Unipair beside its peers: `unipair bench [SUBJECT … | all]`.
func runBench(ctx context.Context, args []string, std stdio) error {
	switch {
	case slices.Equal(args, []string{serving}):
		return bench.Serve(ctx, std.in, std.out)
	case slices.Equal(args, []string{serving, bench.ServingDisk}):
		return bench.ServeDisk(std.in, std.out)
	}
	words, err := parseBench(args, std)
	if err != nil {
		return err
	}
	if words.list {
		return listSubjects(std.out)
	}
	root, err := repository.Root()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	config := bench.Config{
		Root: root, Self: []string{self, "bench", serving}, Sizes: words.sizes, Losses: words.losses, Rounds: words.rounds,
		Progress: func(line string) { fmt.Fprintln(std.err, line) },
	}
	subjects, configs := words.chosen(config)
	if words.whole || slices.ContainsFunc(subjects, func(s bench.Subject) bool { return !s.Alone }) {
		if err := bench.Setup(ctx, root, std.err); err != nil {
			return err
		}
	}
	config.Progress(words.howLong(subjects))
	if words.whole {
		return words.runAll(ctx, config, std)
	}
	var sections []results.Section
	for i, subject := range subjects {
		section, err := subject.Run(ctx, configs[i])
		if err != nil {
			return err
		}
		section.Command = words.again(subject)
		if !words.json {
			fmt.Fprintf(std.out, "## %s\n\n%s\n\n", section.Heading, section.Text())
		}
		sections = append(sections, section)
	}
	if !words.json {
		return nil
	}
	return writeJSON(std.out, sections)
}

// runAll measures every subject as one run, and writes the pages that are made of it.
func (w benchWords) runAll(ctx context.Context, config bench.Config, std stdio) error {
	whole, err := bench.All(ctx, config, w.options)
	switch {
	case ctx.Err() != nil:
		return errors.New("bench: interrupted: the same command goes on after the last subject that is whole")
	case err != nil:
		return err
	case w.write:
		return whole.Write()
	case w.json:
		return writeJSON(std.out, whole)
	}
	_, err = fmt.Fprint(std.out, whole.Text())
	return err
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func parseBench(args []string, std stdio) (benchWords, error) {
	var w benchWords
	var sizes, losses string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&sizes, "sizes", "", "sizes of batches, or numbers of classes, as 128,512 (default: the subject's)")
	flags.StringVar(&losses, "losses", "", "losses, as circle,nt-xent (default: the subject's)")
	flags.IntVar(&w.rounds, "rounds", 0, "turns of each contender (default: the subject's)")
	flags.BoolVar(&w.list, "list", false, "list the subjects and what they take")
	flags.BoolVar(&w.json, "json", false, "write JSON, for machines")
	flags.BoolVar(&w.write, "write", false, "of all: make bench/RESULTS.md and the table of docs/performance.md anew")
	flags.BoolVar(&w.options.Small, "smallest", false, "of all: the smallest sizes, once: whether every subject runs, in minutes")
	flags.BoolVar(&w.options.Busy, "busy", false, "of all: measure on a busy machine too, and say so")
	flags.BoolVar(&w.options.Anew, "anew", false, "of all: forget what an interrupted run has measured")
	if err := parse(flags, args, std, true); err != nil {
		return w, err
	}
	var err error
	if w.subjects, err = interleaved(flags, std); err != nil {
		return w, err
	}
	for _, word := range commas(sizes) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return w, usage.Errorf("bench: --sizes: want whole numbers above 0, as 128,512, got %q", word)
		}
		w.sizes = append(w.sizes, n)
	}
	slices.Sort(w.sizes)
	w.sizes = slices.Compact(w.sizes)
	w.losses = commas(losses)
	w.whole = slices.Contains(w.subjects, allWord)
	return w, w.check()
}

// check returns an error unless the words fit together.
func (w benchWords) check() error {
	var known []string
	for _, s := range bench.Subjects() {
		known = append(known, s.Name)
	}
	partial := w.sizes != nil || w.losses != nil || w.rounds != 0
	switch {
	case !w.whole && (w.write || w.options != bench.WholeOptions{}):
		return usage.Errorf("bench: --write, --smallest, --busy and --anew are of all subjects, as one run: unipair bench all")
	case w.whole && (partial || len(w.subjects) > 1):
		return usage.Errorf("bench: all measures every subject as it is: leave out --sizes, --losses, --rounds and other subjects")
	case w.write && w.options.Small:
		return usage.Errorf("bench: --write makes pages of whole sizes: leave out --smallest")
	case w.whole:
		return nil
	}
	for i, name := range w.subjects {
		at := slices.Index(known, name)
		switch {
		case at < 0:
			return usage.Errorf("bench: unknown subject %q: %s", name, suggest.For(name, append(known, allWord)))
		case slices.Contains(w.subjects[:i], name):
			return usage.Errorf("bench: %s is named twice", name)
		case w.sizes != nil && !bench.Subjects()[at].Sized:
			return usage.Errorf("bench: %s has no --sizes", name)
		}
		if err := bench.Subjects()[at].CheckLosses(w.losses); err != nil {
			return usage.Error(err)
		}
	}
	for i, name := range w.losses {
		if slices.Contains(w.losses[:i], name) {
			return usage.Errorf("bench: --losses: %s is named twice", name)
		}
	}
	switch {
	case w.rounds < 0:
		return usage.Errorf("bench: --rounds: want 1 or more, got %d", w.rounds)
	case len(w.subjects) == 0 && partial:
		return usage.Errorf("bench: --sizes, --losses and --rounds are of a subject: name one of %s", strings.Join(known, ", "))
	}
	return nil
}

// chosen returns the subjects that are named, or the quick set, each with its settings.
func (w benchWords) chosen(config bench.Config) (subjects []bench.Subject, configs []bench.Config) {
	if len(w.subjects) == 0 {
		return bench.Quick(config)
	}
	for _, s := range bench.Subjects() {
		if slices.Contains(w.subjects, s.Name) {
			subjects, configs = append(subjects, s), append(configs, config)
		}
	}
	return subjects, configs
}

// howLong says, before the work, how long it takes.
func (w benchWords) howLong(subjects []bench.Subject) string {
	minutes := 0
	for _, s := range subjects {
		minutes += s.Minutes
	}
	switch {
	case w.whole && w.options.Small:
		return "every subject, of the smallest size: some minutes"
	case w.whole:
		for _, s := range bench.Subjects() {
			minutes += s.Minutes
		}
	case len(w.subjects) == 0:
		minutes = bench.QuickMinutes
	case w.sizes != nil || w.losses != nil || w.rounds > 0:
		return fmt.Sprintf("at their own sizes, losses and rounds these take about %d min", minutes)
	}
	return fmt.Sprintf("about %d min, on the machine of bench/RESULTS.md", minutes)
}

// again returns what one types to measure a subject so again.
func (w benchWords) again(subject bench.Subject) string {
	words := []string{"unipair bench"}
	if len(w.subjects) > 0 {
		words = append(words, subject.Name)
	}
	if w.sizes != nil {
		words = append(words, "--sizes "+strings.Trim(strings.Join(strings.Fields(fmt.Sprint(w.sizes)), ","), "[]"))
	}
	if w.losses != nil {
		words = append(words, "--losses "+strings.Join(w.losses, ","))
	}
	if w.rounds > 0 {
		words = append(words, fmt.Sprintf("--rounds %d", w.rounds))
	}
	return strings.Join(words, " ")
}

func listSubjects(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	minutes := 0
	for _, s := range bench.Subjects() {
		fmt.Fprintf(table, "%s\t%s\tabout %d min\n", s.Name, s.About, s.Minutes)
		minutes += s.Minutes
	}
	fmt.Fprintf(table, "%s\tevery subject as one run, which --write makes bench/RESULTS.md of\tabout %d min\n", allWord, minutes)
	return table.Flush()
}

// commas returns the words between commas.
func commas(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
