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
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/pkg/losses"
)

// words holds what the command line says.
type words struct {
	rank, tune, table        bool
	recipes, losses          string
	steps                    int
	seeds                    uint64
	log, runs, page, command string
}

func main() {
	writesTheSame := func(arg string) bool { return strings.TrimLeft(arg, "-") == "table" }
	args := slices.DeleteFunc(slices.Clone(os.Args[1:]), writesTheSame)
	w := words{command: "go run ./experiments/omniglot " + strings.Join(args, " ")}
	flag.BoolVar(&w.rank, "rank", false, "rank the losses")
	flag.StringVar(&w.recipes, "recipes", "", "measure these recipes of `unipair train`, such as omniglot-35,omniglot-best")
	flag.BoolVar(&w.tune, "tune", false, "try variants of recipe "+tunedRecipe)
	flag.BoolVar(&w.table, "table", false, "train nothing: write the table of what the log has")
	flag.StringVar(&w.losses, "losses", "", "losses to rank, with commas between them (default: all)")
	flag.IntVar(&w.steps, "steps", 0, "training steps (default: 300 of -rank, 1400 of -tune, a recipe's own)")
	flag.Uint64Var(&w.seeds, "seeds", 0, "how many seeds, from 0 (default: 5 of -rank, 3 of -recipes, 1 of -tune)")
	flag.StringVar(&w.log, "log", "", "log of every training (default: experiments/omniglot/ranking.jsonl of -rank, recipe.jsonl beside it of -tune, log.jsonl in -runs)")
	flag.StringVar(&w.runs, "runs", "runs/recipes", "directory of the recipes' runs")
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

// job is one of the three things to measure.
type job interface {
	run(context.Context, *logFile) error // measures what the log does not have
	has(entry) bool                      // whether a line of the log belongs to it
	table(*logFile) string               // of what the log has
}

// do measures what is asked for, and writes its table.
func (w words) do(ctx context.Context) error {
	chosen, heading, log, err := w.job()
	if err != nil {
		return err
	}
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

// job returns what is asked for, the heading of its section, and where its log is by default.
func (w words) job() (j job, heading, log string, err error) {
	modes := 0
	for _, mode := range []bool{w.rank, w.tune, w.recipes != ""} {
		if mode {
			modes++
		}
	}
	switch {
	case modes != 1 || flag.NArg() > 0:
		return nil, "", "", fmt.Errorf("want one of -rank, -recipes NAMES and -tune: see `go doc ./experiments/omniglot`")
	case w.steps < 0:
		return nil, "", "", fmt.Errorf("-steps must be at least 1, got %d", w.steps)
	case w.losses != "" && !w.rank:
		return nil, "", "", fmt.Errorf("-losses is for -rank")
	case w.recipes != "":
		names := strings.Split(w.recipes, ",")
		return recipes{names, cmp.Or(w.seeds, 3), w.steps, w.runs}, "Recipes on Omniglot", filepath.Join(w.runs, "log.jsonl"), nil
	case w.tune:
		return variation{cmp.Or(w.seeds, 1), cmp.Or(w.steps, 1400)}, "Variants of " + tunedRecipe, "experiments/omniglot/recipe.jsonl", nil
	}
	names, err := lossNames(w.losses)
	return ranking{names, cmp.Or(w.seeds, 5), cmp.Or(w.steps, 300)}, "Losses ranked on Omniglot", "experiments/omniglot/ranking.jsonl", err
}

// lossNames returns the losses of a list, or of the whole catalogue if it is empty.
func lossNames(list string) ([]string, error) {
	var all []string
	for _, entry := range losses.Catalogue() {
		all = append(all, entry.Name)
	}
	if list == "" {
		return all, nil
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("unknown loss %q: %s", name, suggest.For(name, all))
		}
	}
	return names, nil
}
