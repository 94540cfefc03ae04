package show

import (
	"strings"
	"testing"
)

func TestTypeset(t *testing.T) {
	for cell, want := range map[string]string{
		"s_p at last":      "<i>s</i><sub>p</sub> at last",
		"-0.10":            "−0.10",
		"2 → -3":           "2 → −3",
		"k-centre":         "k-centre",
		"one-shot":         "one-shot",
		"0e+00":            "0",
		"2e-15":            "2 · 10⁻¹⁵",
		"1.5e+06":          "1.5 · 10⁶",
		"3.2e+00":          "3.2",
		"a | b":            "a &#124; b",
		"47.5 %":           "47.5&nbsp;%",
		"(s_n, s_p)":       "(<i>s</i><sub>n</sub>, <i>s</i><sub>p</sub>)",
		"losses_n, e-mail": "losses_n, e-mail",
	} {
		if got := typeset(cell); got != want {
			t.Errorf("typeset(%q) = %q, want %q", cell, got, want)
		}
	}
}

// Words stand to the left, numbers to the right, and the plain form keeps what it was given.
func TestTable(t *testing.T) {
	markdown, plain := table([]string{"loss", "says", "s_n", "none"}, [][]string{{"a", "yes", "-1.5 %", "–"}, {"b", "2 or so, but who can tell them all", "–", ""}})
	if want := "| --- | --- | ---: | --- |"; !strings.Contains(markdown, want) {
		t.Errorf("got %q, want a rule %q", markdown, want)
	}
	if want := "loss\tsays\ts_n\tnone\n"; !strings.HasPrefix(plain, want) {
		t.Errorf("got %q, want %q first", plain, want)
	}
}
