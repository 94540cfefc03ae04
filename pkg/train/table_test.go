package train_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

func classLevel(loss string) train.Config {
	c := tiny()
	c.Loss, c.Steps = loss, 6
	return c
}

func inBlocks(c train.Config) train.Config {
	c.ClassBlock = 3
	return c
}

// Blocks of classes, and a sample of all of them, learn what all classes at once learn. Of 8 classes, 3 at a time are not even.
func TestTablesLearnTheSame(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, loss := range []string{"am-softmax", "sub-center-arcface"} {
			if b.Name() == "xla" && loss != "am-softmax" {
				continue // compiling takes seconds, and the graphs are made of the same operations
			}
			c := classLevel(loss)
			want := run(t, b, c, train.Options{}).History
			alike(t, loss+", in blocks", run(t, b, inBlocks(c), train.Options{}).History, want)
			c.ClassSample.Ratio = 1
			alike(t, loss+", all sampled", run(t, b, c, train.Options{}).History, want)
			if b.Name() != "xla" {
				c.Optimizer, c.Momentum, c.LearningRate, c.ClassLearningRate = train.OptimizerSGD, 0.9, 0.1, 0.1
				alike(t, loss+", all sampled, by SGD", run(t, b, c, train.Options{}).History, bySGD(t, b, c))
				c.ClassSample.Ratio = 0
				alike(t, loss+", in blocks, by SGD", run(t, b, inBlocks(c), train.Options{}).History, bySGD(t, b, c))
				c = classLevel(loss)
				c.ClassSample.Ratio = 1
				c.ClassSample.Unbiased = true
				alike(t, loss+", all sampled, unbiased", run(t, b, c, train.Options{}).History, want)
			}
		}
	})
}

// bySGD is the same run with all classes at once.
func bySGD(t *testing.T, b compute.Backend, c train.Config) []train.Record {
	t.Helper()
	c.ClassSample = train.ClassSample{}
	return run(t, b, c, train.Options{}).History
}

// A checkpoint of a table goes on bit for bit.
func TestTablesResume(t *testing.T) {
	b := backendtest.Go(t)
	for name, change := range map[string]func(*train.Config){
		"blocks":  func(c *train.Config) { c.ClassBlock = 3 },
		"samples": func(c *train.Config) { c.ClassSample = train.ClassSample{Ratio: 0.6, Unbiased: true} },
	} {
		c := classLevel("circle")
		c.Labels = losses.ClassLabels
		change(&c)
		want := run(t, b, c, train.Options{}).History
		dir := t.TempDir()
		ctx, options := interrupt(dir, 3)
		if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want that the run was cancelled", err)
		}
		for i, record := range run(t, b, c, train.Options{Dir: dir}).History {
			if record.Loss != want[i].Loss {
				t.Errorf("%s, step %d: loss %v, want %v", name, i+1, record.Loss, want[i].Loss)
			}
		}
	}
}

// A step over 5 of 8 classes moves the weights of 5, and counts it for them.
func TestSampledStepMovesItsRows(t *testing.T) {
	c, dir := classLevel("am-softmax"), t.TempDir()
	c.Steps, c.Warmup = 1, 0
	c.ClassSample.Ratio = 0.6
	run(t, backendtest.Go(t), c, train.Options{Dir: dir})
	store := model.NewStore()
	found, err := filepath.Glob(filepath.Join(dir, "step-*"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if _, err := checkpoint.Load(store).Dir(found[0]).ExcludeAllParams().Immediate().Done(); err != nil {
		t.Fatal(err)
	}
	numbers := func(path string) []float32 {
		value, err := store.GetVariable(path).Value()
		if err != nil {
			t.Fatal(err)
		}
		return tensors.MustCopyFlatData[float32](value)
	}
	moved := 0
	for class, steps := range numbers("/adamw/steps/classes/weights") {
		means := numbers("/adamw/first/classes/weights")[class*c.Dim : (class+1)*c.Dim]
		still := !slices.ContainsFunc(means, func(x float32) bool { return x != 0 })
		if still != (steps == 0) {
			t.Errorf("class %d: %g steps, means %v", class, steps, means)
		}
		if !still {
			moved++
		}
	}
	if moved != 5 {
		t.Errorf("%d classes moved, want 5", moved)
	}
}

func TestTablesOverDevices(t *testing.T) {
	b, c := backendtest.FourDevices(t), classLevel("am-softmax")
	c.ClassSample.Ratio = 0.75 // 6 of 8
	want := run(t, b, c, train.Options{}).History
	alike(t, "sampled, 2 devices", run(t, b, c, train.Options{Devices: 2}).History, want)
}

func TestTablesRefuse(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*train.Config, *train.Options)
		want   string
	}{
		{
			"a sample for pairs", func(c *train.Config, _ *train.Options) { c.Loss, c.ClassSample.Ratio = "circle", 0.5 },
			"classes are sampled for class-level labels, and circle has pair-wise ones",
		},
		{"a ratio above 1", func(c *train.Config, _ *train.Options) { c.ClassSample.Ratio = 2 }, "Ratio must be in (0, 1], got 2"},
		{
			"unbiased without a ratio", func(c *train.Config, _ *train.Options) { c.ClassSample.Unbiased = true },
			"Ratio must be in (0, 1], got 0",
		},
		{"unbiased without a sum", func(c *train.Config, _ *train.Options) {
			c.Loss, c.ClassSample = "p2sgrad", train.ClassSample{Ratio: 0.5, Unbiased: true}
		}, "p2sgrad has no unbiased sample of classes"},
		{
			"a sample smaller than a batch", func(c *train.Config, _ *train.Options) { c.ClassSample.Ratio = 0.2 },
			"a batch of 4 classes does not fit into 2, 0.2 of 8",
		},
		{
			"a block below none", func(c *train.Config, _ *train.Options) { c.ClassBlock = -1 },
			"ClassBlock must be 0 (chosen) or more classes, got -1",
		},
		{
			"blocks for pairs", func(c *train.Config, _ *train.Options) { c.Loss, c.ClassBlock = "circle", 3 },
			"classes are taken in blocks for class-level labels, and circle has pair-wise ones",
		},
		{"clipping in blocks", func(c *train.Config, _ *train.Options) { c.ClipNorm, c.ClassBlock = 1, 3 }, "leave ClipNorm 0"},
		{
			"blocks of a sample", func(c *train.Config, _ *train.Options) { c.ClassSample.Ratio, c.ClassBlock = 1, 3 },
			"leave ClassBlock or ClassSample 0",
		},
		{
			"blocks of a loss without sums", func(c *train.Config, _ *train.Options) { c.Loss, c.ClassBlock = "p2sgrad", 3 },
			"losses.P2SGrad cannot be put together from blocks of classes",
		},
		{
			"blocks over devices", func(c *train.Config, o *train.Options) { c.ClassBlock, o.Devices = 3, 2 },
			"a loss over blocks of 3 classes is for one device, not 2",
		},
	} {
		c, options := classLevel("am-softmax"), train.Options{}
		test.change(&c, &options)
		b := backendtest.Go(t)
		if options.Devices > 1 {
			b = backendtest.FourDevices(t)
		}
		_, err := train.Run(t.Context(), b, c, bars, options)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.want)
		}
	}
}
