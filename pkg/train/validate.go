package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// Validation holds classes of the data set out of training and asks now and then how well their images retrieve one another.
// The network of the step with the highest MAP@R is the run's result. See [data.HoldOut]. The zero value validates nothing, unless
// there is a set to validate with ([Options].Validation).
type Validation struct {
	Fraction float64 `json:"fraction"`           // of the classes, in (0, 1); 0 is none: no validation, or by [Options].Validation
	Every    int     `json:"every"`              // steps from one validation to the next; the last step has one, too
	Patience int     `json:"patience,omitempty"` // validations in a row without a better one after which the run ends; 0 is never
	Seed     uint64  `json:"seed,omitempty"`     // which classes; apart from the run's, so that runs can be compared
}

// DefaultValidation holds out a fifth of the classes and asks every 50 steps, without stopping early.
func DefaultValidation() Validation { return Validation{Fraction: 0.2, Every: 50} }

// Best is the step that validated best.
type Best struct {
	Step   int    `json:"step"`
	Scores Scores `json:"scores"`
	Worse  int    `json:"worse"` // validations since, none of them better
}

func (v Validation) validate() error {
	switch {
	case v == Validation{}:
		return nil
	case !(v.Fraction >= 0 && v.Fraction < 1):
		return fmt.Errorf("train: the fraction of classes to validate with must be in (0, 1), got %g", v.Fraction)
	case v.Every < 1:
		return fmt.Errorf("train: validations must be at least 1 step apart, got %d", v.Every)
	case v.Patience < 0:
		return fmt.Errorf("train: the patience must be 0 (never stop early) or more validations, got %d", v.Patience)
	}
	return nil
}

// due reports whether a step of so many is followed by a validation.
func (v Validation) due(step, steps int) bool {
	return v.Every > 0 && (step%v.Every == 0 || step == steps)
}

// heldOut returns the images to train on and those to validate with, which is nil where the run does not validate.
func heldOut(v Validation, set, own data.Dataset) (training, held data.Dataset, err error) {
	switch {
	case v.Fraction > 0 && own != nil:
		return nil, nil, errors.New("train: validation is by a fraction of the classes or by Options.Validation: leave one of them out")
	case v.Fraction > 0:
		if training, held, err = data.HoldOut(set, v.Fraction, v.Seed); err != nil {
			return nil, nil, fmt.Errorf("train: validation: %w", err)
		}
		return training, held, nil
	case own == nil && v.Every > 0:
		return nil, nil, errors.New("train: there is nothing to validate with: give a fraction of the classes or Options.Validation")
	case own == nil:
		return set, nil, nil
	}
	if a, b := set.Format().Features, own.Format().Features; a != b {
		return nil, nil, fmt.Errorf("train: validation: %s has %d features, and %s to train on has %d (0 for pictures): both must be made alike",
			own.Name(), b, set.Name(), a)
	}
	images := make([]int, len(own.Classes()))
	for i := range own.Len() {
		images[own.Label(i)]++
	}
	if !slices.ContainsFunc(images, func(n int) bool { return n > 1 }) {
		return nil, nil, fmt.Errorf("train: validation: %s has no class of more than one image, so that nothing can be found: add images to it, "+
			"or take it away and hold out classes (--validate 0.2)", own.Name())
	}
	return set, own, nil
}

// validator asks the held-out classes and remembers the best network.
type validator struct {
	backend  compute.Backend
	held     data.Dataset
	embedder *Embedder
	values   values // of the best network
}

func newValidator(backend compute.Backend, config Config, f *Function, held data.Dataset) (*validator, error) {
	embedder, err := freshEmbedder(backend, config.Network, config.Seed, f)
	return &validator{backend: backend, held: held, embedder: embedder}, err
}

// scores measures a network by the values of its variables.
func (v *validator) scores(network values) (Scores, error) {
	if err := network.give(allOf(v.embedder.layers)); err != nil {
		return Scores{}, err
	}
	set, err := v.embedder.EmbedSet(v.held)
	if err != nil {
		return Scores{}, fmt.Errorf("%w (while validating)", err)
	}
	result, err := eval.Retrieve(set, eval.Options{RecallAt: []int{1}, Backend: v.backend})
	if err != nil {
		return Scores{}, fmt.Errorf("train: validation: %w", err)
	}
	return Scores{RecallAt1: result.PrecisionAt1, RPrecision: result.RPrecision, MAPAtR: result.MAPAtR}, nil
}
