package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

func TestChosen(t *testing.T) {
	for _, c := range []struct {
		words string
		count int
		want  string // of the error
	}{
		{"circle,triplet", 2, ""},
		{"cosface", 1, ""},
		{"all", len(losses.Catalogue()), ""},
		{"class, circle", 13, ""},
		{"circle,triplet,circle", 0, "circle is named twice"},
		{"am-softmax,cosface", 0, "am-softmax is named twice"},
		{"class,softmax", 0, "softmax is named twice"},
		{"circel", 0, `unknown loss "circel": did you mean circle?`},
		{"", 0, "unknown loss"},
	} {
		names, err := Chosen(c.words)
		if len(names) != c.count && c.want == "" || c.want != "" && (err == nil || !usage.Is(err) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, %v; want %d losses, error %q", c.words, names, err, c.count, c.want)
		}
	}
	pair, _ := Chosen("pair")
	class, _ := Chosen("class")
	if len(pair)+len(class) != len(losses.Catalogue()) || !slices.Contains(class, "softmax") || !slices.Contains(pair, "circle") {
		t.Errorf("pair %v, class %v", pair, class)
	}
}

// Every loss of the catalogue has as many tries, each of which can be trained: the catalogue's setting first, and learning rates that are the
// same for all. What is drawn for a loss does not hang on the others.
func TestTrialsAreEqual(t *testing.T) {
	all, err := Chosen("all")
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Losses: all, Trials: 5, Seeds: 1, Config: train.DefaultConfig()}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	rates := func(loss string) (rates []float64) {
		for _, tried := range s.trials(loss) {
			rates = append(rates, tried.LearningRate)
		}
		return rates
	}
	base := s.Config.LearningRate
	want := rates(all[0])
	if len(want) != 5 || want[0] != base || want[1] < base*slowest || want[4] > base*fastest || !slices.IsSorted(want[1:]) {
		t.Errorf("learning rates %v", want)
	}
	for _, loss := range all {
		tried := s.trials(loss)
		if got := rates(loss); !slices.Equal(got, want) || tried[0].Set != nil {
			t.Errorf("%s: %v, want %v", loss, got, want)
		}
		entry, err := losses.Find(loss)
		if err != nil {
			t.Fatal(err)
		}
		if len(entry.Parameters()) > 0 && fmt.Sprint(tried[1].Set) == fmt.Sprint(tried[2].Set) {
			t.Errorf("%s: drew %v twice", loss, tried[1].Set)
		}
	}
	alone := s
	alone.Losses = []string{"circle"}
	if fmt.Sprint(alone.trials("circle")) != fmt.Sprint(s.trials("circle")) {
		t.Error("other losses change what is drawn of one")
	}
}

func TestSettingsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Settings)
		want   string
	}{
		{"no loss", func(s *Settings) { s.Losses = nil }, "which losses?"},
		{"no trial", func(s *Settings) { s.Trials = 0 }, "--trials must be from 1"},
		{"no seed", func(s *Settings) { s.Seeds = -1 }, "--seeds must be from 1"},
		{"too few steps", func(s *Settings) { s.Config.Steps = 5 }, "--steps must be at least 10, got 5"},
		{"steps and minutes", func(s *Settings) { s.Minutes = 3 }, "give one of them"},
		{"minutes below 0", func(s *Settings) { s.Minutes, s.Config.Steps = -3, 0 }, "--minutes must be a number above 0"},
		{"a validation", func(s *Settings) { s.Config.Validation.Fraction = 0.2 }, "the comparison's own"},
		{"a batch of nothing", func(s *Settings) { s.Config.PerClass = -1 }, "circle: train: "},
		{"a size", func(s *Settings) { s.Config.Size = 4 }, "image size must be"},
		{"seen variants", func(s *Settings) { s.Config.SeenVariants = 2 }, "leave seen variants 0"},
		{"a backbone that learns", func(s *Settings) {
			s.Config.Architecture, s.Config.Backbone.Train = "onnx:x.onnx", "all"
		}, "leave --train-backbone out"},
	} {
		s := small("circle")
		c.change(&s)
		if err := s.Validate(); err == nil || !usage.Is(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want wrong words with %q", c.name, err, c.want)
		}
	}
}

func TestPlanned(t *testing.T) {
	quick := cost{step: 10 * time.Millisecond, compile: time.Second, prepare: 500 * time.Millisecond}
	slow := cost{step: 30 * time.Millisecond, compile: 2 * time.Second, prepare: 500 * time.Millisecond}
	for _, c := range []struct {
		name          string
		costs         []cost
		validation    time.Duration
		trials, seeds int
		budget        time.Duration
		steps         int
	}{
		// 2 compiled, 4 × 0.5 s and 18 × 0.1 s: 5.8 s; of 54 s 48.2 s are left, 40 ms for each step of four trainings.
		{"one loss", []cost{quick}, 100 * time.Millisecond, 2, 2, time.Minute, 1205},
		// 2 + 4 + 2 × 3.8: 13.6 s, 40.4 s are left, 160 ms for a step of all.
		{"two losses", []cost{quick, slow}, 100 * time.Millisecond, 2, 2, time.Minute, 252},
		{"no time", []cost{quick}, 100 * time.Millisecond, 2, 2, 6 * time.Second, 0},
	} {
		steps, whole := planned(c.costs, c.validation, c.trials, c.seeds, leastSteps, c.budget)
		if steps != c.steps || steps > 0 && (whole > c.budget || whole < c.budget*99/100) || steps == 0 && whole <= c.budget {
			t.Errorf("%s: %d steps in %s, want %d within %s", c.name, steps, whole, c.steps, c.budget)
		}
	}
}

// Where the minutes decide, what begins after some steps is planned for, and not refused as of too few.
func TestMinutesOfWhatBeginsLater(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*train.Config)
	}{
		{"hard classes", func(c *train.Config) { c.HardClasses = 12 }},
		{"a memory", func(c *train.Config) { c.CrossBatch, c.CrossBatchWarmup = 24, 12 }},
	} {
		s := small("contrastive")
		s.Config.Steps, s.Minutes = 0, 1e-6
		c.change(&s.Config)
		_, err := Open(t.Context(), backendtest.Go(t), t.TempDir(), s, glyphs(t), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "leave no time for 13 steps of each of the 4 trainings") {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
}
