package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/pkg/train"
)

// recipes are trainings of `unipair train --recipe`, measured as a user would.
type recipes struct {
	names []string
	seeds uint64
	steps int    // 0: the recipe's own, else cut short, to see that all works
	dir   string // of the runs
}

// The views of `unipair eval`.
var views = []struct {
	name  string
	words []string
}{
	{"", nil},
	{" with TTA", []string{"--tta"}},
}

const alonePhase = "alone"

// ensemblePhase returns the phase of all seeds together.
func (r recipes) ensemblePhase() string { return fmt.Sprintf("ensemble of %d", r.seeds) }

func (r recipes) key(phase, recipe string, seed uint64) key {
	return key{Phase: phase, Recipe: recipe, Seed: seed, Steps: r.steps}
}

// run trains and measures what the log does not have.
func (r recipes) run(ctx context.Context, j *journal) error {
	program, remove, err := build(ctx)
	if err != nil {
		return err
	}
	defer remove()
	for _, recipe := range r.names {
		var all []string
		for seed := range r.seeds {
			dir := filepath.Join(r.dir, fmt.Sprintf("%s-%d", recipe, seed))
			all = append(all, dir)
			if err := r.train(ctx, program, recipe, seed, dir); err != nil {
				return err
			}
			if err := r.measure(ctx, j, program, r.key(alonePhase, recipe, seed), dir); err != nil {
				return err
			}
		}
		if r.seeds > 1 {
			if err := r.measure(ctx, j, program, r.key(r.ensemblePhase(), recipe, 0), all...); err != nil {
				return err
			}
		}
	}
	return nil
}

// train trains one seed; a run that is there already, or in part, is the program's own affair.
func (r recipes) train(ctx context.Context, program, recipe string, seed uint64, dir string) error {
	words := []string{"train", "--recipe", recipe, "--seed", strconv.FormatUint(seed, 10), "--out", dir}
	if r.steps > 0 {
		words = append(words, "--steps", strconv.Itoa(r.steps))
	}
	_, err := call(ctx, program, words...)
	return err
}

