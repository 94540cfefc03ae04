package losses_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// A batch is what a loss is computed of: embeddings with labels, and class weights or reference vectors where it needs them.
type batch struct {
	labels     []int32
	embeddings [][]float64
	others     [][]float64 // class weights, or reference vectors
	otherLabel []int32     // of reference vectors
}

// scoring makes scores of a batch's nodes; others and otherLabels are nil where the batch has none.
type scoring func(labels, embeddings, others, otherLabels *graph.Node) losses.Scores

func pairs(sim losses.Similarity) scoring {
	return func(labels, embeddings, _, _ *graph.Node) losses.Scores { return losses.Pairs(labels, embeddings, sim) }
}

func against(sim losses.Similarity) scoring {
	return func(labels, embeddings, others, otherLabels *graph.Node) losses.Scores {
		return losses.PairsAgainst(labels, embeddings, otherLabels, others, sim)
	}
}

func classes(sim losses.Similarity) scoring {
	return func(labels, embeddings, others, _ *graph.Node) losses.Scores {
		return losses.Classes(labels, embeddings, others, sim)
	}
}

// mined narrows the pairs of a scoring by miners, one after the other.
func mined(how scoring, miners ...losses.Miner) scoring {
	return func(labels, embeddings, others, otherLabels *graph.Node) losses.Scores {
		s := how(labels, embeddings, others, otherLabels)
		for _, miner := range miners {
			s = miner(s)
		}
		return s
	}
}

// result is a value with its gradients, flat and in float64 whatever they were computed in.
type result struct {
	loss       float64
	embeddings []float64
	others     []float64
}

// An evaluator computes a function of scores and its gradients, compiled once a shape.
type evaluator struct{ *graph.Exec }

// newEvaluator makes an evaluator of f in a type.
func newEvaluator(b compute.Backend, dtype dtypes.DType, scores scoring, f func(losses.Scores) *graph.Node) evaluator {
	return evaluator{graph.MustNewExec(b, func(labels, embeddings, others, otherLabels *graph.Node) []*graph.Node {
		embeddings, others = graph.ConvertDType(embeddings, dtype), graph.ConvertDType(others, dtype)
		loss := f(scores(labels, embeddings, others, otherLabels))
		connected := graph.Add(loss, // a gradient of 0 where others play no part
			graph.MulScalar(graph.ConvertDType(graph.ReduceAllSum(others), loss.DType()), 0))
		gradients := graph.Gradient(connected, embeddings, others)
		return []*graph.Node{
			graph.ConvertDType(loss, dtypes.Float64),
			graph.ConvertDType(gradients[0], dtypes.Float64),
			graph.ConvertDType(gradients[1], dtypes.Float64),
		}
	})}
}

// of computes one batch.
func (e evaluator) of(t testing.TB, in batch) result {
	t.Helper()
	others, otherLabels := in.others, in.otherLabel
	if others == nil {
		others = in.embeddings
	}
	if otherLabels == nil {
		otherLabels = make([]int32, len(others))
	}
	out, err := e.Call(in.labels, in.embeddings, others, otherLabels)
	if err != nil {
		t.Fatal(err)
	}
	return result{
		loss:       tensors.ToScalar[float64](out[0]),
		embeddings: tensors.MustCopyFlatData[float64](out[1]),
		others:     tensors.MustCopyFlatData[float64](out[2]),
	}
}

// evaluate computes one batch once.
func evaluate(t testing.TB, b compute.Backend, dtype dtypes.DType, in batch, scores scoring,
	f func(losses.Scores) *graph.Node) result {
	t.Helper()
	eval := newEvaluator(b, dtype, scores, f)
	defer eval.Finalize()
	return eval.of(t, in)
}

// reduced is the usual f of evaluate.
func reduced(loss losses.Loss, reduce losses.Reduction) func(losses.Scores) *graph.Node {
	return func(s losses.Scores) *graph.Node { return reduce.Of(loss, s) }
}

// same fails unless two results agree: values to a tolerance relative to 1 + |value|, gradients to one relative to the
// largest component.
func same(t testing.TB, what string, got, want result, valueTolerance, gradientTolerance float64) {
	t.Helper()
	if !(math.Abs(got.loss-want.loss) <= valueTolerance*(1+math.Abs(want.loss))) {
		t.Errorf("%s: value %.17g, want %.17g", what, got.loss, want.loss)
	}
	sameNumbers(t, what+": gradient of the embeddings", got.embeddings, want.embeddings, gradientTolerance)
	if want.others != nil {
		sameNumbers(t, what+": gradient of the others", got.others, want.others, gradientTolerance)
	}
}

func sameNumbers(t testing.TB, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	worst, at := 0.0, 0
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= worst) {
			worst, at = d, i
		}
	}
	if scale := largest(want); !(worst <= tolerance*max(scale, 1e-3)) {
		t.Errorf("%s: element %d is %.12g, want %.12g (largest %.3g)", what, at, got[at], want[at], scale)
	}
}

func largest(numbers []float64) float64 {
	most := 0.0
	for _, x := range numbers {
		most = max(most, math.Abs(x))
	}
	return most
}

// learns fails unless the gradient is there: a comparison of zeros proves nothing.
func learns(t testing.TB, what string, r result) {
	t.Helper()
	if largest(r.embeddings) == 0 {
		t.Errorf("%s: the gradient is 0, the comparison is vacuous", what)
	}
}
