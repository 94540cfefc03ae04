package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/compare"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/pkg/train"
)

// words holds what the command line says.
type words struct{ tables, in, runs, results, page, commit string }

func main() {
	var w words
	flag.StringVar(&w.tables, "tables", strings.Join(names(), ","), "tables to make, in this order")
	flag.StringVar(&w.in, "in", ".", "`folder` with emoji and efficientnet-lite0.onnx, for the tables of emoji")
	flag.StringVar(&w.runs, "runs", "runs/which", "`folder` of the trainings")
	flag.StringVar(&w.results, "results", "notebooks/which", "`folder` that gets a file of JSON per table")
	flag.StringVar(&w.page, "page", "experiments/RESULTS.md", "Markdown `file` that gets a section per table")
	flag.StringVar(&w.commit, "commit", results.Commit("."), "what the trainings in -runs are of, if another `commit` than this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := w.make(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "experiments/which:", err)
		os.Exit(1)
	}
}

func names() (all []string) {
	for _, t := range tables {
		all = append(all, t.name)
	}
	return all
}

// make makes the tables that are asked for.
func (w words) make(ctx context.Context) error {
	var asked []table
	for name := range strings.SplitSeq(w.tables, ",") {
		i := slices.Index(names(), name)
		if i < 0 {
			return fmt.Errorf("-tables: unknown table %q: %s", name, suggest.For(name, names()))
		}
		asked = append(asked, tables[i])
	}
	for _, place := range []*string{&w.runs, &w.results, &w.page} {
		var err error
		if *place, err = filepath.Abs(*place); err != nil {
			return err
		}
	}
	if err := os.Chdir(w.in); err != nil { // so that the tables name the data without where they lie here
		return err
	}
	device, line, err := backend.Open()
	if err != nil {
		return err
	}
	for _, t := range asked {
		if err := w.publish(ctx, device, line, t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// publish makes a table, or goes on with it, and writes it.
func (w words) publish(ctx context.Context, device compute.Backend, line string, t table) error {
	settings, err := w.settings(t)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", t.name, t.heading)
	from, _ := progress.OfData(os.Stderr, false)
	result, err := compare.Make(ctx, device, filepath.Join(w.runs, t.name), settings, from, os.Stderr)
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := result.WriteMarkdown(&text); err != nil {
		return err
	}
	if t.some != nil {
		fmt.Fprintf(&text, "- Losses: %s. Which is best says the validation of the table %s, not its test.\n\n", t.why, t.after)
	}
	section := results.Section{
		Subject: t.name, Heading: t.heading, Command: "go run ./experiments/which -tables " + t.name, Machine: results.Machine(line, "commit "+w.commit),
		Table: text.String(), Rows: result,
	}
	written, err := json.Marshal(section)
	if err != nil {
		return err
	}
	if err := file.WriteBytes(filepath.Join(w.results, t.name+".json"), append(written, '\n')); err != nil {
		return err
	}
	return results.Replace(w.page, t.heading, section.Text())
}

// settings returns what `unipair compare` asks for by the flags --data, --losses and --steps alone, or with those of a network.
func (w words) settings(t table) (compare.Settings, error) {
	all, err := compare.Chosen("all")
	s := compare.Settings{Data: t.data, Losses: all, Trials: t.trials, Seeds: t.seeds, Config: train.DefaultConfig()}
	s.Config.Loss, s.Config.Steps = "", t.steps
	if t.change != nil {
		t.change(&s.Config)
	}
	if t.some != nil && err == nil {
		var before struct {
			Rows compare.Result `json:"rows"`
		}
		var text []byte
		if text, err = file.Read(filepath.Join(w.results, t.after+".json"), 1<<24); err == nil {
			err = json.Unmarshal(text, &before)
		}
		if err != nil {
			return s, fmt.Errorf("its losses are chosen by the table %s: make that first: %w", t.after, err)
		}
		s.Losses = t.some(before.Rows)
	}
	return s, err
}
