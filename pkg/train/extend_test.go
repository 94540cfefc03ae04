package train_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// sameRun checks that two runs are the same, bit for bit, but for how fast they were.
func sameRun(t *testing.T, about string, got, want *train.Result) {
	t.Helper()
	if len(got.History) != len(want.History) || got.Step != want.Step || got.Best != want.Best {
		t.Fatalf("%s: %d records to step %d, best %+v; want %d, %d, %+v", about, len(got.History), got.Step, got.Best, len(want.History), want.Step, want.Best)
	}
	for i := range want.History {
		a, b := got.History[i], want.History[i]
		a.ImagesPerSecond, b.ImagesPerSecond = 0, 0
		if a != b {
			t.Errorf("%s: step %d is %+v, want %+v", about, i+1, a, b)
		}
	}
	if !slices.Equal(embed(t, got.Embedder).Embeddings, embed(t, want.Embedder).Embeddings) {
		t.Errorf("%s: the network is another", about)
	}
}

// More steps where the learning rate does not go by their number are the run of that length, whether the shorter one ended or was
// stopped; so are fewer, down to what is done.
func TestMoreSteps(t *testing.T) {
	b := backendtest.Go(t)
	for about, change := range map[string]func(c *train.Config){
		"constant": func(c *train.Config) { c.Schedule, c.Augment = train.ScheduleConstant, data.DefaultAugment() },
		"drops": func(c *train.Config) {
			c.Schedule, c.DropEvery, c.DropFactor, c.Average = train.ScheduleDrops, 2, 0.5, 0.9
			c.Loss, c.Optimizer, c.Momentum = "am-softmax", train.OptimizerSGD, 0.9
		},
		"validated": func(c *train.Config) {
			c.Schedule, c.Classes, c.Validation = train.ScheduleConstant, 3, train.Validation{Fraction: 0.4, Every: 2}
		},
		"stopped early": func(c *train.Config) {
			c.Schedule, c.Classes, c.Validation, c.LearningRate = train.ScheduleConstant, 3, train.Validation{Fraction: 0.4, Every: 1, Patience: 2}, 1e-12
		},
	} {
		c := tiny()
		c.Warmup = 1
		change(&c)
		c.Steps = 8
		whole := run(t, b, c, train.Options{})
		dir := t.TempDir()
		c.Steps = 4
		run(t, b, c, train.Options{Dir: dir})
		c.Steps = 8
		longer := run(t, b, c, train.Options{Dir: dir})
		if about != "stopped early" && longer.Resumed != 4 {
			t.Errorf("%s: resumed after %d, want 4", about, longer.Resumed)
		}
		sameRun(t, about, longer, whole)
		if m, err := train.ReadManifest(dir); err != nil || m.Step != longer.Step {
			t.Errorf("%s: the checkpoint is of step %d, %v", about, m.Step, err)
		}
	}
}

// A run that is to have fewer or more steps than it can says which, why, and what can be asked for.
func TestStepsThatCannotBe(t *testing.T) {
	b := backendtest.Go(t)
	validated := func(c *train.Config) {
		c.Schedule, c.Classes, c.Validation = train.ScheduleConstant, 3, train.Validation{Fraction: 0.4, Every: 3}
	}
	for _, try := range []struct {
		about  string
		change func(c *train.Config)
		asked  int
		want   []string
	}{
		{"cosine, more", func(*train.Config) {}, 9, []string{"holds a run of 4 steps, of which 4 are done, and 9 are asked for", "learning rate falls with the part of all steps", "ask for 4", "constant or drops"}},
		{"cosine, fewer", func(*train.Config) {}, 3, []string{"of which 4 are done, and 3 are asked for", "cannot be taken back: ask for 4"}},
		{"constant, fewer", func(c *train.Config) { c.Schedule = train.ScheduleConstant }, 3, []string{"cannot be taken back: ask for 4"}},
		{"validated out of turn", validated, 9, []string{"validated after its last step, 4", "every 3 steps: ask for 4"}},
		{"and another loss", func(c *train.Config) { c.Schedule = train.ScheduleConstant }, 9, []string{"holds another run (loss is circle, not triplet)"}},
		{"cosine and another loss", func(*train.Config) {}, 9, []string{"holds another run (loss is circle, not triplet; steps is 4, not 9: its learning rate falls with the part"}},
		{"another warm-up", func(c *train.Config) { c.Schedule = train.ScheduleConstant }, 9, []string{"warmed up over 1 steps, and one of 9 steps would over 8: to make it longer ask for the same (--warmup 1)"}},
	} {
		c, dir := tiny(), t.TempDir()
		c.Steps, c.Warmup = 4, 1
		try.change(&c)
		run(t, b, c, train.Options{Dir: dir})
		c.Steps = try.asked
		if strings.Contains(try.about, "another loss") {
			c.Loss = "triplet"
		}
		if try.about == "another warm-up" {
			c.Warmup = 8
		}
		_, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir, Progress: func(train.Record) { t.Errorf("%s: a step was done", try.about) }})
		for _, want := range append(try.want, "another directory") {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one with %q", try.about, err, want)
			}
		}
	}
	// One that was stopped may end earlier than it was to, at a constant rate.
	c, dir := tiny(), t.TempDir()
	c.Schedule, c.Warmup, c.Steps = train.ScheduleConstant, 0, 3
	whole := run(t, b, c, train.Options{})
	c.Steps = 100
	ctx, options := interrupt(dir, 2)
	if _, err := train.Run(ctx, b, c, bars, options); err == nil {
		t.Fatal("was not interrupted")
	}
	c.Steps = 3
	sameRun(t, "fewer than it was to have", run(t, b, c, train.Options{Dir: dir}), whole)
}
