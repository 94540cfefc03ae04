package main

import (
	"slices"
	"testing"

	"github.com/unipair/unipair/internal/compare"
	"github.com/unipair/unipair/pkg/losses"
)

// Every loss of the catalogue is of one family.
func TestFamilies(t *testing.T) {
	of := make(map[string]int)
	for _, family := range families {
		for _, loss := range family {
			of[loss]++
		}
	}
	for _, entry := range losses.Catalogue() {
		if of[entry.Name] != 1 {
			t.Errorf("%s is of %d families", entry.Name, of[entry.Name])
		}
		delete(of, entry.Name)
	}
	if len(of) > 0 {
		t.Errorf("families have what is no loss: %v", of)
	}
}

// Which losses are trained for longer is said by the validation of the table before, whatever its test says.
func TestWhatIsTrainedForLonger(t *testing.T) {
	row := func(name string, inValidation ...float64) compare.Row { // of each seed; one that failed has none
		r := compare.Row{Name: name, Group: 1}
		for _, x := range inValidation {
			r.Curves = append(r.Curves, []compare.Point{{Step: 1, MAPAtR: x / 2}, {Step: 2, MAPAtR: x}, {Step: 3, MAPAtR: x * 0.9}})
		}
		return r
	}
	r := compare.Result{Rows: []compare.Row{ // by the test, the best first
		row("unified", 0.7, 0.7), row("multi-similarity", 0.8, 0.9), row("dcl", 0.9), row("nt-xent", 0.6, 0.6), {Name: "raw pixels", Baseline: true},
		row("circle", 0.75, 0.75), row("triplet", 0.5, 0.5), row("proxy-anchor", 0.4, 0.4), row("arcface", 0.65, 0.65), row("am-softmax", 0.3, 0.3),
		row("softmax", 0.2, 0.2), row("contrastive", 0.1, 0.1), row("margin", 0.15, 0.1), row("fast-ap", 0.9, 0.95), row("vicreg", 0.02, 0.03),
		row("intra-pair-variance", 0.02, 0.02), row("soft-triple"),
	}}
	for _, c := range []struct {
		name string
		some func(compare.Result) []string
		want []string
	}{
		{"ten", ten, []string{"fast-ap", "multi-similarity", "circle", "arcface", "nt-xent", "triplet", "proxy-anchor", "am-softmax", "softmax", "margin"}},
		{"few", few, []string{"fast-ap", "circle", "arcface"}},
	} {
		if got := c.some(r); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Settings of all tables that have all losses can be trained, and the others say what is missing.
func TestSettings(t *testing.T) {
	for _, table := range tables {
		s, err := words{results: t.TempDir()}.settings(table)
		if table.some != nil {
			if err == nil {
				t.Errorf("%s: it chose losses by nothing", table.name)
			}
			continue
		}
		if err == nil {
			err = s.Validate()
		}
		if err != nil || len(s.Losses) != len(losses.Catalogue()) {
			t.Errorf("%s: %d losses, %v", table.name, len(s.Losses), err)
		}
	}
}
