package progress

import (
	"fmt"
	"io"
	"time"

	"github.com/unipair/unipair/pkg/train"
)

// Training shows the steps of a training: each on a terminal, about ten lines elsewhere, and a line per validation. Elsewhere, where the
// first of the ten may come late, one more says after a second how long the rest will take.
type Training struct {
	line  line
	steps int
	speed float64   // running mean of the seconds that a step takes; 0 at first
	begun time.Time // the first step was done
	first int       // its number
	last  time.Time
	told  bool // how long the rest will take
}

// worthTelling is the time from which on it is said beforehand how long a training takes.
const worthTelling = 10 * time.Second

// NewTraining returns what shows so many steps on w.
func NewTraining(w io.Writer, steps int) *Training { return &Training{line: newLine(w), steps: steps} }

// Step shows a step that has just been done.
func (t *Training) Step(r train.Record) {
	left := t.left(r.Step) // also of what is not shown
	if t.line.width == nil {
		t.foretell(r.Step)
	}
	validated := r.Validation != (train.Metrics{})
	step, numbers := fmt.Sprintf("step %d of %d", r.Step, t.steps), fmt.Sprintf("loss %-9.4g s_p %s  s_n %+.2f  R@1 %s  %4.0f images/s",
		r.Loss, unlessNone(r, "%.2f", r.Positive.Mean), r.Negative.Mean, unlessNone(r, "%.2f", r.Recall), r.ImagesPerSecond)
	switch {
	case t.line.width != nil: // of a terminal, which may be too narrow for the end
		if left != "" {
			step += ", " + left
		}
		t.line.say(step + ": " + numbers)
	case r.Step == t.steps || r.Step%max(1, t.steps/10) == 0 || validated:
		t.line.say(fmt.Sprintf("%s: %s  %s", step, numbers, left))
	}
	if validated {
		t.End()
		fmt.Fprintf(t.line.to, "step %d: validation R@1 %.3f, R-precision %.3f, MAP@R %.3f\n", r.Step, r.Validation.RecallAt1,
			r.Validation.RPrecision, r.Validation.MAPAtR)
	}
}

// left says how long the steps that are left will take, going by those before, validations and checkpoints included.
func (t *Training) left(step int) string {
	now := time.Now()
	if t.last.IsZero() { // the first step compiles
		t.begun, t.first, t.last = now, step, now
		return ""
	}
	took := now.Sub(t.last).Seconds()
	t.last = now
	if t.speed == 0 {
		t.speed = took
	}
	t.speed += 0.05 * (took - t.speed)
	return fmt.Sprintf("%s left", (time.Duration(t.speed * float64(t.steps-step) * float64(time.Second))).Round(time.Second))
}

// foretell says once how long the rest will take, where that is long, after a second of steps; the first, which compiles, does not count.
func (t *Training) foretell(step int) {
	took, done, left := t.last.Sub(t.begun), int64(step-t.first), int64(t.steps-step)
	if t.told || took < time.Second {
		return
	}
	t.told = true
	if all := rest(took, done, left); all >= worthTelling {
		t.line.say(fmt.Sprintf("%d steps are left, which take about %s, going by the last %d", left, Words(all), done))
	}
}

// End ends the terminal's line, so that something else can be said.
func (t *Training) End() { t.line.end() }

// Summary says what came of a training.
func Summary(result *train.Result) string {
	text := fmt.Sprintf("%d steps done", result.Step)
	if n := len(result.History); n > 0 {
		last := result.History[n-1]
		text += fmt.Sprintf(": loss %.4g, s_p %s, s_n %.3f", last.Loss, unlessNone(last, "%.3f", last.Positive.Mean), last.Negative.Mean)
	}
	if result.Best.Step > 0 {
		text += fmt.Sprintf("; best in validation was step %d: MAP@R %.3f, R@1 %.3f",
			result.Best.Step, result.Best.Metrics.MAPAtR, result.Best.Metrics.RecallAt1)
	}
	if result.Stopped {
		text += fmt.Sprintf("; stopped early, for %d validations found none better", result.Best.Worse)
	}
	return text
}

// unlessNone writes a number about the pairs of one class in a batch, or a dash where it has no such pair.
func unlessNone(r train.Record, format string, x float64) string {
	if r.Positive == (train.Summary{}) {
		return "–"
	}
	return fmt.Sprintf(format, x)
}
