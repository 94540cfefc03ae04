package train_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/losses/stable"
	"github.com/unipair/unipair/pkg/train"
)

// mine is a loss of somebody's own: circle loss under another type.
type mine struct{ losses.Circle }

func (m mine) Validate() error {
	if m.Margin == 0.9 {
		return errors.New("mine: not 0.9, please")
	}
	return m.Circle.Validate()
}

// attraction has no negatives: −mean s_p.
type attraction struct{}

func (attraction) PerAnchor(s losses.Scores) *graph.Node {
	return graph.Neg(stable.MaskedMean(s.Similarity, s.Positive))
}
func (attraction) Anchors(s losses.Scores) *graph.Node { return stable.Any(s.Positive) }
func (attraction) Validate() error                     { return nil }

func TestOwnLossTrainsAsTheNamedOne(t *testing.T) {
	b, c := backendtest.Go(t), tiny()
	c.Steps = 6
	named := run(t, b, c, train.Options{}).History
	c.Loss = ""
	dir := t.TempDir()
	own := run(t, b, c, train.Options{Dir: dir, Loss: mine{losses.DefaultCircle()}}).History
	for i := range named {
		if own[i].Loss != named[i].Loss || own[i].Negative.Mean != named[i].Negative.Mean { // what embeds a loss is computed as it is
			t.Fatalf("step %d: %+v by a loss of one's own, %+v by its name", i+1, own[i], named[i])
		}
	}
	again := run(t, b, c, train.Options{Dir: dir, Loss: mine{losses.DefaultCircle()}})
	if again.Resumed != c.Steps {
		t.Errorf("resumed %d steps, want all %d", again.Resumed, c.Steps)
	}
	for _, test := range []struct {
		name   string
		change func(*train.Config, *train.Options)
		want   string
	}{
		{"another setting", func(_ *train.Config, o *train.Options) {
			o.Loss = mine{losses.Circle{Margin: 0.3, Gamma: 80}}
		}, "loss is train_test.mine{Circle:{Margin:0.4 Gamma:80}}, not train_test.mine{Circle:{Margin:0.3 Gamma:80}}"},
		{
			"a named loss in its place", func(c *train.Config, o *train.Options) { c.Loss, o.Loss = "circle", nil },
			"loss is train_test.mine{Circle:{Margin:0.4 Gamma:80}}, not circle",
		},
		{
			"a name beside it", func(c *train.Config, _ *train.Options) { c.Loss = "circle" },
			`Config asks for "circle": leave Config's Loss and Set empty`,
		},
		{
			"parameters beside it", func(c *train.Config, _ *train.Options) { c.Set = map[string]string{"margin": "1"} },
			`Config asks for "train_test.mine{Circle:{Margin:0.4 Gamma:80}}": leave`,
		},
		{
			"a setting that it refuses", func(_ *train.Config, o *train.Options) { o.Loss = mine{losses.Circle{Margin: 0.9, Gamma: 80}} },
			"mine: not 0.9, please",
		},
		{
			"a setting that its like refuses", func(_ *train.Config, o *train.Options) { o.Loss = mine{losses.Circle{Margin: 0.1}} },
			"Gamma must be a number > 0",
		},
		{"an unknown similarity", func(c *train.Config, _ *train.Options) { c.Similarity = "cosin" }, `unknown similarity "cosin"`},
		{
			"a predictor of classes", func(c *train.Config, _ *train.Options) { c.Predictor, c.Labels = 4, losses.ClassLabels },
			"a predictor needs pair-wise labels",
		},
		{
			"what a predictor foretells may move, and there is none", func(c *train.Config, _ *train.Options) { c.PredictorMoves = true },
			"Predictor, too",
		},
		{
			"a negative predictor", func(c *train.Config, _ *train.Options) { c.Predictor = -1 },
			"the predictor must have 0 (none) to 65536",
		},
		{"an unknown sampling", func(c *train.Config, _ *train.Options) { c.Sampling = "rnd" }, `the sampling must be empty or random`},
		{
			"too few images to sample", func(c *train.Config, _ *train.Options) { c.Sampling, c.PerClass = train.SampleRandom, 20 },
			"strokes has 48 images, too few for random",
		},
	} {
		config, options := c, train.Options{Dir: dir, Loss: mine{losses.DefaultCircle()}}
		test.change(&config, &options)
		if _, err := train.Run(t.Context(), b, config, bars, options); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}

// A value of a type in the catalogue is trained as there: AM-Softmax on class weights, not on pairs.
func TestOwnLossOfAKnownType(t *testing.T) {
	b, c := backendtest.Go(t), tiny()
	c.Steps, c.Loss = 3, "am-softmax"
	named := run(t, b, c, train.Options{}).History
	c.Loss = ""
	for i, record := range run(t, b, c, train.Options{Loss: losses.DefaultAMSoftmax()}).History {
		if record.Loss != named[i].Loss {
			t.Errorf("step %d: loss %v, %v by its name", i+1, record.Loss, named[i].Loss)
		}
	}
}

// edgy is NaN at any similarity above 0.
type edgy struct{ losses.Circle }

func (edgy) PerAnchor(s losses.Scores) *graph.Node {
	return graph.ReduceMean(graph.Log(graph.Neg(s.Similarity)), -1)
}

func TestOwnLossOfNaN(t *testing.T) {
	c := tiny()
	c.Loss = ""
	if _, err := train.Run(t.Context(), backendtest.Go(t), c, bars, train.Options{Loss: edgy{losses.DefaultCircle()}}); err == nil ||
		!strings.Contains(err.Error(), "the loss is NaN before anything was learnt") {
		t.Errorf("error %v, want one about the loss", err)
	}
}

// Without a predictor a loss that only draws together draws all to one point; with one it does not at once.
func TestPredictorKeepsFromCollapse(t *testing.T) {
	b, c := backendtest.Go(t), tiny()
	c.Loss, c.Steps, c.Warmup = "", 40, 0
	alike := run(t, b, c, train.Options{Loss: attraction{}}).History[c.Steps-1]
	c.Predictor = 16
	result := run(t, b, c, train.Options{Loss: attraction{}})
	apart := result.History[c.Steps-1]
	if !(alike.Negative.Mean > 0.99 && apart.Negative.Mean < alike.Negative.Mean-0.05) {
		t.Errorf("mean s_n is %v without a predictor and %v with one: want 1 and less", alike.Negative.Mean, apart.Negative.Mean)
	}
	if !(result.History[0].Loss > apart.Loss) {
		t.Errorf("the loss rose from %v to %v", result.History[0].Loss, apart.Loss)
	}
	c.PredictorMoves = true // the same value, another gradient
	if moved := run(t, b, c, train.Options{Loss: attraction{}}).History; moved[0].Loss != result.History[0].Loss || moved[1].Loss == result.History[1].Loss {
		t.Errorf("the first losses are %v and %v where the foretold moves, %v and %v where it is constant: want the first alike alone",
			moved[0].Loss, moved[1].Loss, result.History[0].Loss, result.History[1].Loss)
	}
}

// A broken-off run with a predictor is resumed bit for bit: what it has learnt is in the checkpoint.
func TestPredictorIsKept(t *testing.T) {
	b, c, dir := backendtest.Go(t), tiny(), t.TempDir()
	c.Loss, c.Predictor, c.Steps = "", 6, 8
	whole := run(t, b, c, train.Options{Loss: attraction{}})
	ctx, options := interrupt(dir, 3)
	options.Loss = attraction{}
	if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted run: %v", err)
	}
	resumed := run(t, b, c, train.Options{Dir: dir, Loss: attraction{}})
	if resumed.Resumed != 3 || !slices.Equal(embed(t, resumed.Embedder).Embeddings, embed(t, whole.Embedder).Embeddings) {
		t.Errorf("resumed after %d steps: want 3, and the embeddings of a whole run", resumed.Resumed)
	}
}

// In random batches of two images the pair is seldom of one class, and then there is nothing to learn from it.
func TestRandomBatches(t *testing.T) {
	c := tiny()
	c.Steps, c.Warmup, c.Sampling, c.Classes, c.PerClass = 12, 0, train.SampleRandom, 2, 1
	without := 0
	for _, record := range run(t, backendtest.Go(t), c, train.Options{}).History {
		if record.Positive == (train.Summary{}) {
			without++
			if record.Loss != 0 {
				t.Errorf("loss %v of a batch without a positive, want 0", record.Loss)
			}
		}
	}
	if without < 6 {
		t.Errorf("%d of 12 batches have no positive, want most", without)
	}
}
