package compare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Run trains and asks what the journal does not have, and returns what came of all. When ctx is done it stops between two steps; another
// Run goes on from there.
func (c *Comparison) Run(ctx context.Context, backend compute.Backend) (Result, error) {
	if err := c.forgetTrials(); err != nil {
		return Result{}, err
	}
	c.left = len(c.settings.Losses) * (c.settings.Trials + c.settings.Seeds)
	for _, line := range c.journal.Entries {
		if line.Phase != phaseTest {
			c.left--
		}
	}
	for _, loss := range c.settings.Losses {
		for i, tried := range c.settings.trials(loss) {
			if err := c.once(ctx, backend, phaseTrial, loss, tried, uint64(i)+1, trialSeed); err != nil {
				return Result{}, err
			}
		}
	}
	// Seed by seed, so that whenever it is stopped all losses have about as many.
	for seed := uint64(1); seed <= uint64(c.settings.Seeds); seed++ {
		for _, loss := range c.settings.Losses {
			if err := c.once(ctx, backend, phaseSeed, loss, c.chosen(loss).Setting, seed, seed); err != nil {
				return Result{}, err
			}
		}
	}
	if err := c.baselines(ctx, backend); err != nil {
		return Result{}, err
	}
	for _, loss := range c.settings.Losses {
		for seed := uint64(1); seed <= uint64(c.settings.Seeds); seed++ {
			err := c.tested(ctx, backend, c.parts, loss, seed, func() (evaluation.Network, error) {
				trained, err := c.compiled.Load(backend, c.runDir(phaseSeed, loss, seed))
				return c.behindFront(trained), err
			})
			if err != nil {
				return Result{}, err
			}
		}
	}
	return c.result()
}

// runDir returns the directory of a training.
func (c *Comparison) runDir(phase, loss string, number uint64) string {
	return filepath.Join(c.dir, "runs", fmt.Sprintf("%s-%s-%d", loss, phase, number))
}

// forgetTrials removes the networks of tried settings that are judged: a kill may have come between.
func (c *Comparison) forgetTrials() error {
	for _, line := range c.journal.Entries {
		if line.Phase == phaseTrial {
			if err := c.forget(line); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Comparison) forget(line Line) error {
	dir := c.runDir(line.Phase, line.Loss, line.Number)
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	if err := train.RemoveRun(dir); err != nil {
		return err
	}
	return os.Remove(dir)
}

// once trains a network, or goes on with one, unless that is in the journal.
func (c *Comparison) once(ctx context.Context, backend compute.Backend, phase, loss string, of Setting, number, seed uint64) error {
	if line, done := c.find(phase, loss, number); done {
		if line.Setting.String() != of.String() {
			return fmt.Errorf("compare: %s %d of %s in the journal had %s, and this program tries %s: go on with the program that began it, "+
				"or give another --out", phase, number, loss, line.Setting, of)
		}
		return nil
	}
	line := Line{Phase: phase, Loss: loss, Number: number, Setting: of}
	config := c.settings.training(loss, of, seed)
	what := fmt.Sprintf("%s, %s %d of %d", loss, phase, number, map[string]int{phaseTrial: c.settings.Trials, phaseSeed: c.settings.Seeds}[phase])
	steps := progress.NewGauge(c.to, "steps", 1)
	dir := c.runDir(phase, loss, number)
	_, err := train.ReadManifest(dir)
	fresh := err != nil // else how long the part took that is done is not known
	began := time.Now()
	options := train.Options{
		Dir: dir, Validation: c.parts.Validation, Compiled: c.compiled, StallEnds: true,
		Progress: func(r train.Record) { steps.Show(what+c.remaining(), int64(r.Step), int64(config.Steps)) },
	}
	options.Started = func(filled train.Config, _ data.Dataset) error { // which says how many classes a batch has
		config = filled
		return nil
	}
	result, err := train.Run(ctx, backend, config, c.parts.Train, options)
	steps.End()
	failed, is := errors.AsType[*train.Failure](err)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(c.to, "stopped in %s: %d trainings are left; the same command goes on from there\n", what, c.left)
		return ctx.Err()
	case is:
		line.Failure = failed.Why
		history, err := train.ReadHistory(dir)
		if err != nil {
			return err
		}
		line.learnt(history, config)
	case err != nil:
		return fmt.Errorf("compare: %s: %w", what, err)
	default:
		line.learnt(result.History, config)
		line.Best = Point{result.Best.Step, result.Best.Metrics.MAPAtR, result.Best.Metrics.RecallAt1}
	}
	if fresh {
		line.WallSeconds = tenths(time.Since(began).Seconds())
	}
	if err := c.append(line); err != nil {
		return err
	}
	c.left--
	if fresh {
		c.spent, c.done = c.spent+time.Since(began), c.done+1
	}
	left := "the last one"
	if c.left > 0 {
		left = fmt.Sprintf("%d %s left%s", c.left, plural(c.left, "training", "trainings"), c.remaining())
	}
	fmt.Fprintf(c.to, "%s (%s): %s; %s\n", what, of, line.came(), left)
	if phase == phaseTrial {
		best := c.chosen(loss).Set
		c.compiled.Forget(func(tried train.Config) bool { return tried.Loss == loss && !maps.Equal(tried.Set, best) })
		return c.forget(line)
	}
	return nil
}

// remaining says how long the trainings that are left will take, going by those of this call; empty before the first.
func (c *Comparison) remaining() string {
	if c.done == 0 {
		return ""
	}
	return ", about " + progress.Words(time.Duration(c.left)*c.spent/time.Duration(c.done))
}

// came says what came of a training.
func (l Line) came() string {
	if l.Failure != "" {
		return l.Failure
	}
	return fmt.Sprintf("MAP@R %s %% in validation, %.1f ms per step", percent(l.Best.MAPAtR), l.StepMilliseconds)
}

// learnt takes a training's course from its history.
func (l *Line) learnt(history []train.Record, config train.Config) {
	batch := float64(config.Classes * config.PerClass)
	var took []float64
	for _, r := range history {
		if r.ImagesPerSecond > 0 {
			took = append(took, 1/r.ImagesPerSecond)
		}
		if r.Validation != (train.Metrics{}) {
			l.Curve = append(l.Curve, Point{r.Step, r.Validation.MAPAtR, r.Validation.RecallAt1})
		}
	}
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	l.StepMilliseconds = 1000 * batch * took[len(took)/2]
	for _, seconds := range took {
		l.StepSeconds += batch * seconds
	}
	l.StepMilliseconds, l.StepSeconds = tenths(l.StepMilliseconds), tenths(l.StepSeconds)
}

func tenths(x float64) float64 { return float64(int(10*x+0.5)) / 10 }

// chosen returns the trial of a loss with the highest MAP@R in validation, the first of equal ones; all are tried. One that failed has 0.
func (c *Comparison) chosen(loss string) (best Line) {
	for i := range c.settings.Trials {
		line, _ := c.find(phaseTrial, loss, uint64(i)+1)
		if i == 0 || line.Best.MAPAtR > best.Best.MAPAtR {
			best = line
		}
	}
	return best
}

// find returns what the journal has of a training or of a test.
func (c *Comparison) find(phase, loss string, number uint64) (Line, bool) {
	i := slices.IndexFunc(c.journal.Entries, func(l Line) bool { return l.Phase == phase && l.Loss == loss && l.Number == number })
	if i < 0 {
		return Line{}, false
	}
	return c.journal.Entries[i], true
}

func (c *Comparison) append(line Line) error {
	if err := c.journal.Append(line); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}
