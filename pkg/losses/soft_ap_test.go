package losses_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// The average precision with soft ranks, on anchors of as many positives as they happen to have.
func TestSmoothAPByHand(t *testing.T) {
	const tau = 0.2
	byHand(t, losses.SmoothAP{Temperature: tau}, randomRows(51, 8, 9), func(s []float64, positive, negative []bool) float64 {
		loss, _ := sumOf(s, positive, func(p float64) float64 {
			among, _ := sumOf(s, positive, func(j float64) float64 { return sigmoid((j - p) / tau) })
			before, _ := sumOf(s, negative, func(j float64) float64 { return sigmoid((j - p) / tau) })
			return 1 - (among+0.5)/(among+0.5+before)
		})
		_, count := sumOf(s, positive, func(float64) float64 { return 0 })
		return loss / math.Max(count, 1)
	})
}

// In a ranking without mistakes the loss goes to 0 with the temperature, whatever the sizes of the classes.
func TestSmoothAPOfAPerfectRanking(t *testing.T) {
	in := batch{
		labels:     []int32{0, 0, 1, 1, 1, 2, 2, 2, 2},
		embeddings: [][]float64{{1, 0, 0}, {9, 1, 0}, {0, 1, 0}, {1, 9, 0}, {0, 9, 1}, {0, 0, 1}, {1, 0, 9}, {0, 1, 9}, {1, 1, 9}},
	}
	got := evaluate(t, backendtest.Go(t), dtypes.Float64, in, pairs(losses.Cosine), reduced(losses.DefaultSmoothAP(), losses.Mean))
	if got.loss > 1e-12 {
		t.Errorf("value %g, want 0", got.loss)
	}
}

// A batch whose cube of triplets is made in several pieces has the value and gradient of one that is not: here by adding rows
// that take no part.
func TestPiecesOfTheCube(t *testing.T) {
	const rows = 300 // 300³ > 2^24
	in := randomBatch(56, 4, 3, 4)
	f := reduced(losses.PNP{Penalty: losses.PenaltyDs, Alpha: 1, B: 1, Temperature: 0.1}, losses.Sum)
	few := evaluate(t, backendtest.Go(t), dtypes.Float64, in, pairs(losses.Cosine), f)
	many := evaluate(t, backendtest.Go(t), dtypes.Float64, in, func(labels, embeddings, _, _ *graph.Node) losses.Scores {
		more := rows - len(in.labels)
		labels = graph.Concatenate([]*graph.Node{labels, graph.BroadcastToDims(graph.Const(labels.Graph(), int32(99)), more)}, 0)
		zeros := graph.Zeros(embeddings.Graph(), shapes.Make(dtypes.Float64, more, 4))
		s := losses.Pairs(labels, graph.Concatenate([]*graph.Node{embeddings, zeros}, 0), losses.Cosine)
		real := graph.LessThan(labels, graph.BroadcastToDims(graph.Const(labels.Graph(), int32(99)), rows))
		both := graph.LogicalAnd(graph.InsertAxes(real, 0), graph.InsertAxes(real, 1))
		s.Positive, s.Negative = graph.LogicalAnd(s.Positive, both), graph.LogicalAnd(s.Negative, both)
		return s
	}, f)
	learns(t, "PNP", few)
	same(t, "in pieces", many, few, 1e-12, 1e-12)
}
