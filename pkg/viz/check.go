package viz

import (
	"errors"
	"fmt"
	"math"
	"slices"
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

// checkTiles returns an error unless there is something to draw, and a column to draw it in.
func checkTiles(where, what string, n, columns int) error {
	if columns < 1 {
		return fmt.Errorf("viz.%s: columns must be ≥ 1, got %d", where, columns)
	}
	return checkSome(where, what, n)
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

// checkCurve returns an error unless a curve has points, each with a number of y, and of the band low to high where there is one.
func checkCurve(where, name string, x, y field, low, high []float64) error {
	n := len(x.values)
	if err := checkSome(where, "values of "+x.name+" in "+name, n); err != nil {
		return err
	}
	fields := []field{y}
	if low != nil || high != nil {
		fields = append(fields, field{"Low", low}, field{"High", high})
	}
	if err := checkLengths(where, name, x.name, n, fields...); err != nil {
		return err
	}
	return checkNumbers(where, name, slices.Concat(x.values, y.values, low, high)...)
}

// checkScores returns an error that names the first pair of scores that cannot be drawn.
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
