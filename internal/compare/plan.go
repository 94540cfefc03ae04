package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// measuredSteps are those by which a plan measures the time of one; the first compiles, and does not count.
const measuredSteps = 6

// spare is the share of the minutes that a plan leaves for the test and for what is slower than measured.
const spare = 0.1

// cost holds what a training of one loss takes.
type cost struct {
	step    time.Duration
	compile time.Duration // once per setting
	prepare time.Duration // of each training: reading images, making variables
}

// plan returns how many steps each training has: those asked for, or those that the minutes have room for. It says so before anything is
// begun. No loss is left out: too few minutes are an error.
func (c *Comparison) plan(ctx context.Context, backend compute.Backend) (steps int, err error) {
	s := c.settings
	n := len(s.Losses) * (s.Trials + s.Seeds)
	say := func(steps int, time string) {
		fmt.Fprintf(c.to, "%d losses × (%d trials + %d seeds) = %d trainings of %d steps%s; %s\n", len(s.Losses), s.Trials, s.Seeds, n, steps, time,
			c.pictures)
	}
	if s.Minutes == 0 {
		say(s.Config.Steps, "")
		return s.Config.Steps, nil
	}
	began := time.Now()
	fmt.Fprintf(c.to, "measuring a step of each of %d losses, to plan %g minutes\n", len(s.Losses), s.Minutes)
	costs := make([]cost, len(s.Losses))
	for i, loss := range s.Losses {
		if costs[i], err = c.measure(ctx, backend, loss); err != nil {
			return 0, err
		}
	}
	validation, err := c.measureValidation(backend)
	if err != nil {
		return 0, err
	}
	budget := time.Duration(s.Minutes*float64(time.Minute)) - time.Since(began)
	least := s.least()
	steps, whole := planned(costs, validation, s.Trials, s.Seeds, least, budget)
	if steps < least {
		return 0, usage.Errorf("compare: --minutes %g leave no time for %d steps of each of the %d trainings, which take %.1f: give more minutes, or "+
			"fewer losses, trials or seeds", s.Minutes, least, n, (time.Since(began) + whole).Minutes())
	}
	say(steps, fmt.Sprintf(", about %s, measured in %s", progress.Words(whole), progress.Words(time.Since(began))))
	return steps, nil
}

// planned returns how many steps trainings may have within a budget, and how long all then take. Where they are fewer than the least, it is
// how long the least take.
func planned(costs []cost, validation time.Duration, trials, seeds, least int, budget time.Duration) (steps int, whole time.Duration) {
	var fixed, perStep time.Duration
	trainings := time.Duration(trials + seeds)
	judged := time.Duration(trials*trialValidations+seeds*seedValidations) * validation
	for _, c := range costs {
		fixed += time.Duration(trials)*c.compile + trainings*c.prepare + judged
		perStep += trainings * c.step
	}
	room := time.Duration((1-spare)*float64(budget)) - fixed
	steps = int(max(0, room) / max(1, perStep))
	counted := max(steps, least)
	return steps, time.Duration(float64(fixed+time.Duration(counted)*perStep) / (1 - spare))
}

// measure takes the first steps of a training of a loss, twice: the second time nothing is compiled.
func (c *Comparison) measure(ctx context.Context, backend compute.Backend, loss string) (cost, error) {
	s := c.settings
	s.Config.Steps = s.least()
	config := s.training(loss, s.trials(loss)[0], trialSeed)
	config.Validation = train.Validation{}
	var walls [2]time.Duration
	var step time.Duration
	for i := range walls {
		began := time.Now()
		var took []time.Duration
		last := time.Time{}
		enough, stop := context.WithCancel(ctx)
		_, err := train.Run(enough, backend, config, c.parts.Train, train.Options{Compiled: c.compiled, Progress: func(r train.Record) {
			if now := time.Now(); last.IsZero() {
				last = now
			} else {
				took, last = append(took, now.Sub(last)), now
			}
			if r.Step == measuredSteps {
				stop()
			}
		}})
		stop()
		stopped := errors.Is(err, context.Canceled) && ctx.Err() == nil
		if _, failed := errors.AsType[*train.Failure](err); err != nil && !failed && !stopped {
			return cost{}, fmt.Errorf("compare: %s: %w", loss, err)
		}
		if len(took) == 0 {
			return cost{}, fmt.Errorf("compare: %s fails in its first step, so that no time can be planned: give --steps: %w", loss, err)
		}
		slices.Sort(took)
		walls[i], step = time.Since(began), took[len(took)/2]
	}
	prepare := max(0, walls[1]-measuredSteps*step)
	return cost{step: step, compile: max(0, walls[0]-walls[1]), prepare: prepare}, nil
}

// measureValidation returns how long it takes to judge a network by the validation classes.
func (c *Comparison) measureValidation(backend compute.Backend) (time.Duration, error) {
	n, err := c.settings.Config.Network.For(c.parts.Train.Format())
	if err != nil {
		return 0, err
	}
	embedder, err := c.compiled.Untrained(backend, n, trialSeed)
	if err != nil {
		return 0, err
	}
	var took time.Duration
	for range 2 { // the first compiles
		began := time.Now()
		set, err := embedder.EmbedSet(c.parts.Validation)
		if err != nil {
			return 0, err
		}
		if _, err := eval.Retrieve(set, eval.Options{RecallAt: []int{1}, Backend: backend}); err != nil {
			return 0, err
		}
		took = time.Since(began)
	}
	return took, nil
}
