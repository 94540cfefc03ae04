package views_test

import (
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/notebooks/views"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/losses"
)

func TestUnlabelledImagesAreClasses(t *testing.T) {
	set, err := data.Glyphs(data.GlyphsConfig{Classes: 3, PerClass: 4, Size: 16})
	if err != nil {
		t.Fatal(err)
	}
	u := views.Unlabelled(set)
	if u.Len() != 12 || len(u.Classes()) != 12 || u.Label(7) != 7 || !strings.Contains(u.Name(), "without labels") {
		t.Errorf("%s: %d images of %d classes", u.Name(), u.Len(), len(u.Classes()))
	}
	batches := data.PairBatches{Dataset: u, Classes: 4, PerClass: 2, Size: 16, Augment: data.DefaultAugment(), Steps: 1}
	for batch, err := range batches.Iter() {
		if err != nil {
			t.Fatal(err)
		}
		pixels, labels := batch.Inputs[0].Value().([][][][]float32), batch.Labels[0].Value().([]int32)
		if labels[0] != labels[1] || reflect.DeepEqual(pixels[0], pixels[1]) {
			t.Errorf("labels %v: want two different views of each image", labels)
		}
	}
}

func TestAttractionIsTheMeanSimilarity(t *testing.T) {
	results := graph.MustExecOnceN(backendtest.Go(t), func(labels, vectors *graph.Node) []*graph.Node {
		s := losses.Pairs(labels, vectors, losses.Cosine)
		return []*graph.Node{views.Attraction{}.PerAnchor(s), views.Attraction{}.Anchors(s)}
	}, []int32{0, 0, 0, 1}, [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-1, 0}})
	values, anchors := results[0].Value().([]float64), results[1].Value().([]bool)
	for i, want := range []float64{-0.3, -0.7, -0.4, 0} {
		if math.Abs(values[i]-want) > 1e-9 || anchors[i] != (i < 3) {
			t.Errorf("anchor %d: %g, %v, want %g", i, values[i], anchors[i], want)
		}
	}
}

// The budget is the same for all: images per batch, steps, network.
func TestMethodsHaveOneBudget(t *testing.T) {
	without := views.Method{Loss: losses.DefaultNTXent(), Predictor: 8}.Recipe(2).Config()
	with := views.Method{Loss: losses.DefaultCircle(), Supervised: true}.Recipe(2).Config()
	if without.Classes*without.PerClass != with.Classes*with.PerClass || without.Steps != with.Steps || without.Network.Width != with.Network.Width {
		t.Errorf("budgets %+v and %+v", without, with)
	}
	if without.PerClass != 2 || without.Predictor != 8 || with.Predictor != 0 || without.Seed != 2 {
		t.Errorf("settings %+v", without)
	}
}

func TestTableAndIntervals(t *testing.T) {
	one := views.Result{Name: "one", Marks: []views.Marks{{0.5, 0.2, 0.4}}}
	three := views.Result{Name: "three", Marks: []views.Marks{{0.5, 0.2, 0.4}, {0.6, 0.2, 0.4}, {0.7, 0.2, 0.4}}}
	_, rows := views.Table(one, three)
	if rows[0][2] != "50.0" || rows[1][2] != "60.0 ± 10.0" || rows[1][1] != "3" {
		t.Errorf("rows %v", rows)
	}
	retrieval, linear := views.Intervals(one, three)
	if v := retrieval[1]; math.Abs(v.Mean-60) > 1e-9 || v.Low != 50 || v.High != 70 || len(v.Runs) != 3 || math.Abs(linear[0].Mean-40) > 1e-9 {
		t.Errorf("intervals %v and %v", retrieval, linear)
	}
}

// Two results are apart where the worst seed of the one beats the best of the other.
func TestOver(t *testing.T) {
	of := func(values ...float64) (r views.Result) {
		for _, v := range values {
			r.Marks = append(r.Marks, views.Marks{PrecisionAt1: v})
		}
		return r
	}
	for _, c := range []struct {
		name        string
		mine, other views.Result
		points      float64
		apart       bool
		words       string
	}{
		{"apart", of(0.6, 0.7), of(0.4, 0.5), 20, true, "by 20.0 points, with every seed"},
		{"they touch", of(0.5, 0.7), of(0.4, 0.5), 15, false, "by 15.0 points, and the seeds overlap"},
		{"behind", of(0.4), of(0.6), -20, false, "by -20.0 points, and the seeds overlap"},
	} {
		lead := c.mine.Over(c.other, views.Retrieval)
		if math.Abs(lead.Points-c.points) > 1e-9 || lead.Apart != c.apart || lead.Words() != c.words {
			t.Errorf("%s: %+v, %q; want %g, %t, %q", c.name, lead, lead.Words(), c.points, c.apart, c.words)
		}
	}
}

func TestCentre(t *testing.T) {
	set := eval.Set{Dim: 2, Embeddings: []float32{1, 0, 0, 1}, Labels: []int32{0, 1}}
	views.Centre(set)
	for i, want := range []float64{math.Sqrt2 / 2, -math.Sqrt2 / 2, -math.Sqrt2 / 2, math.Sqrt2 / 2} {
		if math.Abs(float64(set.Embeddings[i])-want) > 1e-6 {
			t.Fatalf("centred %v", set.Embeddings)
		}
	}
}

func TestJudge(t *testing.T) {
	set := eval.Set{Dim: 2}
	for i := range 12 {
		sin, cos := math.Sincos(math.Pi * float64(i%3) / 3)
		set.Embeddings, set.Labels = append(set.Embeddings, float32(cos), float32(sin)), append(set.Labels, int32(i%3))
	}
	marks, err := views.JudgeSet(set)
	if err != nil || marks != (views.Marks{PrecisionAt1: 1, MAPAtR: 1, Probe: 1}) {
		t.Errorf("marks %+v, %v of perfect embeddings", marks, err)
	}
}

// One quick method, trained and judged, and found again.
func TestCompare(t *testing.T) {
	if os.Getenv(data.EnvFolder) == "" {
		t.Skipf("$%s is not set: a test downloads nothing", data.EnvFolder)
	}
	b := backendtest.XLA(t)
	t.Setenv("UNIPAIR_RUNS", t.TempDir())
	t.Setenv(quick.Variable, "1")
	m := views.Method{Name: "SimSiam", Loss: views.Attraction{}, Predictor: 8}
	first, err := views.Compare(b, m)
	if err != nil {
		t.Fatal(err)
	}
	if marks := first[0].Marks; len(marks) != 1 || marks[0].PrecisionAt1 <= 0.05 || marks[0].Probe <= 0.05 {
		t.Errorf("marks %+v", marks)
	}
	again, err := views.Compare(b, m)
	if err != nil || again[0].Marks[0] != first[0].Marks[0] {
		t.Errorf("found again: %+v, %v, want %+v", again, err, first)
	}
}
