package show_test

import (
	"testing"

	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/notebooks/show"
)

// A sentence that a run does not show ends the cell of a full run, and of a full run alone.
func TestClaim(t *testing.T) {
	for _, c := range []struct {
		name         string
		quick, holds bool
		ends         bool
	}{
		{"it holds", false, true, false},
		{"it does not", false, false, true},
		{"it holds in a quick run", true, true, false},
		{"it does not, in a quick run", true, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(quick.Variable, map[bool]string{true: "1"}[c.quick])
			if got := panics(func() { show.Claim("all swans are white", c.holds) }); got != c.ends {
				t.Errorf("ended: %t, want %t", got, c.ends)
			}
		})
	}
}

func TestWhich(t *testing.T) {
	if got := show.Which(true, "a", "b") + show.Which(false, "a", "b"); got != "ab" {
		t.Errorf("got %q, want ab", got)
	}
}

func TestFact(t *testing.T) {
	for _, c := range []struct {
		format string
		value  float64
		want   string
	}{{"%.2f", 0.2197, "0.22"}, {"%.2f", -0.11, "−0.11"}, {"%.0e", 4e-15, "4 · 10⁻¹⁵"}} {
		if got := show.Fact("width", c.format, c.value); got != c.want {
			t.Errorf("got %q, want %s", got, c.want)
		}
	}
}
