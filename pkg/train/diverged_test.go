package train_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

// broken is a loss with a value or a gradient that is no number.
type broken struct{ attraction }

// broken's value is finite: the root of 0 is, and its slope is not.
func (b broken) PerAnchor(s losses.Scores) *graph.Node {
	return graph.Add(b.attraction.PerAnchor(s), graph.ReduceSum(graph.Sqrt(graph.MulScalar(s.Similarity, 0)), -1))
}

// worse's value is 0/0.
type worse struct{ attraction }

func (w worse) PerAnchor(s losses.Scores) *graph.Node {
	zero := graph.MulScalar(w.attraction.PerAnchor(s), 0)
	return graph.Div(zero, zero)
}

// Whoever reads of a divergence reads what is not finite, in which step, and what to do, in a line.
func TestWhatIsNotFinite(t *testing.T) {
	b := backendtest.Go(t)
	for _, try := range []struct {
		about  string
		change func(c *train.Config, o *train.Options)
		want   []string
	}{
		{"rate, at once", func(c *train.Config, _ *train.Options) { c.LearningRate = 1e25 },
			[]string{"diverged in step 1: the weights of /embedder/", "have grown to 1e+25, whose squares are not finite, and the loss is", "as soon as they were moved: lower the learning rate from 1e+25 to 1e+24"}},
		{"rate, sgd", func(c *train.Config, _ *train.Options) { c.LearningRate, c.Optimizer = 1e38, train.OptimizerSGD },
			[]string{"diverged in step 1: the weights of /embedder/", "not finite, and the loss is"}},
		{"rate, later", func(c *train.Config, _ *train.Options) { c.LearningRate = 1e12 },
			[]string{"diverged in step 2: the loss is NaN, after a loss of 48.07 in step 1: lower the learning rate from 1e+12 to 1e+11, or clip the gradient"}},
		{"gradient", func(c *train.Config, o *train.Options) { c.Loss, o.Loss = "", broken{} },
			[]string{"diverged in step 1: the gradient of /embedder/block0/kernel is not finite, and the loss is -", "a loss of your own takes a root"}},
		{"gradient, sgd", func(c *train.Config, o *train.Options) {
			c.Loss, o.Loss, c.Optimizer, c.Momentum = "", broken{}, train.OptimizerSGD, 0.9
		},
			[]string{"diverged in step 1: the gradient of /embedder/block0/kernel is not finite, and the loss is -"}},
		{"loss", func(c *train.Config, o *train.Options) { c.Loss, o.Loss = "", worse{} },
			[]string{"diverged in step 1: the loss is NaN before anything was learnt: lower the loss's scale"}},
	} {
		c, o := tiny(), train.Options{}
		c.Warmup, c.WeightDecay = 0, 0
		try.change(&c, &o)
		_, err := train.Run(t.Context(), b, c, bars, o)
		if _, failed := errors.AsType[*train.Failure](err); !failed {
			t.Errorf("%s: %v is no failure", try.about, err)
		}
		for _, want := range try.want {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: error %v, want one with %q", try.about, err, want)
			}
		}
	}
}
