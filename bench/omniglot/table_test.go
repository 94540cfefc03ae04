package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	all := []measured{
		{Loss: "circle", OneShotError: 0.15, Seconds: 60, ImagesPerSecond: 1000},
		{Loss: "triplet", OneShotError: 0.25, Seconds: 70, ImagesPerSecond: 900},
		{Loss: "circle", Seed: 1, OneShotError: 0.17, Seconds: 62, ImagesPerSecond: 1100},
	}
	got := table([]string{"circle", "triplet"}, all, false)
	for _, want := range []string{
		"| loss | one-shot error, % | each seed | training, s | images/s |\n|---|---|---|---|---|\n",
		"| circle | 16.0 ± 1.4 | 15.00, 17.00 | 61 | 1050 |\n",
		"| triplet | 25.0 ± 0.0 | 25.00 | 70 | 900 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("table = %q, want a line %q", got, want)
		}
	}
}
