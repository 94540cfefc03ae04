package train

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/train/internal/network"
)

// Failure is the error, perhaps wrapped, of a run that did as it was told and learnt nothing: it diverged, or its network collapsed. Other
// settings may do better; the same ones end so again. Why says in one line what was found.
type Failure struct{ Why string }

// Error implements error.
func (f *Failure) Error() string { return f.Why }

func failure(format string, values ...any) error { return &Failure{fmt.Sprintf(format, values...)} }

// culprit names what of a step is not finite, or the first of it: embeddings come before the loss, that before the gradient, and that
// before the weights.
type culprit struct {
	about   string // such as "the loss is NaN"
	learned bool   // before the weights were moved, it was finite
}

// culprit looks for what is not finite in a step whose outcome is not.
func (l *learner) culprit(o outcome) (culprit, error) {
	similarities, err := tensors.CopyFlatData[float32](o.similarities)
	if err != nil {
		return culprit{}, err
	}
	loss := fmt.Sprintf("the loss is %.4g", o.loss)
	switch {
	case network.NotFinite(similarities) >= 0:
		return culprit{"the embeddings are not finite, and " + loss, false}, nil
	case math.IsNaN(o.loss) || math.IsInf(o.loss, 0):
		return culprit{loss, false}, nil
	}
	largest, of := float32(0), ""
	for _, v := range l.learnt() {
		for _, moment := range []string{"/adamw/first", "/sgd/velocity"} {
			if mean := l.store.GetVariable(moment + v.Path()); mean != nil {
				bad, _, err := extremes(mean)
				if err != nil {
					return culprit{}, err
				}
				if bad {
					return culprit{fmt.Sprintf("the gradient of %s is not finite, and %s", v.Path(), loss), false}, nil
				}
			}
		}
		bad, most, err := extremes(v)
		if err != nil {
			return culprit{}, err
		}
		if bad {
			return culprit{fmt.Sprintf("the weights of %s are not finite, and %s", v.Path(), loss), true}, nil
		}
		if most > largest {
			largest, of = most, v.Path()
		}
	}
	return culprit{fmt.Sprintf("the weights of %s have grown to %.2g, whose squares are not finite, and %s", of, largest, loss), true}, nil
}

// extremes tells of a variable whether a number is not finite, and the largest without its sign.
func extremes(v *model.Variable) (bad bool, largest float32, err error) {
	value, err := v.Value()
	if err != nil {
		return false, 0, err
	}
	err = tensors.ConstFlatData(value, func(flat []float32) {
		bad = network.NotFinite(flat) >= 0
		for _, x := range flat {
			largest = max(largest, x, -x)
		}
	})
	return bad, largest, err
}

// diverged says what of a step is not finite, and what to do, going by the steps before it.
func diverged(step int, c culprit, history []Record, config Config) error {
	slower := fmt.Sprintf("lower the learning rate from %g to %.1g", config.LearningRate, config.LearningRate/10)
	if len(history) == 0 {
		cure := "before anything was learnt: lower the loss's scale (gamma, or 1/temperature), or see where a loss of your own takes a root, " +
			"a logarithm or a quotient"
		if c.learned {
			cure = "as soon as they were moved: " + slower
		}
		return failure("train: diverged in step %d: %s %s", step, c.about, cure)
	}
	last, first := history[len(history)-1], history[0]
	switch {
	case step <= config.Warmup:
		slower += fmt.Sprintf(", or warm up longer than %d steps", config.Warmup)
	case config.ClipNorm == 0:
		slower += ", or clip the gradient (--clip-norm 1)"
	case config.Warmup == 0:
		slower += ", or warm up"
	}
	if last.Loss <= 2*math.Abs(first.Loss) {
		slower += "; if it comes back at the same step, lower the loss's scale (gamma, or 1/temperature)"
	}
	before := fmt.Sprintf("%.4g in step %d", last.Loss, last.Step)
	if last.Step != first.Step {
		before += fmt.Sprintf(" and %.4g in step %d", first.Loss, first.Step)
	}
	return failure("train: diverged in step %d: %s, after a loss of %s: %s", step, c.about, before, slower)
}
