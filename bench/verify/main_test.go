package main

import (
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	names := []string{"precision_at_1", "r_precision", "map_at_r", "mean_average_precision", "mrr"}
	ours, theirs := map[string]any{"queries": 3.0}, answer{Version: "peer 1", Images: 3, Scores: map[string]float64{}}
	for i, name := range names {
		ours[name], theirs.Scores[name] = 0.1*float64(i), 0.1*float64(i)+1e-8
	}
	if err := compare(ours, theirs); err != nil {
		t.Errorf("equal but for rounding: %v", err)
	}
	theirs.Scores["mrr"] += 1e-3
	if err := compare(ours, theirs); err == nil || !strings.Contains(err.Error(), "the largest difference is 0.001") {
		t.Errorf("0.001 apart: error %v", err)
	}
	delete(theirs.Scores, "r_precision")
	if err := compare(ours, theirs); err == nil || !strings.Contains(err.Error(), "r_precision is not in both") {
		t.Errorf("one is missing: error %v", err)
	}
	ours["queries"] = 4.0
	if err := compare(ours, theirs); err == nil || !strings.Contains(err.Error(), "give a part that is searched in itself") {
		t.Errorf("more queries than images: error %v", err)
	}
}
