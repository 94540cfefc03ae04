package probe_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/unipair/unipair/notebooks/probe"
	"github.com/unipair/unipair/pkg/eval"
)

// clouds returns vectors round the corners of a cross, classes in turn.
func clouds(n int, spread float64) eval.Set {
	random, set := rand.New(rand.NewPCG(2, 0)), eval.Set{Dim: 2}
	for i := range n {
		angle := math.Pi/2*float64(i%4) + spread*random.NormFloat64()
		sin, cos := math.Sincos(angle)
		set.Embeddings = append(set.Embeddings, float32(cos), float32(sin))
		set.Labels = append(set.Labels, int32(i%4))
	}
	return set
}

func TestFitReadsWhatIsThere(t *testing.T) {
	c, err := probe.Fit(clouds(80, 0.1), 4)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Accuracy(clouds(400, 0.1)); got != 1 {
		t.Errorf("accuracy %g on separate clouds, want 1", got)
	}
	for i, p := range c.Probabilities(clouds(8, 0.1)) {
		sum := 0.0
		for _, x := range p {
			sum += x
		}
		if math.Abs(sum-1) > 1e-9 || p[i%4] < 0.8 {
			t.Errorf("probabilities %v of a vector of class %d", p, i%4)
		}
	}
}

// At a minimum no small change of the mean cross-entropy with decay is an improvement; two vectors of two classes have one in
// closed form: opposite weights w with w·x·2 = logit difference.
func TestFitIsAtTheMinimum(t *testing.T) {
	set := eval.Set{Dim: 1, Embeddings: []float32{1, -1}, Labels: []int32{0, 1}}
	c, err := probe.Fit(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Probabilities(set)[0][0]
	// The slope on the weight of class 0 is −(1 − p) + decay·w, and logits differ by 2w.
	w := math.Log(p/(1-p)) / 2
	if slope := -(1 - p) + probe.Decay*w; math.Abs(slope) > 1e-3 {
		t.Errorf("p = %g, w = %g: slope %g, want 0", p, w, slope)
	}
}

func TestFitRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		set  eval.Set
		want string
	}{
		{"a label beyond the classes", eval.Set{Dim: 1, Embeddings: []float32{1}, Labels: []int32{2}}, "label 2"},
		{"an empty set", eval.Set{Dim: 2}, "probe: "},
	} {
		if _, err := probe.Fit(test.set, 2); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.name, err, test.want)
		}
	}
}

func TestHalves(t *testing.T) {
	first, second := probe.Halves(eval.Set{Dim: 1, Embeddings: []float32{0, 1, 2, 3, 4}, Labels: []int32{7, 7, 8, 7, 8}})
	if len(first.Labels) != 3 || first.Embeddings[0] != 0 || first.Embeddings[1] != 2 || first.Embeddings[2] != 3 || second.Embeddings[1] != 4 {
		t.Errorf("halves %v and %v", first, second)
	}
}
