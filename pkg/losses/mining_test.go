package losses_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
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

// Draws of negatives fall on distances as often as 1/q says, and never beyond 1.4.
func TestDistanceWeighted(t *testing.T) {
	const draws, dim = 20_000, 8
	random := rand.New(rand.NewPCG(57, 0))
	candidates := [][]float64{}
	for _, distance := range []float64{0.2, 0.5, 0.8, 1.1, 1.3, 1.39, 1.5} {
		v := make([]float64, dim)
		v[0] = 1 - distance*distance/2
		v[1+random.IntN(dim-1)] = math.Sqrt(1 - v[0]*v[0])
		candidates = append(candidates, v)
	}
	anchor := make([]float64, dim)
	anchor[0] = 1
	exec := graph.MustNewExec(backendtest.Go(t), func(anchors, candidates *graph.Node) *graph.Node {
		g := anchors.Graph()
		state := graph.RNGStateFromSeedForGraph(g, 1)
		uniform := func(shape shapes.Shape) (numbers *graph.Node) {
			state, numbers = graph.RandomUniform(state, shape)
			return numbers
		}
		label := func(value int32, n int) *graph.Node { return graph.BroadcastToDims(graph.Const(g, value), n) }
		s := losses.PairsAgainst(label(0, draws), anchors, label(1, candidates.Shape().Dim(0)), candidates, unitL2)
		drawn := losses.DistanceWeighted(1, uniform)(s).Negative
		return graph.ReduceSum(graph.ConvertDType(drawn, dtypes.Float64), 0)
	})
	anchors := make([][]float64, draws)
	for i := range anchors {
		anchors[i] = anchor
	}
	out, err := exec.Call(anchors, candidates)
	if err != nil {
		t.Fatal(err)
	}
	weight := func(d float64) float64 {
		d = math.Max(d, 0.5)
		return math.Pow(d, 2-dim) * math.Pow(1-d*d/4, (3-dim)/2.0)
	}
	total := 0.0
	distances := []float64{0.2, 0.5, 0.8, 1.1, 1.3, 1.39}
	for _, d := range distances {
		total += weight(d)
	}
	counts := out[0].Value().([]float64)
	for i, d := range distances {
		want := draws * weight(d) / total
		if math.Abs(counts[i]-want) > 5*math.Sqrt(want)+1 {
			t.Errorf("distance %g: %g draws of %d, want %.0f", d, counts[i], draws, want)
		}
	}
	if counts[6] != 0 {
		t.Errorf("distance 1.5: %g draws, want none", counts[6])
	}
}
