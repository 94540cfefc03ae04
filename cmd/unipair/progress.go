package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// progress shows a training: a bar on a terminal, about ten plain lines elsewhere, and one a validation.
type progress struct {
	w     io.Writer
	steps int
	bar   *progressbar.ProgressBar // nil: no terminal
	speed float64                  // running mean of the seconds a step takes; 0 at first
	last  time.Time
}

func newProgress(w io.Writer, steps, done int) *progress {
	p := &progress{w: w, steps: steps}
	if screen := screenOf(w); screen != nil {
		p.bar = progressbar.NewOptions(steps, progressbar.OptionSetWriter(screen), progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false), progressbar.OptionFullWidth())
		p.advance(done)
	}
	return p
}

// step shows a step that has just been done.
func (p *progress) step(r train.Record) {
	about := fmt.Sprintf("loss %-9.4g s_p %s  s_n %+.2f  R@1 %s  %4.0f images/s  %s", r.Loss, unlessNone(r, "%.2f", r.Positive.Mean), r.Negative.Mean,
		unlessNone(r, "%.2f", r.Recall), r.ImagesPerSecond, p.left(r.Step))
	validated := r.Validation != (train.Scores{})
	if p.bar != nil {
		p.bar.Describe(about)
		p.advance(r.Step)
	} else if r.Step == p.steps || r.Step%max(1, p.steps/10) == 0 || validated {
		fmt.Fprintf(p.w, "step %d of %d: %s\n", r.Step, p.steps, about)
	}
	if validated {
		p.end()
		fmt.Fprintf(p.w, "step %d: validation R@1 %.3f, R-precision %.3f, MAP@R %.3f\n", r.Step, r.Validation.RecallAt1,
			r.Validation.RPrecision, r.Validation.MAPAtR)
	}
}

// unlessNone writes a number about the pairs of one class in a batch, or a dash where it has no such pair.
func unlessNone(r train.Record, format string, x float64) string {
	if r.Positive == (train.Summary{}) {
		return "–"
	}
	return fmt.Sprintf(format, x)
}

// left says how long the steps that are left will take, going by those before, validations and checkpoints included.
func (p *progress) left(step int) string {
	now := time.Now()
	if p.last.IsZero() { // the first step compiles
		p.last = now
		return ""
	}
	took := now.Sub(p.last).Seconds()
	p.last = now
	if p.speed == 0 {
		p.speed = took
	}
	p.speed += 0.05 * (took - p.speed)
	return fmt.Sprintf("%s left", (time.Duration(p.speed * float64(p.steps-step) * float64(time.Second))).Round(time.Second))
}

// end leaves the bar's line, so that what follows has its own.
func (p *progress) end() {
	if p.bar != nil {
		fmt.Fprintln(p.w)
	}
}

// advance moves the bar. Its only error is that of a terminal that is gone, which the training need not mind.
func (p *progress) advance(step int) { _ = p.bar.Set(step) }

// historyFigure is the figure beside a run's history.
const historyFigure = "history.svg"

// drawHistory writes a figure of how the similarities went; none where no batch had a pair.
func drawHistory(path, loss string, history []train.Record) error {
	positive, negative := viz.Curve{Name: "s_p"}, viz.Curve{Name: "s_n"}
	for _, r := range history {
		for curve, s := range map[*viz.Curve]train.Summary{&positive: r.Positive, &negative: r.Negative} {
			if s == (train.Summary{}) { // the batch had no such pair
				continue
			}
			curve.X = append(curve.X, float64(r.Step))
			curve.Mean = append(curve.Mean, s.Mean)
			curve.Low = append(curve.Low, s.Q05)
			curve.High = append(curve.High, s.Q95)
		}
	}
	curves := slices.DeleteFunc([]viz.Curve{positive, negative}, func(c viz.Curve) bool { return len(c.X) == 0 })
	if len(curves) == 0 {
		return nil
	}
	figure, err := viz.Histories(1, viz.History{
		Title: loss, Label: "cosine similarity, mean and 5–95 %", Curves: curves, Low: -1, High: 1,
	})
	if err != nil {
		return err
	}
	return figure.Save(path)
}
