package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/results"
)

// words holds what the command line says.
type words struct {
	tune, table              bool
	recipes                  string
	steps                    int
	seeds                    uint64
	log, runs, page, command string
}

func main() {
	writesTheSame := func(arg string) bool { return strings.TrimLeft(arg, "-") == "table" }
	args := slices.DeleteFunc(slices.Clone(os.Args[1:]), writesTheSame)
	w := words{command: "go run ./experiments/omniglot " + strings.Join(args, " ")}
	flag.StringVar(&w.recipes, "recipes", "", "measure these recipes of `unipair train`, such as omniglot-35,omniglot-best")
	flag.BoolVar(&w.tune, "tune", false, "try variants of recipe "+tunedRecipe)
	flag.BoolVar(&w.table, "table", false, "train nothing: write the table of what the log has")
	flag.IntVar(&w.steps, "steps", 0, "training steps (default: 1400 of -tune, a recipe's own)")
	flag.Uint64Var(&w.seeds, "seeds", 0, "how many seeds, from 0 (default: 3 of -recipes, 1 of -tune)")
	flag.StringVar(&w.log, "log", "", "log of every training (default: experiments/omniglot/recipe.jsonl of -tune, log.jsonl in -runs of -recipes)")
	flag.StringVar(&w.runs, "runs", "", "directory of the runs of -recipes (default: runs/recipes)")
	flag.StringVar(&w.page, "page", "", "file whose section is replaced, such as experiments/RESULTS.md")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := w.do(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "experiments/omniglot:", err)
		os.Exit(1)
	}
}

// job is one of the things to measure that a log has.
type job interface {
	run(context.Context, *logFile) error // measures what the log does not have
	has(entry) bool                      // whether a line of the log belongs to it
	table(*logFile) string               // of what the log has
}

// do measures what is asked for, and writes its table.
func (w words) do(ctx context.Context) error {
	if err := w.check(); err != nil {
		return err
	}
	chosen, heading, log := w.job()
	log = cmp.Or(w.log, log)
	open := openLog
	if w.table {
		open = readLog
	}
	j, err := open(log)
	if err != nil {
		return err
	}
	if !w.table {
		if err := errors.Join(chosen.run(ctx, j), j.Close()); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("`%s`: %s.\n\n%s", w.command, about(j, chosen.has), chosen.table(j))
	fmt.Print(text)
	if w.page == "" {
		return nil
	}
	return results.Replace(w.page, heading, text)
}

// check returns an error unless one thing is asked for.
func (w words) check() error {
	switch {
	case w.tune == (w.recipes != "") || flag.NArg() > 0:
		return fmt.Errorf("want -recipes NAMES or -tune: see `go doc ./experiments/omniglot`")
	case w.steps < 0:
		return fmt.Errorf("-steps must be at least 1, got %d", w.steps)
	}
	return nil
}

// job returns what is asked for, the heading of its section, and where its log is by default.
func (w words) job() (j job, heading, log string) {
	if w.recipes != "" {
		runs := cmp.Or(w.runs, "runs/recipes")
		names := strings.Split(w.recipes, ",")
		return recipes{names, cmp.Or(w.seeds, 3), w.steps, runs}, "Recipes on Omniglot", filepath.Join(runs, "log.jsonl")
	}
	return variation{cmp.Or(w.seeds, 1), cmp.Or(w.steps, 1400)}, "Variants of " + tunedRecipe, "experiments/omniglot/recipe.jsonl"
}
