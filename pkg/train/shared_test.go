package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// crossed is bars with two labels each: whether one is upright, and where it is.
type crossed struct{ strokes }

func (s crossed) Labels() (names []string, of [][]int, ok bool) {
	names = []string{"upright", "lying", "0", "1", "2", "3"}
	for i := range s.Len() {
		class := i % s.classes
		of = append(of, []int{class % 2, 2 + class/2})
	}
	return names, of, true
}

var crosses = crossed{bars}

// learnShared trains on images of several labels.
func learnShared(t *testing.T, change func(*train.Config), options train.Options) *train.Result {
	t.Helper()
	c := tiny()
	c.Classes, c.PerClass = 3, 4
	change(&c)
	result, err := train.Run(t.Context(), backendtest.Go(t), c, crosses, options)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// A run on images of several labels learns, validates by them, and goes on bit for bit.
func TestSharedLabelsLearn(t *testing.T) {
	result := learnShared(t, func(*train.Config) {}, train.Options{Validation: crosses})
	h := result.History
	first, last := h[0], h[len(h)-1]
	if !(last.Positive.Mean-last.Negative.Mean > first.Positive.Mean-first.Negative.Mean+0.2) || !(last.Recall > 0.9) {
		t.Errorf("s_p %g and s_n %g at first, %g and %g, R@1 %g at last",
			first.Positive.Mean, first.Negative.Mean, last.Positive.Mean, last.Negative.Mean, last.Recall)
	}
	if !(result.Best.Metrics.MAPAtR > 0.7) {
		t.Errorf("validated as %+v", result.Best)
	}
	c := tiny()
	c.Classes, c.PerClass, c.Steps, c.Augment = 3, 4, 6, data.DefaultAugment()
	goesOn(t, "several labels", backendtest.Go(t), c, crosses, 1, 4)
}

// In pieces, in blocks, by random batches and with a predictor it is the same relation: what shares a label is a positive.
func TestSharedLabelsInEveryStep(t *testing.T) {
	losses := func(change func(*train.Config)) (all []float64) {
		for _, record := range learnShared(t, func(c *train.Config) {
			c.Steps, c.LearningRate, c.FrozenNorm = 3, 1e-3, true
			change(c)
		}, train.Options{}).History {
			all = append(all, record.Loss)
		}
		return all
	}
	want := losses(func(*train.Config) {})
	for name, change := range map[string]func(*train.Config){
		"in pieces": func(c *train.Config) { c.Pieces = 3 }, "streamed": func(c *train.Config) { c.Streamed = true },
	} {
		if got := losses(change); !slices.EqualFunc(got, want, func(x, y float64) bool { return math.Abs(x-y) <= 1e-4*math.Abs(y) }) {
			t.Errorf("%s: losses %v, want %v", name, got, want)
		}
	}
	for name, change := range map[string]func(*train.Config){
		"predictor": func(c *train.Config) { c.Predictor = 4 }, "random": func(c *train.Config) { c.Sampling = train.SampleRandom },
	} {
		if got := losses(change); slices.Equal(got, want) || got[0] == 0 {
			t.Errorf("%s: losses %v", name, got)
		}
	}
}

func TestSharedLabelsRefuse(t *testing.T) {
	for want, change := range map[string]func(*train.Config){
		"am-softmax compares an image with one class": func(c *train.Config) { c.Loss = "am-softmax" },
		"know no super-classes (--super-classes)":     func(c *train.Config) { c.SuperClasses = 1 },
		"no class is taken for another":               func(c *train.Config) { c.HardClasses = 3 },
		"a memory keeps one class of each":            func(c *train.Config) { c.CrossBatch = 24 },
		"none comes twice in a batch":                 func(c *train.Config) { c.ViewPairs, c.Augment = true, data.DefaultAugment() },
		"which no division keeps apart":               func(c *train.Config) { c.Validation.Fraction = 0.4 },
		"has 6 classes, too few for batches of 7":     func(c *train.Config) { c.Classes = 7 },
		"has 48 images, too few for batches of 6 × 9": func(c *train.Config) { c.Classes, c.PerClass = 6, 9 },
	} {
		c := tiny()
		c.Classes = 3
		change(&c)
		_, err := train.Run(t.Context(), backendtest.Go(t), c, crosses, train.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one line with %q", err, want)
		}
	}
}
