package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// The running mean is what the run gives, what its directory gives, and what a resumed run goes on with; without a decay to speak of
// it is the last weights.
func TestAverage(t *testing.T) {
	b, c, dir := backendtest.Go(t), tiny(), t.TempDir()
	c.Steps, c.Average = 8, 0.9
	whole := run(t, b, c, train.Options{})
	ctx, options := interrupt(dir, 3)
	if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	resumed := run(t, b, c, train.Options{Dir: dir})
	loaded, err := train.Load(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	want := embed(t, whole.Embedder).Embeddings
	if !slices.Equal(embed(t, resumed.Embedder).Embeddings, want) || !slices.Equal(embed(t, loaded).Embeddings, want) {
		t.Error("resumed or loaded, the running mean is another")
	}
	c.Average = 0
	plain := run(t, b, c, train.Options{})
	if slices.Equal(embed(t, plain.Embedder).Embeddings, want) {
		t.Error("the running mean is the last weights")
	}
	if plain.History[7].Loss != whole.History[7].Loss {
		t.Error("taking a mean changes what is learnt")
	}
	c.Average = 1e-9
	if got := embed(t, run(t, b, c, train.Options{}).Embedder).Embeddings; !almost(got, embed(t, plain.Embedder).Embeddings, 1e-5) {
		t.Error("a mean that keeps nothing is not the last weights")
	}
}

func almost(a, b []float32, tolerance float64) bool {
	for i := range a {
		if math.Abs(float64(a[i])-float64(b[i])) > tolerance {
			return false
		}
	}
	return len(a) == len(b)
}

// In pieces a step is that of the whole batch: pair-wise, class-level and with a predictor, clipped, in features and in images
// with frozen moments.
func TestPieces(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for name, change := range map[string]func(c *train.Config){
			"pairs":   func(*train.Config) {},
			"classes": func(c *train.Config) { c.Loss = "am-softmax" },
			// What a predictor normalises has a bias whose gradient is 0 but for rounding, which AdamW would make a step of.
			"predictor": func(c *train.Config) { c.Predictor, c.Optimizer = 5, train.OptimizerSGD },
			"sgd": func(c *train.Config) {
				c.Optimizer, c.Momentum, c.ClipNorm, c.Average = train.OptimizerSGD, 0.9, 0.5, 0.5
			},
		} {
			if b.Name() != backendtest.Go(t).Name() && name != "sgd" {
				continue // the graphs are the same; each takes XLA seconds to compile
			}
			c := tiny()
			c.Steps, c.FrozenNorm, c.LearningRate = 3, true, 1e-3
			change(&c)
			whole := run(t, b, c, train.Options{})
			c.Pieces = 4
			parts := run(t, b, c, train.Options{})
			for i, want := range whole.History {
				got := parts.History[i]
				if math.Abs(got.Loss-want.Loss) > 1e-4*math.Abs(want.Loss) || math.Abs(got.Negative.Mean-want.Negative.Mean) > 1e-4 {
					t.Errorf("%s, step %d: loss %v in pieces, %v whole", name, i+1, got.Loss, want.Loss)
				}
			}
			if !almost(embed(t, parts.Embedder).Embeddings, embed(t, whole.Embedder).Embeddings, 1e-3) {
				t.Errorf("%s: another network in pieces", name)
			}
		}
	})
}

// With batch normalisation a piece has its own moments: the network learns all the same, and a resumed run is the same to the bit.
func TestPiecesNormalise(t *testing.T) {
	b, c, dir := backendtest.Go(t), tiny(), t.TempDir()
	c.Pieces = 2
	whole := run(t, b, c, train.Options{})
	if first, last := whole.History[0].Loss, whole.History[23].Loss; !(last < first) {
		t.Errorf("loss %v at first, %v at last", first, last)
	}
	ctx, options := interrupt(dir, 4)
	if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	resumed := run(t, b, c, train.Options{Dir: dir})
	if !slices.Equal(embed(t, resumed.Embedder).Embeddings, embed(t, whole.Embedder).Embeddings) {
		t.Error("resumed, the run is another")
	}
	c.Pieces = 0
	once := run(t, b, c, train.Options{})
	if once.History[1].Loss == whole.History[1].Loss {
		t.Error("moments of pieces are those of the batch")
	}
}

func TestDescentRefuses(t *testing.T) {
	b := backendtest.Go(t)
	for _, test := range []struct {
		name   string
		change func(c *train.Config)
		want   string
	}{
		{
			"an unknown optimizer", func(c *train.Config) { c.Optimizer = "adam" },
			`the optimizer must be empty (AdamW) or sgd, got "adam"`,
		},
		{
			"momentum of AdamW", func(c *train.Config) { c.Momentum = 0.9 },
			"the momentum must be in [0, 1), and is for sgd alone; got 0.9",
		},
		{"an unknown schedule", func(c *train.Config) { c.Schedule = "step" }, `must be empty (cosine), constant or drops, got "step"`},
		{"drops without steps", func(c *train.Config) { c.Schedule = train.ScheduleDrops }, "the schedule drops needs drop_every"},
		{"drops of a cosine", func(c *train.Config) { c.DropEvery = 3 }, "are for the schedule drops"},
		{"a length that is no number", func(c *train.Config) { c.ClipNorm = math.NaN() }, "largest length must be a number above 0"},
		{"an average that never moves", func(c *train.Config) { c.Average = 1 }, "must be in [0, 1), got 1"},
		{"pieces that do not divide", func(c *train.Config) { c.Pieces = 5 }, "must divide the batch of 4 × 3 images, got 5"},
		{
			"clipping of sampled classes", func(c *train.Config) { c.Loss, c.ClipNorm, c.ClassSample.Ratio = "am-softmax", 1, 0.5 },
			"gradients are clipped by the length of all together",
		},
		{
			"pieces of sampled classes", func(c *train.Config) { c.Loss, c.Pieces, c.ClassSample.Ratio = "am-softmax", 2, 0.5 },
			"Pieces and Streamed need one device and all class weights",
		},
	} {
		c := tiny()
		test.change(&c)
		if _, err := train.Run(t.Context(), b, c, bars, train.Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}
