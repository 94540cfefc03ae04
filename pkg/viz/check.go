package viz

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

var errEmpty = errors.New("viz: an empty Figure cannot be rendered: make it with one of the package's functions")

// checkNumbers returns an error that names the first value that cannot be drawn.
func checkNumbers(where, what string, values ...float64) error {
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("viz.%s: %s [%d] is %g: only numbers can be drawn, see where it was computed", where, what, i, v)
		}
	}
	return nil
}

// checkSome returns an error when there is nothing to draw.
func checkSome(where, what string, n int) error {
	if n == 0 {
		return fmt.Errorf("viz.%s: no %s, want at least one", where, what)
	}
	return nil
}

// field holds the numbers of a field by its name.
type field struct {
	name   string
	values []float64
}

// checkLengths returns an error that names the first field that has not n numbers, one for each of those that places names.
func checkLengths(where, what, places string, n int, fields ...field) error {
	for _, f := range fields {
		if len(f.values) != n {
			return fmt.Errorf("viz.%s: %s: %s must have one for each of %s, got %d for %d", where, what, f.name, places, len(f.values), n)
		}
	}
	return nil
}

func checkScores(where, what string, scores []ScorePair) error {
	for i, s := range scores {
		if err := checkNumbers(where, fmt.Sprintf("%s %d (s_n, s_p)", what, i), s.Sn, s.Sp); err != nil {
			return err
		}
	}
	return nil
}

// because appends a cause to a message, if there is one.
func because(cause string) string {
	if cause == "" {
		return ""
	}
	return "; " + cause
}

// sentence joins the parts of a text alternative.
func sentence(parts ...string) string { return strings.Join(parts, " ") }
