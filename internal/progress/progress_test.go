package progress

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/unipair/unipair/pkg/train"
)

func TestGauge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		g := NewGauge(&out, "MB", 1e6)
		for done := int64(0); done <= 100e6; done += 1e6 {
			g.Show("cub.tgz", done, 100e6)
			time.Sleep(300 * time.Millisecond)
		}
		g.Show("quick.txt", 5, 5)
		g.Show("unknown", 5, 0)
		time.Sleep(2 * time.Second)
		g.Show("unknown", 7e6, 0)
		if want := "cub.tgz: 4.0 of 100.0 MB, about 29 s left\n" +
			"cub.tgz: 38.0 of 100.0 MB, about 19 s left\ncub.tgz: 72.0 of 100.0 MB, about 9 s left\ncub.tgz: 100.0 of 100.0 MB\nunknown: 7.0 MB\n"; out.String() != want {
			t.Errorf("%q\nwant %q", out.String(), want)
		}
		out.Reset()
		g.line.width = func() int { return 31 }
		for done := int64(1e6); done <= 3e6; done += 1e6 { // a line that is written over, and ended before another
			time.Sleep(600 * time.Millisecond)
			g.Show("cars.tgz", done, 9e6)
		}
		g.End()
		g.End()
		if want := "\rcars.tgz: 3.0 of 9.0 MB, about\x1b[K\n"; out.String() != want {
			t.Errorf("on a terminal %q\nwant %q", out.String(), want)
		}
		out.Reset()
		g.Show("cub.tgz", 0, 9e6)
		time.Sleep(2 * time.Second)
		g.Show("cub.tgz", 1e6, 9e6)
		EndLine(&out) // for what fails then
		EndLine(&out)
		if got := out.String(); !strings.HasSuffix(got, "\x1b[K\n") || strings.Count(got, "\n") != 1 {
			t.Errorf("before an error %q", got)
		}
	})
}

// A training says ten of its steps and what was validated; on a terminal each, in one line that ends where another is said.
func TestTraining(t *testing.T) {
	record := func(step int, validation train.Metrics) train.Record {
		return train.Record{
			Step: step, Loss: 0.5, Recall: 1, Positive: train.Summary{Mean: 0.75}, Negative: train.Summary{Mean: -0.25},
			Validation: validation,
		}
	}
	validated := train.Metrics{RecallAt1: 0.5, RPrecision: 0.25, MAPAtR: 0.125}
	const about = "loss 0.5       s_p 0.75  s_n -0.25  R@1 1.00     0 images/s  "
	for _, c := range []struct {
		name     string
		terminal bool
		want     string
	}{
		{"elsewhere", false, "step 2 of 20: " + about + "0s left\nstep 3 of 20: " + about + "0s left\n" +
			"step 3: validation R@1 0.500, R-precision 0.250, MAP@R 0.125\n"},
		{"on a terminal", true, "\rstep 1 of 20: loss 0\x1b[K\rstep 2 of 20, 0s lef\x1b[K\rstep 3 of 20, 0s lef\x1b[K\n" +
			"step 3: validation R@1 0.500, R-precision 0.250, MAP@R 0.125\n"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			training := NewTraining(&out, 20)
			if c.terminal {
				training.line.width = func() int { return 21 }
			}
			training.Step(record(1, train.Metrics{}))
			training.Step(record(2, train.Metrics{}))
			training.Step(record(3, validated))
			training.End()
			if out.String() != c.want {
				t.Errorf("%s: %q\nwant %q", c.name, out.String(), c.want)
			}
		})
	}
}

// A long training says at once how long it will take, by its steps after the first, which compiles; a short one does not.
func TestTrainingIsForetold(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps int
		step  time.Duration
		want  string
	}{
		{"many short steps", 1000, 100 * time.Millisecond, "989 steps are left, which take about 2 min, going by the last 10\n"},
		{"few long steps", 5, 10 * time.Second, "3 steps are left, which take about 30 s, going by the last 1\n"},
		{"a long training", 1_000_000, 300 * time.Millisecond, "999995 steps are left, which take about 83.3 h, going by the last 4\n"},
		{"seconds", 50, 100 * time.Millisecond, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			training := NewTraining(&out, c.steps)
			time.Sleep(time.Hour) // compiling
			for step := 1; step < min(c.steps, 20); step++ {
				training.Step(train.Record{Step: step})
				time.Sleep(c.step)
			}
			var foretold string
			for line := range strings.Lines(out.String()) {
				if strings.Contains(line, "steps are left") {
					foretold += line
				}
			}
			if foretold != c.want {
				t.Errorf("%s: %q, want %q", c.name, foretold, c.want)
			}
		})
	}
}
