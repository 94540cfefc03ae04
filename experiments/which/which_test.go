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

// Which losses are trained for longer is said by the table before.
func TestWhatIsTrainedForLonger(t *testing.T) {
	r := compare.Result{Rows: []compare.Row{
		{Name: "multi-similarity", Group: 1}, {Name: "unified", Group: 1}, {Name: "nt-xent", Group: 2}, {Name: "dcl", Group: 2},
		{Name: "raw pixels", Baseline: true, Group: 2}, {Name: "circle", Group: 2}, {Name: "angular", Group: 2}, {Name: "triplet", Group: 3},
		{Name: "proxy-anchor", Group: 3}, {Name: "arcface", Group: 4}, {Name: "am-softmax", Group: 4}, {Name: "sphereface", Group: 4},
	}}
	for _, c := range []struct {
		name string
		some func(compare.Result) []string
		want []string
	}{
		{"matter", matter, []string{"multi-similarity", "unified", "nt-xent", "circle", "triplet", "proxy-anchor", "arcface", "am-softmax"}},
		{"few", few, []string{"multi-similarity", "circle", "triplet", "proxy-anchor", "am-softmax"}},
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
