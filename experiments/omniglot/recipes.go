package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/internal/rundir"
	"github.com/unipair/unipair/pkg/train"
)

// recipes are trainings of `unipair train --recipe`, measured as a user would.
type recipes struct {
	names []string
	seeds uint64
	steps int    // 0: the recipe's own, else cut short, to see that all works
	dir   string // of the runs
}

// phases lists what is measured of networks: each image seen once, and in further ways too.
var phases = []struct {
	name  string
	views bool
}{
	{"", false},
	{" with TTA", true},
}

const alonePhase = "alone"

// ensemblePhase returns the phase of all seeds together.
func (r recipes) ensemblePhase() string { return fmt.Sprintf("ensemble of %d", r.seeds) }

func (r recipes) key(phase, recipe string, seed uint64) key {
	return key{Phase: phase, Recipe: recipe, Seed: seed, Steps: r.steps}
}

// run trains and measures what the log does not have.
func (r recipes) run(ctx context.Context, j *logFile) error {
	device, line, err := backend.Open()
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, line)
	for _, name := range r.names {
		var all []string
		for seed := range r.seeds {
			dir := filepath.Join(r.dir, fmt.Sprintf("%s-%d", name, seed))
			all = append(all, dir)
			if err := r.train(ctx, device, name, seed, dir); err != nil {
				return err
			}
			if err := r.measure(ctx, j, device, r.key(alonePhase, name, seed), dir); err != nil {
				return err
			}
		}
		if r.seeds > 1 {
			if err := r.measure(ctx, j, device, r.key(r.ensemblePhase(), name, 0), all...); err != nil {
				return err
			}
		}
	}
	return nil
}

// train trains one seed as `unipair train --recipe` does; a run that is there already, or in part, goes on.
func (r recipes) train(ctx context.Context, device compute.Backend, name string, seed uint64, dir string) error {
	run, err := recipe.Find(name)
	if err != nil {
		return err
	}
	run.Seed, run.Steps = seed, cmp.Or(r.steps, run.Steps)
	set, err := datasets.Find(run.Data)
	if err != nil {
		return err
	}
	job, err := rundir.Open(run, set, dir, train.Options{}, os.Stderr)
	if err != nil {
		return err
	}
	_, err = job.Train(ctx, device)
	return err
}

// measure asks the official runs of networks, which are an ensemble if they are several, without and with further views.
func (r recipes) measure(ctx context.Context, j *logFile, device compute.Backend, k key, dirs ...string) error {
	alone := k.Phase
	for _, phase := range phases {
		k.Phase = alone + phase.name
		err := j.once(k, func() (scores, error) { return evaluate(ctx, device, phase.views, dirs) })
		if err != nil {
			return err
		}
	}
	return nil
}

// evaluate measures networks on the data of the first, as `unipair eval` does.
func evaluate(ctx context.Context, device compute.Backend, views bool, dirs []string) (scores, error) {
	run, err := recipe.Read(filepath.Join(dirs[0], recipe.FileName))
	if err != nil {
		return scores{}, err
	}
	set, err := datasets.Find(run.Data)
	if err != nil {
		return scores{}, err
	}
	seconds := 0.0
	for _, dir := range dirs {
		took, err := trainingSeconds(dir)
		if err != nil {
			return scores{}, err
		}
		seconds += took
	}
	networks, err := ensemble.Read(dirs, views)
	if err != nil {
		return scores{}, err
	}
	members, err := networks.Load(device)
	if err != nil {
		return scores{}, err
	}
	o := evaluation.DefaultOptions()
	o.Learnt, o.Backend = networks.Learnt(), device
	o.Data, _ = progress.OfData(os.Stderr, false)
	measured, err := evaluation.Run(ctx, members, set, o)
	if err != nil {
		return scores{}, err
	}
	found, err := scoresOf(measured)
	found.TrainingSeconds = tenths(seconds)
	return found, err
}

// scoresOf returns what a log keeps of an evaluation.
func scoresOf(r evaluation.Result) (scores, error) {
	oneShot, ok := r.Metric("one_shot_error")
	if !ok || oneShot.Interval == nil {
		return scores{}, fmt.Errorf("no one-shot error was measured")
	}
	precision, _ := r.Metric("precision_at_1")
	mapAtR, _ := r.Metric("map_at_r")
	return scores{
		OneShotError: oneShot.Value, Interval: &[2]float64{oneShot.Interval.Low, oneShot.Interval.High},
		PrecisionAt1: precision.Value, MAPAtR: mapAtR.Value, RetrievalOn: r.RetrievalOn,
	}, nil
}

// trainingSeconds returns how long the steps of a run took, breaks left out, from one to the next: what starting and compiling take is
// not in it.
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

// has reports whether a line of the log belongs to the table.
func (r recipes) has(e entry) bool {
	return slices.Contains(r.names, e.Recipe) && e.Steps == r.steps && e.Seed < r.seeds
}

// table returns a line per seed, then their mean and the ensemble, of each recipe.
func (r recipes) table(j *logFile) string {
	var text strings.Builder
	text.WriteString("| recipe | | one-shot error, % | 95 % over the runs | with TTA | 95 % over the runs | precision@1, % | MAP@R, % | " +
		"training, minutes |\n" +
		"|---|---|---|---|---|---|---|---|---|\n")
	on := ""
	for _, recipe := range r.names {
		var plain, viewed []entry
		for seed := range r.seeds {
			a, ok := j.find(r.key(alonePhase, recipe, seed))
			b, also := j.find(r.key(alonePhase+phases[1].name, recipe, seed))
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
		b, also := j.find(r.key(r.ensemblePhase()+phases[1].name, recipe, 0))
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
apart, and of what else the machine did; an ensemble's are the sum. Recipes were chosen without the official runs; omniglot-35 on the
new characters of small 2, so that retrieval among those, where small 2 is there, is of what it was chosen by.
`
