package main

import (
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/pkg/eval"
)

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(theirs map[string]float64)
		want   string // empty: they agree
	}{
		{"equal but for rounding", func(map[string]float64) {}, ""},
		{"0.001 apart", func(theirs map[string]float64) { theirs["mrr"] += 1e-3 }, "the largest difference is 0.001"},
		{"one is missing", func(theirs map[string]float64) { delete(theirs, "r_precision") }, "r_precision is not in both"},
	} {
		var ours evaluation.Result
		theirs := answer{Version: "peer 1", Images: 3, Scores: map[string]float64{}}
		for i, name := range []string{"precision_at_1", "r_precision", "map_at_r", "mean_average_precision", "mrr"} {
			ours.Metrics = append(ours.Metrics, evaluation.Metric{Metric: eval.Metric{Name: name, Value: 0.1 * float64(i)}})
			theirs.Scores[name] = 0.1*float64(i) + 1e-8
		}
		c.change(theirs.Scores)
		if err := compare(ours, theirs); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
