package train

import "fmt"

// Validation holds classes of the data set out of training and asks now and then how well their images retrieve one another.
// The network of the step with the highest MAP@R is the run's result. See [data.HoldOut]. The zero value validates nothing, unless
// there is a set to validate with ([Options].Validation).
type Validation struct {
	Fraction float64 `json:"fraction"`           // of the classes, in (0, 1); 0 is none: no validation, or by [Options].Validation
	Every    int     `json:"every"`              // steps from one validation to the next, 0 is 50; the last step has one, too
	Patience int     `json:"patience,omitempty"` // validations in a row without a better one after which the run ends; 0 is never
	Seed     uint64  `json:"seed,omitempty"`     // which classes; apart from the run's, so that runs can be compared
}

// defaultEvery counts the steps between validations where that is left open.
const defaultEvery = 50

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
