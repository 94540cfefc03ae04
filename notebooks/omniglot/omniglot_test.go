package omniglot_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/notebooks/omniglot"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

func needOmniglot(t *testing.T) {
	t.Helper()
	if os.Getenv(data.EnvFolder) == "" {
		t.Skipf("$%s is not set: a test downloads nothing", data.EnvFolder)
	}
}

var circle = omniglot.Recipe{Name: "Circle, γ = 80", Loss: losses.DefaultCircle()}

// A budget is the same for all its recipes but for their changes, and a quick run is shorter.
func TestConfigIsTheBudgetsButForTheChanges(t *testing.T) {
	for _, test := range []struct {
		name   string
		budget omniglot.Budget
	}{{"short", omniglot.Short}, {"long", omniglot.Long}} {
		t.Run(test.name, func(t *testing.T) {
			plain := circle
			plain.Budget = test.budget
			common, c := plain.Config(), plain.And("seven", func(c *train.Config) { c.Seed = 7 }).Longer(3).Wider(2).Config()
			if c.Seed != 7 || c.Steps != 3*common.Steps || c.Width != 2*common.Width || c.Dim != common.Dim {
				t.Errorf("the changed recipe has %+v", c)
			}
			if plain.Config().Seed != 0 {
				t.Error("a change of a recipe changed the one it came from")
			}
			t.Setenv(quick.Variable, "1")
			if quick := plain.Config(); quick.Steps >= common.Steps || quick.Warmup >= quick.Steps {
				t.Errorf("a quick run has %d steps, a full one %d", quick.Steps, common.Steps)
			}
		})
	}
}

// Every difference between recipes keeps their runs apart, and the same recipe finds its run.
func TestRunsAreKeptApart(t *testing.T) {
	t.Setenv("UNIPAIR_RUNS", filepath.Join(t.TempDir(), "runs"))
	dirs := map[string]string{}
	for _, test := range []struct {
		name   string
		recipe omniglot.Recipe
	}{
		{"itself", circle},
		{"loss", omniglot.Recipe{Loss: losses.Circle{Margin: 0.3, Gamma: 80}}},
		{"type", omniglot.Recipe{Loss: losses.DefaultNTXent()}},
		{"change", circle.And(circle.Name, func(c *train.Config) { c.Seed = 1 })},
		{"budget", omniglot.Recipe{Loss: circle.Loss, Budget: omniglot.Long}},
	} {
		dir, err := omniglot.Dir(test.recipe, "a set")
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := dirs[dir]; taken {
			t.Errorf("%s and %s are both kept in %s", test.name, other, dir)
		}
		dirs[dir] = test.name
		if other, _ := omniglot.Dir(test.recipe, "another set"); other == dir {
			t.Errorf("%s of another set is kept in %s too", test.name, dir)
		}
		test.recipe.Name = "by another name"
		if again, _ := omniglot.Dir(test.recipe, "a set"); again != dir {
			t.Errorf("%s is kept in %s, and under another name in %s", test.name, dir, again)
		}
		t.Setenv(quick.Variable, "1")
		if short, _ := omniglot.Dir(test.recipe, "a set"); short == dir {
			t.Errorf("a quick run of %s is kept in %s too", test.name, dir)
		}
		t.Setenv(quick.Variable, "")
	}
}

func TestExtremesAreTheHardestOfABatch(t *testing.T) {
	points := omniglot.Extremes([]float32{1, 0, 0.6, 0.8, 0, 1, -1, 0}, []int32{0, 0, 1, 1}, 2, 1)
	want := []viz.ScorePair{{Sn: 0, Sp: 0.6}, {Sn: 0.8, Sp: 0.6}, {Sn: 0.8, Sp: 0}, {Sn: -0.6, Sp: 0}} // in some order
	if len(points) != 4 {
		t.Fatalf("%d points of 4 images", len(points))
	}
	for _, w := range want {
		if !slices.ContainsFunc(points, func(p viz.ScorePair) bool { return math.Hypot(p.Sn-w.Sn, p.Sp-w.Sp) < 1e-6 }) {
			t.Errorf("%v has no %v", points, w)
		}
	}
}

func TestCharacters(t *testing.T) {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 5, PerClass: 3, Size: 8})
	if err != nil {
		t.Fatal(err)
	}
	two := omniglot.Characters(2)(glyphs)
	if two.Len() != 6 || !slices.Equal(two.Classes(), glyphs.Classes()[:2]) || two.Name() == glyphs.Name() {
		t.Errorf("%s: %d images of %v", two.Name(), two.Len(), two.Classes())
	}
}

