package train_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

// uneven is bars with so many images of each class.
type uneven struct {
	strokes
	images []int // of each class
}

func newUneven(images ...int) uneven {
	return uneven{strokes{classes: len(images), perClass: 6, size: 16}, images}
}

func (u uneven) Len() (n int) {
	for _, images := range u.images {
		n += images
	}
	return n
}

func (u uneven) Label(i int) int {
	label := 0
	for i >= u.images[label] {
		i -= u.images[label]
		label++
	}
	return label
}

func (u uneven) Image(i int) (data.Image, error) {
	label := u.Label(i)
	m, err := u.strokes.Image(label)
	m.Pixels[i] = 1 // not the same one twice
	return m, err
}

// firstStep is what the history says of the first batch, without augmentation and before anything is learnt, and what the network
// makes of the images, in training: with batch normalisation.
func firstStep(t *testing.T, b compute.Backend, set data.Dataset, change func(*train.Config)) train.Record {
	t.Helper()
	c := tiny()
	c.Classes, c.PerClass, c.Steps, c.Warmup = len(set.Classes()), 4, 1, 0
	change(&c)
	result, err := train.Run(t.Context(), b, c, set, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result.History[0]
}

// TestNoPictureIsItsOwnPositive: of classes with fewer images than a batch draws, history and loss are of pairs of two images.
func TestNoPictureIsItsOwnPositive(t *testing.T) {
	b := backendtest.Go(t)
	plain := func(*train.Config) {}
	for name, change := range map[string]func(*train.Config){
		"circle": plain, "in pieces": func(c *train.Config) { c.Pieces, c.FrozenNorm = 2, true },
		"streamed":   func(c *train.Config) { c.Streamed = true },
		"predictor":  func(c *train.Config) { c.Predictor = 4 },
		"class-wise": func(c *train.Config) { c.Loss = "am-softmax" },
		"triplet":    func(c *train.Config) { c.Loss = "triplet" },
	} {
		t.Run(name, func(t *testing.T) {
			r := firstStep(t, b, newUneven(2, 2, 2, 2), change)
			// Each class has two images, each twice: its four pairs of two images are one similarity, so that of 16 pairs none is 1.
			if !(r.Positive.Q95 < 1-1e-6) || r.Positive.Mean == 0 {
				t.Errorf("s_p %+v of pairs of two images", r.Positive)
			}
			if name == "class-wise" {
				return
			}
			if r := firstStep(t, b, newUneven(1, 1, 1, 4), change); !(r.Positive.Q95 < 1-1e-6) || r.Recall != 0 && r.Recall != 0.25 && r.Recall != 0.5 && r.Recall != 0.75 && r.Recall != 1 {
				t.Errorf("s_p %+v, R@1 %g of the one class with several images", r.Positive, r.Recall)
			}
		})
	}
}

// An image that is alone in its class is no anchor of a loss that attracts.
func TestSinglesAreNoAnchors(t *testing.T) {
	b := backendtest.Go(t)
	// An attraction alone: what pulls is only pairs, and of classes of one image there are none.
	for name, change := range map[string]func(*train.Config){
		"whole": func(*train.Config) {}, "in pieces": func(c *train.Config) { c.Pieces, c.FrozenNorm = 2, true },
		"streamed": func(c *train.Config) { c.Streamed = true },
	} {
		c := tiny()
		c.Loss, c.Classes, c.PerClass, c.Steps, c.Warmup = "", 4, 4, 1, 0
		change(&c)
		result, err := train.Run(t.Context(), b, c, newUneven(1, 1, 1, 2), train.Options{Loss: pulled{}})
		if err != nil {
			t.Fatal(err)
		}
		r := result.History[0]
		if math.Abs(r.Loss+r.Positive.Mean) > 1e-5 || r.Positive.Mean > 1-1e-6 {
			t.Errorf("%s: loss %g, want −s_p = %g of two images", name, r.Loss, -r.Positive.Mean)
		}
	}
}

func TestWithoutPairsIsRefused(t *testing.T) {
	b := backendtest.Go(t)
	ones := newUneven(1, 1, 1, 1, 1, 1, 1, 1)
	for _, test := range []struct {
		name   string
		change func(*train.Config)
		want   string
	}{
		{"one image per class", func(*train.Config) {}, "no class of strokes has two images"},
		{"two views that nothing changes", func(c *train.Config) { c.ViewPairs = true }, "views of one image are pairs"},
		{"two views for class weights", func(c *train.Config) {
			c.ViewPairs, c.Augment, c.Loss = true, data.DefaultAugment(), "am-softmax"
		}, "by class, for a pair-wise loss"},
	} {
		c := tiny()
		c.Classes, c.PerClass = 8, 4
		test.change(&c)
		if _, err := train.Run(t.Context(), b, c, ones, train.Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	c := tiny()
	c.ViewPairs, c.Augment = true, data.DefaultAugment()
	if _, err := train.Run(t.Context(), b, c, bars, train.Options{}); err == nil || !strings.Contains(err.Error(), "comes twice in a batch") {
		t.Errorf("view pairs of classes that are large enough: %v", err)
	}
}

// What needs no pairs of two images trains: class weights, and views of one image where they are asked for.
func TestSinglesThatAreTrained(t *testing.T) {
	b := backendtest.Go(t)
	ones := newUneven(1, 1, 1, 1, 1, 1, 1, 1)
	classes := firstStep(t, b, ones, func(c *train.Config) { c.Loss = "am-softmax" })
	if classes.Positive != (train.Summary{}) || classes.Recall != 0 || classes.Negative == (train.Summary{}) {
		t.Errorf("%+v of classes that have no pair", classes)
	}
	views := firstStep(t, b, ones, func(c *train.Config) { c.ViewPairs, c.Augment = true, data.DefaultAugment() })
	if views.Positive == (train.Summary{}) || views.Recall == 0 {
		t.Errorf("%+v of pairs of views", views)
	}
}

// pulled is minus the mean s_p of an anchor.
type pulled struct{}

func (pulled) PerAnchor(s losses.Scores) *graph.Node {
	positive := graph.ConvertDType(s.Positive, s.Similarity.DType())
	sum := graph.ReduceSum(graph.Mul(s.Similarity, positive), -1)
	return graph.Neg(graph.Div(sum, graph.MaxScalar(graph.ReduceSum(positive, -1), 1)))
}
func (pulled) Anchors(s losses.Scores) *graph.Node { return graph.ReduceLogicalOr(s.Positive, -1) }
func (pulled) Validate() error                     { return nil }