// measure asks the official runs of networks, which are an ensemble if they are several, without and with further views.
func (r recipes) measure(ctx context.Context, j *journal, program string, k key, dirs ...string) error {
	phase := k.Phase
	for _, view := range views {
		k.Phase = phase + view.name
		err := j.once(k, func() (scores, error) {
			run, err := recipe.Read(filepath.Join(dirs[0], recipe.FileName))
			if err != nil {
				return scores{}, err
			}
			words := append([]string{"eval", "--data", run.Data, "--json"}, view.words...)
			seconds := 0.0
			for _, dir := range dirs {
				took, err := trainingSeconds(dir)
				if err != nil {
					return scores{}, err
				}
				words, seconds = append(words, "--checkpoint", dir), seconds+took
			}
			text, err := call(ctx, program, words...)
			if err != nil {
				return scores{}, err
			}
			found, err := readEvaluation(text)
			found.TrainingSeconds = tenths(seconds)
			return found, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readEvaluation reads what `unipair eval --json` says.
func readEvaluation(text []byte) (scores, error) {
	var said struct {
		scores
		Intervals map[string][2]float64 `json:"intervals_95"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return scores{}, fmt.Errorf("unipair eval wrote what is no JSON: %w", err)
	}
	interval, ok := said.Intervals["one_shot_error"]
	if !ok {
		return scores{}, fmt.Errorf("unipair eval measured no one-shot error")
	}
	said.Interval = &interval
	return said.scores, nil
}

// trainingSeconds returns how long the steps of a run took, breaks left out, from one to the next: what starting and compiling take is not in it.
func trainingSeconds(dir string) (float64, error) {
	manifest, err := train.ReadManifest(dir)
	if err != nil {
		return 0, err
	}
	history, err := train.ReadHistory(dir)
	if err != nil {
		return 0, err
	}
	batch, seconds := float64(manifest.Config.Classes*manifest.Config.PerClass), 0.0
	for _, record := range history {
		if record.ImagesPerSecond > 0 { // a run's first has none
			seconds += batch / record.ImagesPerSecond
		}
	}
	return seconds, nil
}

// build makes the program of this tree.
func build(ctx context.Context) (program string, remove func(), err error) {
	root, err := repository.Root()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "unipair-recipes-")
	if err != nil {
		return "", nil, err
	}
	program = filepath.Join(dir, "unipair")
	command := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/unipair")
	command.Dir, command.Stderr = root, os.Stderr
	if err := command.Run(); err != nil {
		os.RemoveAll(dir)
		return "", nil, fmt.Errorf("go build: %w", err)
	}
	return program, func() { os.RemoveAll(dir) }, nil
}

// call runs the program and returns what it wrote. When ctx ends it is interrupted, not killed, so that it keeps a checkpoint.
func call(ctx context.Context, program string, words ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, program, words...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, os.Stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("unipair %s: %w", strings.Join(words, " "), err)
	}
	return out.Bytes(), nil
}

// has reports whether a line of the log belongs to the table.
func (r recipes) has(e entry) bool {
	return slices.Contains(r.names, e.Recipe) && e.Steps == r.steps && e.Seed < r.seeds
}

// table returns a line per seed, then their mean and the ensemble, of each recipe.
func (r recipes) table(j *journal) string {
	var text strings.Builder
	text.WriteString("| recipe | | one-shot error, % | 95 % over the runs | with TTA | 95 % over the runs | precision@1, % | MAP@R, % | training, minutes |\n" +
		"|---|---|---|---|---|---|---|---|---|\n")
	on := ""
	for _, recipe := range r.names {
		var plain, viewed []entry
		for seed := range r.seeds {
			a, ok := j.find(r.key(alonePhase, recipe, seed))
			b, also := j.find(r.key(alonePhase+views[1].name, recipe, seed))
			if ok && also {
				plain, viewed, on = append(plain, a), append(viewed, b), a.RetrievalOn
				text.WriteString(line(recipe, fmt.Sprintf("seed %d", seed), a, b))
			}
		}
		if len(plain) == 0 {
			continue
		}
		column := func(of []entry, score func(entry) float64) string { return spread(each(of, score)) }
		fmt.Fprintf(&text, "| %s | **mean ± sd** | **%s** | | **%s** | | %s | %s | %.1f |\n", recipe,
			column(plain, func(e entry) float64 { return e.OneShotError }), column(viewed, func(e entry) float64 { return e.OneShotError }),
			column(plain, func(e entry) float64 { return e.PrecisionAt1 }), column(plain, func(e entry) float64 { return e.MAPAtR }),
			mean(each(plain, func(e entry) float64 { return e.TrainingSeconds }))/60)
		a, ok := j.find(r.key(r.ensemblePhase(), recipe, 0))
		b, also := j.find(r.key(r.ensemblePhase()+views[1].name, recipe, 0))
		if ok && also {
			text.WriteString(line(recipe, r.ensemblePhase(), a, b))
		}
	}
	for _, known := range [][2]string{
		{"raw pixels", "76"}, {"modified Hausdorff distance", "38.8"}, {"deep convnet (Lake et al. 2015), this training set", "24.0"},
		{"BPL (Lake et al. 2015), this training set", "4.3"}, {"people", "4.5"},
	} {
		fmt.Fprintf(&text, "| *%s* | | *%s* | | | | | | |\n", known[0], known[1])
	}
	fmt.Fprintf(&text, recipeNotes, on)
	return text.String()
}

// line returns the row of a network, or of an ensemble, without and with further views.
func line(recipe, what string, plain, viewed entry) string {
	return fmt.Sprintf("| %s | %s | %.2f | %.1f – %.1f | %.2f | %.1f – %.1f | %.1f | %.1f | %.1f |\n", recipe, what,
		100*plain.OneShotError, 100*plain.Interval[0], 100*plain.Interval[1],
		100*viewed.OneShotError, 100*viewed.Interval[0], 100*viewed.Interval[1],
		100*plain.PrecisionAt1, 100*plain.MAPAtR, plain.TrainingSeconds/60)
}

const recipeNotes = `
20-way error on the 20 official one-shot runs, of ten alphabets never seen, after training on background small 1 alone. The standard
deviation is over seeds, the interval over the 20 runs (bootstrap): one is of another training, the other of other trials, and it does not
shrink with more seeds. TTA: the mean of nine views of each image, set beforehand. Retrieval (without TTA) is among %s; where
a character has two images there, MAP@R is precision@1. Minutes are those of the steps by the clock, starting and compiling
apart, and of what else the machine did; an ensemble's are the sum. Recipes were chosen without the official runs; omniglot-35 on the new characters of small 2, so that retrieval among those, where
small 2 is there, is of what it was chosen by.
`