func TestNearestFirst(t *testing.T) {
	got := omniglot.Nearest([]float32{1, 0, 0, 1, 0.6, 0.8, -1, 0}, 0)
	if !slices.Equal(got, []int{2, 1, 3}) {
		t.Errorf("nearest to the first: %v, want 2, 1, 3", got)
	}
}

func TestAlone(t *testing.T) {
	one := func(data.Dataset) data.Dataset {
		set, err := data.Glyphs(data.GlyphsConfig{Classes: 40, PerClass: 2, Size: 8})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	needOmniglot(t)
	sorted := omniglot.Recipe{Loss: losses.DefaultCircle(), Data: one, Change: func(c *train.Config) { c.Classes, c.PerClass = 5, 2 }}
	if got, err := sorted.Alone(); err != nil || got != 0 {
		t.Errorf("5 × 2: %g alone, %v, want 0", got, err)
	}
	random := sorted.And("random", func(c *train.Config) { c.Sampling = train.SampleRandom })
	// The one like an image is among the 9 others of 79.
	if got, err := random.Alone(); err != nil || math.Abs(got-70./79) > 0.05 {
		t.Errorf("10 at random: %g alone, %v, want about 0.89", got, err)
	}
}

func TestCloud(t *testing.T) {
	c := omniglot.CloudOf([]viz.ScorePair{{Sn: 0, Sp: 0.5}, {Sn: 0.4, Sp: 0.9}, {Sn: 0.8, Sp: 0.1}})
	if math.Abs(c.Centre.Sn-0.4) > 1e-12 || math.Abs(c.Centre.Sp-0.5) > 1e-12 || math.Abs(c.Spread.Sp-0.4) > 1e-12 || math.Abs(c.Right-2./3) > 1e-12 {
		t.Errorf("CloudOf = %+v", c)
	}
	line := omniglot.CloudOf([]viz.ScorePair{{Sn: 0, Sp: 0.5}, {Sn: 0.4, Sp: 0.9}})
	if math.Abs(line.Across) > 1e-12 || math.Abs(line.Along-0.4) > 1e-12 {
		t.Errorf("two points along the diagonal: %+v", line)
	}
	if mean, deviation := omniglot.Spread([]float64{3}); mean != 3 || deviation != 0 {
		t.Errorf("Spread of one value = %g ± %g", mean, deviation)
	}
}

func TestRange(t *testing.T) {
	least, leastAt, greatest, greatestAt := omniglot.Range(viz.Curve{X: []float64{1, 2, 3}, Mean: []float64{5, 7, 4}})
	if least != 4 || leastAt != 3 || greatest != 7 || greatestAt != 2 {
		t.Errorf("Range = %g at %g, %g at %g", least, leastAt, greatest, greatestAt)
	}
}

// A sweep trains each setting, keeps it, and finds it again.
func TestCurves(t *testing.T) {
	needOmniglot(t)
	b := backendtest.XLA(t)
	t.Setenv("UNIPAIR_RUNS", t.TempDir())
	t.Setenv(quick.Variable, "1")
	of := func(gamma float64) losses.Loss { return losses.Circle{Margin: 0.4, Gamma: gamma} }
	sweep := omniglot.Sweep{Name: "Circle", At: []float64{8, 64}, Loss: of}
	curves, err := omniglot.Curves(b, math.Log2, sweep)
	if err != nil {
		t.Fatal(err)
	}
	if c := curves[0]; !slices.Equal(c.X, []float64{3, 6}) || c.Low[0] > c.Mean[0] || c.Mean[0] <= 5 || c.High[1] >= 100 {
		t.Errorf("curve %+v", c)
	}
	kept, err := filepath.Glob(filepath.Join(omniglot.Runs(), "omniglot", "losses-circle-*"))
	if err != nil || len(kept) != 2 {
		t.Errorf("kept %v, %v: want two runs", kept, err)
	}
	circle := omniglot.Recipe{Name: "by another name", Loss: sweep.Loss(8)}
	twice, err := omniglot.Train(b, omniglot.Recipe{Name: "one", Loss: sweep.Loss(8)}, circle)
	if err != nil || twice[1].Name != circle.Name || len(twice[1].History) == 0 || twice[0].Embedder != twice[1].Embedder {
		t.Errorf("one recipe twice: %+v, %v", twice, err)
	}
	again, err := omniglot.Curves(b, math.Log2, sweep)
	if err != nil || !slices.Equal(again[0].Mean, curves[0].Mean) {
		t.Errorf("found again: %v, %v, want %v", again, err, curves)
	}
}
