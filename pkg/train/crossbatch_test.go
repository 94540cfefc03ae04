package train_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// goesOn checks that a run which is interrupted after some steps ends as one without a break, bit for bit.
func goesOn(t *testing.T, about string, b compute.Backend, c train.Config, set data.Dataset, after ...int) {
	t.Helper()
	whole, err := train.Run(t.Context(), b, c, set, train.Options{})
	if err != nil {
		t.Fatalf("%s: %v", about, err)
	}
	for _, step := range after {
		dir := t.TempDir()
		ctx, options := interrupt(dir, step)
		if _, err := train.Run(ctx, b, c, set, options); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", about, err)
		}
		resumed, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir})
		if err != nil {
			t.Fatalf("%s: %v", about, err)
		}
		if resumed.Resumed != step {
			t.Errorf("%s: resumed after %d, want %d", about, resumed.Resumed, step)
		}
		sameRun(t, about, resumed, whole)
	}
}

// A run with a memory goes on bit for bit, in its warm-up and after it.
func TestMemoryGoesOn(t *testing.T) {
	for about, c := range map[string]struct {
		set    data.Dataset
		change func(c *train.Config)
	}{
		"plain":      {bars, func(*train.Config) {}},
		"triplet":    {bars, func(c *train.Config) { c.Loss, c.Average = "triplet", 0.9 }},
		"in pieces":  {bars, func(c *train.Config) { c.Pieces, c.FrozenNorm = 2, true }},
		"few images": {newUneven(2, 2, 2, 2), func(c *train.Config) {}},
		"view pairs": {newUneven(1, 1, 1, 1), func(c *train.Config) { c.ViewPairs = true }},
	} {
		config := tiny()
		config.Steps, config.CrossBatch, config.CrossBatchWarmup, config.Augment = 7, 30, 3, data.DefaultAugment()
		c.change(&config)
		goesOn(t, about, backendtest.Go(t), config, c.set, 2, 5)
	}
}

// The memory is looked at after its warm-up, which is that of the learning rate unless it is said; before, a batch is compared with itself.
func TestMemoryWarmsUpInTraining(t *testing.T) {
	b := backendtest.Go(t)
	losses := func(slots, warmup int) (all []float64) {
		c := tiny()
		c.Steps, c.Warmup, c.CrossBatch, c.CrossBatchWarmup = 6, 2, slots, warmup
		for _, record := range run(t, b, c, train.Options{}).History {
			all = append(all, record.Loss)
		}
		return all
	}
	none, late, byDefault := losses(0, 0), losses(36, 5), losses(36, 0)
	if math.Abs(none[0]-late[0]) > 1e-6*none[0] {
		t.Errorf("the first loss is %g with a memory that is not looked at, %g without one", late[0], none[0])
	}
	for i := range late {
		if same := late[i] == byDefault[i]; same != (i < 2) {
			t.Errorf("step %d: losses %g, %g: the warm-up must be 2 steps", i+1, late[i], byDefault[i])
		}
	}
}

func TestMemoryRefuses(t *testing.T) {
	for want, change := range map[string]func(c *train.Config){
		"a memory must have 0 (none) to":              func(c *train.Config) { c.CrossBatch = -1 },
		"must hold a batch of 4 × 3 images, got 11":   func(c *train.Config) { c.CrossBatch = 11 },
		"am-softmax compares with class weights":      func(c *train.Config) { c.Loss = "am-softmax" },
		"which a memory does not have":                func(c *train.Config) { c.Loss = "histogram" },
		"a predictor foretells the batch":             func(c *train.Config) { c.Predictor = 4 },
		"a loss in blocks of the batch has no memory": func(c *train.Config) { c.Streamed = true },
		"or it is never looked at; got 24 of 24":      func(c *train.Config) { c.CrossBatchWarmup = 24 },
		"give that too, or leave the warm-up 0":       func(c *train.Config) { c.CrossBatch, c.CrossBatchWarmup = 0, 2 },
	} {
		c := tiny()
		c.CrossBatch = 24
		change(&c)
		if _, err := train.Run(t.Context(), backendtest.Go(t), c, bars, train.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	c := tiny()
	c.CrossBatch = 24
	_, err := train.Run(t.Context(), backendtest.FourDevices(t), c, bars, train.Options{Devices: 2})
	if want := "a memory is for one device, not 2"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
