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

func checkScores(where, what string, scores []Score) error {
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
