package losses_test

import (
	"reflect"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// Which pairs of two anchors a miner keeps: the first has three positives and three negatives, the second no negative.
func TestMinersByHand(t *testing.T) {
	const yes, no = true, false
	similarity := [][]float64{{0.2, 0.2, 0.9, 0.5, 0.5, 0.1}, {0.3, 0.1, 0.2, 0, 0, 0}}
	positive := [][]bool{{yes, yes, yes, no, no, no}, {yes, yes, no, no, no, no}}
	negative := [][]bool{{no, no, no, yes, yes, yes}, {no, no, no, no, no, no}}
	nothing := []bool{no, no, no, no, no, no}
	for name, c := range map[string]struct {
		miner              losses.Miner
		positive, negative [][]bool
	}{
		"hardest, ties together": {
			losses.HardestPairs,
			[][]bool{{yes, yes, no, no, no, no}, nothing}, [][]bool{{no, no, no, yes, yes, no}, nothing},
		},
		"multi-similarity": { // positives below 0.5 + 0.1, negatives above 0.2 − 0.1
			losses.MultiSimilarityPairs(0.1),
			[][]bool{{yes, yes, no, no, no, no}, nothing}, [][]bool{{no, no, no, yes, yes, no}, nothing},
		},
		"beyond distances": { // positives with s < −(−0.25), negatives with s > −(−0.4)
			losses.PairsBeyond(-0.25, -0.4),
			[][]bool{{yes, yes, no, no, no, no}, {no, yes, no, no, no, no}}, [][]bool{{no, no, no, yes, yes, no}, nothing},
		},
	} {
		exec := graph.MustNewExec(backendtest.Go(t), func(s, p, n *graph.Node) (*graph.Node, *graph.Node) {
			kept := c.miner(losses.Scores{Similarity: s, Positive: p, Negative: n})
			return kept.Positive, kept.Negative
		})
		out, err := exec.Call(similarity, positive, negative)
		if err != nil {
			t.Fatal(err)
		}
		if got := out[0].Value(); !reflect.DeepEqual(got, c.positive) {
			t.Errorf("%s: positives %v, want %v", name, got, c.positive)
		}
		if got := out[1].Value(); !reflect.DeepEqual(got, c.negative) {
			t.Errorf("%s: negatives %v, want %v", name, got, c.negative)
		}
		exec.Finalize()
	}
}
