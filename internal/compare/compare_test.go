package compare

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// small returns a comparison of seconds.
func small(losses ...string) Settings {
	c := train.DefaultConfig()
	c.Network = train.Network{Size: 16, Width: 4, Dim: 8}
	c.Classes, c.PerClass, c.Steps, c.Warmup = 4, 3, leastSteps, 2
	return Settings{Data: "glyphs", Losses: losses, Trials: 2, Seeds: 2, Config: c}
}

func glyphs(t *testing.T) Parts {
	t.Helper()
	set, err := datasets.Find("glyphs")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Divide(t.Context(), set, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// compared runs a comparison in a directory until stop, where that is not nil, has seen enough of what it says.
func compared(t *testing.T, dir string, s Settings, stop func(said string) bool) (*Comparison, Result, error) {
	t.Helper()
	return comparedOn(t, glyphs(t), dir, s, stop)
}

func comparedOn(t *testing.T, p Parts, dir string, s Settings, stop func(said string) bool) (*Comparison, Result, error) {
	t.Helper()
	b := backendtest.Go(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var said bytes.Buffer
	w := writer(func(p []byte) {
		said.Write(p)
		if stop != nil && stop(said.String()) {
			cancel()
		}
	})
	c, err := Open(ctx, b, dir, s, p, w)
	if err != nil {
		return nil, Result{}, err
	}
	r, err := c.Run(ctx, b)
	return c, r, errors.Join(err, c.Close())
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

// untimed returns the lines without what the clock says.
func untimed(c *Comparison) (lines []Line) {
	for _, line := range c.journal.Entries {
		line.StepMilliseconds, line.StepSeconds, line.WallSeconds = 0, 0, 0
		lines = append(lines, line)
	}
	return lines
}

// A comparison that is stopped, or killed in the middle of a line, goes on to the same bits; what is done is not done again.
func TestGoesOnToTheSameBits(t *testing.T) {
	s := small("circle", "softmax")
	whole, want, err := compared(t, t.TempDir(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Rows) != 4 || len(whole.journal.Entries) != 2*(2+2)+1+2+2*2 {
		t.Fatalf("%d rows, %d lines", len(want.Rows), len(whole.journal.Entries))
	}
	dir := t.TempDir()
	for _, enough := range []string{"circle, trial 2 of 2 (", "softmax, seed 1 of 2 ("} {
		_, _, err := compared(t, dir, s, func(said string) bool { return strings.Contains(said, enough) })
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped at %q: %v", enough, err)
		}
	}
	name := filepath.Join(dir, journalName)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text[:len(text)-20], 0o666); err != nil { // killed while it wrote
		t.Fatal(err)
	}
	resumed, got, err := compared(t, dir, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range untimed(whole) {
		if got := untimed(resumed)[i]; !reflect.DeepEqual(got, want) {
			t.Errorf("line %d: %#v, want %#v", i+1, got, want)
		}
	}
	if got.Answer != want.Answer || got.Best != want.Best {
		t.Errorf("%s (%s), want %s (%s)", got.Answer, got.Best, want.Answer, want.Best)
	}
	for seed := uint64(1); seed <= 2; seed++ {
		for _, loss := range s.Losses {
			a, errA := train.WeightsSum(whole.runDir(phaseSeed, loss, seed))
			b, errB := train.WeightsSum(resumed.runDir(phaseSeed, loss, seed))
			if a != b || errA != nil || errB != nil {
				t.Errorf("%s, seed %d: weights of %s and %s, %v, %v", loss, seed, a, b, errA, errB)
			}
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "runs", "*trial*")); err != nil || left != nil {
		t.Errorf("of trials %v are left, %v", left, err)
	}
	// Of each loss the step of its chosen setting is kept, and no other: they are the compiled programs of the seeds.
	if c := whole.compiled; c.Misses != 2+1 || c.Hits != 1+2*2 { // softmax has nothing to set: the trials have one graph
		t.Errorf("%d steps were compiled and %d taken as they were, want 3 and 5", c.Misses, c.Hits)
	}
	for _, loss := range s.Losses {
		for i, tried := range s.trials(loss) {
			before := whole.compiled.Hits
			_, err := train.Run(t.Context(), backendtest.Go(t), s.training(loss, tried, 9), whole.parts.Train, train.Options{
				Validation: whole.parts.Validation, Compiled: whole.compiled,
			})
			if kept, chosen := whole.compiled.Hits > before, maps.Equal(tried.Set, whole.chosen(loss).Set); err != nil || kept != chosen {
				t.Errorf("%s, trial %d (%s): its step is kept: %t, it was chosen: %t, %v", loss, i+1, tried, kept, chosen, err)
			}
		}
	}
	// What is whole is only told again.
	entries := len(resumed.journal.Entries)
	again, _, err := compared(t, dir, s, nil)
	if err != nil || len(again.journal.Entries) != entries {
		t.Errorf("once more: %v", err)
	}
	for _, c := range []struct {
		name   string
		change func(*Settings)
		want   string
	}{
		{"more seeds", func(s *Settings) { s.Seeds = 3 }, "seeds is 2, not 3"},
		{"another loss", func(s *Settings) { s.Losses = []string{"circle", "triplet"} }, "losses is [circle softmax], not [circle triplet]"},
		{"other steps", func(s *Settings) { s.Config.Steps = 20 }, "config.steps is 10, not 20"},
		{"another network", func(s *Settings) { s.Config.Dim = 16 }, "config.dim is 8, not 16"},
	} {
		other := s
		c.change(&other)
		if _, _, err := compared(t, dir, other, nil); err == nil || !usage.Is(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want wrong words with %q", c.name, err, c.want)
		}
	}
	// A program that would try something else does not go on among the lines of this one.
	line := again.journal.Entries[0]
	again.journal.Entries[0].LearningRate *= 2
	if err := again.once(t.Context(), backendtest.Go(t), line.Phase, line.Loss, line.Setting, line.Number, trialSeed); err == nil ||
		!strings.Contains(err.Error(), "this program tries") {
		t.Errorf("another setting: error %v", err)
	}
	parts := glyphs(t)
	parts.Validation = data.Subset(parts.Validation, parts.Validation.Name(), func(class string) bool { return class != parts.Validation.Classes()[0] })
	if _, err := Open(t.Context(), backendtest.Go(t), dir, s, parts, io.Discard); err == nil || !strings.Contains(err.Error(), "validation.data_classes is") {
		t.Errorf("other data: error %v", err)
	}
	test(t, want)
}

// A comparison goes on with the convolutions that it began with, which were the backend's in what earlier releases wrote.
func TestConvolutionsAreOfAComparison(t *testing.T) {
	for name, c := range map[string]struct{ there, now, want string }{
		"earlier, XLA's": {`"backend": "xla"`, "xla", ""},
		"earlier, Go's":  {`"backend": "go"`, "go", ""},
		"equal":          {`"backend": "xla", "convolutions": "oneDNN"`, "oneDNN", ""},
		"earlier, other": {`"backend": "xla"`, "oneDNN", "convolutions is xla, not oneDNN"},
		"XLA's now":      {`"backend": "xla", "convolutions": "oneDNN"`, "xla", "convolutions is oneDNN, not xla"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, settingsName), []byte(`{"format": 1, `+c.there+`}`), 0o666); err != nil {
				t.Fatal(err)
			}
			there, err := (&Comparison{dir: dir}).there()
			if err != nil {
				t.Fatal(err)
			}
			err = there.same(dir, asked{Format: format, Backend: there.Backend, Convolver: c.now})
			if c.want == "" && err != nil {
				t.Error(err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "$UNIPAIR_CONVOLUTIONS")) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// test checks what a result says of itself.
func test(t *testing.T, r Result) {
	for i, row := range r.Rows {
		if row.Group < 1 || float64(row.MAPAtR) < row.Interval[0] || float64(row.MAPAtR) > row.Interval[1] {
			t.Errorf("row %d: %+v", i, row)
		}
		if known := !math.IsNaN(float64(row.Behind.P)); known != (i > 0) {
			t.Errorf("row %d is behind by %+v", i, row.Behind)
		}
		if known := !math.IsNaN(float64(row.StepMilliseconds + row.StepsTo90 + row.TrialsDeviation)); known == row.Baseline {
			t.Errorf("%s takes %g ms, %g steps, its trials spread by %g", row.Name, row.StepMilliseconds, row.StepsTo90, row.TrialsDeviation)
		}
		if !row.Baseline && (len(row.Tried) != 2 || len(row.Curves) != 2 || len(row.Seeds) != 2) {
			t.Errorf("%s has %d trials, %d curves, %d seeds", row.Name, len(row.Tried), len(row.Curves), len(row.Seeds))
		}
	}
	var table, text bytes.Buffer
	if err := errors.Join(r.WriteTable(&table), r.WriteJSON(&text)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(table.String(), r.Answer+"\n") || !strings.Contains(table.String(), "(raw pixels)") || !strings.Contains(text.String(), `"by_seed"`) {
		t.Errorf("table %s\nJSON %s", table.String(), text.String())
	}
}

// A training that diverges is a result: it is counted, with its diagnosis, and finds nothing.
func TestFailureIsAResult(t *testing.T) {
	s := small("softmax", "contrastive")
	s.Trials, s.Config.LearningRate = 1, 1e25
	_, r, err := compared(t, t.TempDir(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Failures) != 2*(1+2) || !strings.Contains(r.Failures[0].Failure, "diverged in step 1") {
		t.Fatalf("failures: %+v", r.Failures)
	}
	for _, row := range r.Rows {
		if !row.Baseline && (row.Failed != 3 || row.MAPAtR != 0) || row.Baseline && row.MAPAtR == 0 {
			t.Errorf("%s: MAP@R %g, %d failed", row.Name, row.MAPAtR, row.Failed)
		}
	}
	if !strings.Contains(r.Answer, "worse than") {
		t.Errorf("answer: %s", r.Answer)
	}
}

// A training that was given up stays a failure when its line is lost: as it is when the program ends, or the disk is full, between its last
// checkpoint and its line.
func TestGivenUpIsFinal(t *testing.T) {
	s := small("contrastive")
	s.Trials, s.Seeds, s.Config.Steps = 1, 1, 350
	dir, parts := t.TempDir(), glyphs(t)
	parts.Train = blank{parts.Train}
	whole, want, err := comparedOn(t, parts, dir, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	trained, _ := whole.find(phaseSeed, "contrastive", 1)
	if !strings.Contains(trained.Failure, "all embeddings have been one point") {
		t.Fatalf("it did not collapse: %+v", trained)
	}
	name := filepath.Join(dir, journalName)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	trial, _, _ := strings.Cut(string(text), "\n") // the line of the seed is the next
	if err := os.WriteFile(name, []byte(trial+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	resumed, got, err := comparedOn(t, parts, dir, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(untimed(resumed), untimed(whole)) || got.Answer != want.Answer {
		t.Errorf("it ended with\n%+v, want\n%+v", untimed(resumed), untimed(whole))
	}
}

// blank is a set whose images are all empty: whatever the network, its embeddings of them are one point.
type blank struct{ data.Dataset }

func (b blank) Image(i int) (data.Image, error) {
	image, err := b.Dataset.Image(i)
	return data.Image{Width: image.Width, Height: image.Height, Pixels: make([]float32, len(image.Pixels))}, err
}

// A network whose embeddings of the test are not finite has failed: it finds nothing, is counted and is asked no more.
func TestNotFiniteInTheTest(t *testing.T) {
	s := small("circle", "softmax")
	s.Trials = 1
	dir := t.TempDir()
	c, _, err := compared(t, dir, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range c.journal.Entries {
		if line.Phase == phaseTest && line.Loss == "circle" && line.Number == 2 {
			c.journal.Entries[i].Failure = "its embeddings are not finite"
			c.journal.Entries[i] = c.journal.Entries[i].answered(line.Test.nothing())
		}
	}
	r, err := c.result()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Rows {
		if want := map[string]int{"circle": 1}[row.Name]; row.Failed != want {
			t.Errorf("%s: %d failed, want %d", row.Name, row.Failed, want)
		}
	}
	why, _, _, err := c.disagreements(t.Context(), backendtest.Go(t), r)
	if err != nil || !strings.Contains(why, "no two whose trainings all came to an end") {
		t.Errorf("of the two best it says %q, %v", why, err)
	}
}
