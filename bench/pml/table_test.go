package pml

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/losses"
)

// The table begins with the loss that is slowest beside the library, by the median of the rounds' ratios, and says which are
// slower and which the library lacks.
func TestSpeedTable(t *testing.T) {
	spread := func(least, median, most float64) turns.Spread {
		return turns.Spread{Least: least, Median: median, Most: most}
	}
	table := speedTable([]timing{
		{Name: "fast", Rows: 128, Ours: spread(0.001, 0.002, 0.009), Theirs: spread(0.004, 0.004, 0.018), Ratio: spread(0.25, 0.5, 0.5), Agreement: "the same"},
		{Name: "slow", Rows: 512, Ours: spread(0.003, 0.003, 0.003), Theirs: spread(0.002, 0.002, 0.002), Ratio: spread(1.5, 1.5, 1.5), Agreement: "the same"},
	}, []string{"siglip"})
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if got := lines[len(lines)-2:]; got[0] != "| slow | 512 | 3.00 (3.00 – 3.00) | 2.00 (2.00 – 2.00) | 1.50 | the same |" ||
		got[1] != "| fast | 128 | 2.00 (1.00 – 9.00) | 4.00 (4.00 – 18.00) | 0.50 | the same |" {
		t.Errorf("got\n%s", table)
	}
	for _, want := range []string{"\nSlower than the library: 1 of 2: slow at 512.\n", "\nNot in the library: siglip.\n"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
}

// A ratio just above 1 can be told from 1, and one far below 0.01 from 0.
func TestQuotient(t *testing.T) {
	for x, want := range map[float64]string{1.02: "1.02", 0.5: "0.50", 0.00035: "0.00035", 12.345: "12.35"} {
		if got := quotient(x); got != want {
			t.Errorf("%g: got %s, want %s", x, got, want)
		}
	}
}

// Every loss that is compared is one of the catalogue, under settings that it takes.
func TestCounterparts(t *testing.T) {
	for name, c := range counterparts() {
		entry, err := losses.Find(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if entry.Name != name {
			t.Errorf("%s is an alias of %s: it would be left out", name, entry.Name)
		}
		if _, err := entry.With(c.settings); err != nil {
			t.Error(err)
		}
	}
}

// peer.py makes just the losses that are compared.
func TestPeerHasTheSameLosses(t *testing.T) {
	source, err := os.ReadFile("peer.py")
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^ {8}"([a-z0-9-]+)": lambda`).FindAllStringSubmatch(string(source), -1) {
		made[found[1]] = true
		if _, ok := counterparts()[found[1]]; !ok {
			t.Errorf("peer.py makes %s, which is not in pairs.go", found[1])
		}
	}
	for name := range counterparts() {
		if !made[name] {
			t.Errorf("pairs.go has %s, which peer.py does not make", name)
		}
	}
}

// What is compared and what is left out is the whole catalogue; of those that are asked for, nothing is left out.
func TestBoth(t *testing.T) {
	shared, rest := both(nil)
	if len(shared) != len(counterparts()) || len(shared)+len(rest) != len(losses.Catalogue()) || !slices.Contains(rest, "siglip") {
		t.Errorf("%d shared, rest %v", len(shared), rest)
	}
	if shared, rest := both([]string{"circle"}); len(shared) != 1 || shared[0].Name != "circle" || rest != nil {
		t.Errorf("circle: %v, %v", shared, rest)
	}
	if names := Names(); len(names) != len(counterparts()) || slices.Contains(names, "siglip") {
		t.Errorf("names %v", names)
	}
}
