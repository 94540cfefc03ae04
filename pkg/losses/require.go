package losses

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/unipair/unipair/internal/suggest"
)

// validateName returns an error unless name is one of the constants of its kind.
func validateName[N ~string](kind string, name N, constants ...N) error {
	if slices.Contains(constants, name) {
		return nil
	}
	var known []string
	for _, constant := range constants {
		known = append(known, string(constant))
	}
	return fmt.Errorf("losses: unknown %s %q: %s", kind, string(name), suggest.For(string(name), known))
}

// errNil is of a value that an interface has none of.
var errNil = errors.New("losses: a loss, a similarity, a relation or a reduction is nil")

// validate returns the first error of values that can be invalid, or are not there.
func validate(values ...any) error {
	for _, value := range values {
		if value == nil {
			return errNil
		}
		if v, ok := value.(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				return err
			}
		}
	}
	return nil
}

// finite reports whether x is a number: neither NaN nor infinite.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// require returns an error about a field of a loss unless ok.
func require(ok bool, field, rule string, got any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("losses.%s must be %s, got %v", field, rule, got)
}

// requirePositive returns an error unless value is a number above 0.
func requirePositive(field string, value float64) error {
	return require(finite(value) && value > 0, field, "a number > 0", value)
}

// requireAtLeast0 returns an error unless value is a number from 0 on.
func requireAtLeast0(field string, value float64) error {
	return require(finite(value) && value >= 0, field, "a number ≥ 0", value)
}

func validateMargins(loss string, positive, negative float64) error {
	if err := require(finite(positive), loss+": PositiveMargin", "a number", positive); err != nil {
		return err
	}
	if err := require(finite(negative), loss+": NegativeMargin", "a number", negative); err != nil {
		return err
	}
	return require(positive != 0 || negative != 0, loss, "given margins (start from Default"+loss+")", []float64{positive, negative})
}
