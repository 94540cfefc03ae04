package main

import (
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/losses"
)

// The table begins with the loss that is slowest beside the library.
func TestSpeedTable(t *testing.T) {
	table := speedTable([]timing{
		{name: "fast", rows: 128, ours: []float64{1, 3, 2}, them: []float64{4, 4, 4}, agreement: "the same"},
		{name: "slow", rows: 512, ours: []float64{3}, them: []float64{2}, agreement: "the same"},
	})
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if got := lines[len(lines)-2:]; got[0] != "| slow | 512 | 3.00 (3.00 – 3.00) | 2.00 (2.00 – 2.00) | 1.50 | the same |" ||
		got[1] != "| fast | 128 | 2.00 (1.00 – 3.00) | 4.00 (4.00 – 4.00) | 0.50 | the same |" {
		t.Errorf("got\n%s", table)
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
		if _, err := entry.With(c.settings); err != nil {
			t.Error(err)
		}
	}
}
