package main

import (
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/compare"
)

// The ranking is the comparison that `unipair compare` makes of Omniglot by default, of all losses.
func TestRankingIsTheComparison(t *testing.T) {
	all, err := compare.Chosen("all")
	if err != nil {
		t.Fatal(err)
	}
	s, err := words{losses: "all", steps: 150, seeds: 5, trials: 4}.ranking()
	if err != nil || s.Data != "omniglot" || len(s.Losses) != len(all) || s.Trials != 4 || s.Seeds != 5 || s.Config.Steps != 150 || s.Config.Size != 28 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, c := range []struct {
		name string
		w    words
		want string
	}{
		{"an unknown loss", words{losses: "circel", steps: 150, seeds: 5, trials: 4}, "did you mean circle?"},
		{"no trials", words{losses: "circle", steps: 150, seeds: 5}, "--trials must be from 1"},
	} {
		if _, err := c.w.ranking(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
