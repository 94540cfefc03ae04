package stable

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Absent stands for −∞ in logits: its exponential is 0 beside any real logit, and sums of a few stay finite in float32.
const Absent = -1e30

// LogSumExp returns log Σ exp(x) over the true entries of each row, [anchors]. The gradient is their softmax. A row without a true entry
// has about [Absent], and gradient 0.
func LogSumExp(x, mask *graph.Node) *graph.Node {
	x = graph.Where(mask, x, Fill(x, Absent))
	peak := graph.StopGradient(Largest(x, 1))
	return graph.Add(graph.Log(Sum(graph.Exp(graph.Sub(x, Column(peak))), 1)), peak)
}

// Present tells which rows had a true entry, from their [LogSumExp], bool [anchors].
func Present(logSumExp *graph.Node) *graph.Node {
	return graph.GreaterThan(logSumExp, Fill(logSumExp, Absent/2))
}

// Softmax returns exp(x − log Σ exp(x)) of the true entries of each row, [anchors, candidates], and 0 with gradient 0 at the others.
func Softmax(x, mask *graph.Node) *graph.Node {
	return ZeroUnless(mask, graph.Exp(ZeroUnless(mask, graph.Sub(x, Column(LogSumExp(x, mask))))))
}

// MaskedMax returns the largest true entry of each row, [anchors], or 0 with gradient 0 where there is none. Entries that tie share the
// gradient, where GoMLX's ReduceMax gives the whole of it to each.
func MaskedMax(x, mask *graph.Node) *graph.Node {
	peak := graph.ReduceAndKeep(graph.Where(mask, x, Fill(x, Lowest(x))), graph.ReduceMax, -1)
	below := graph.LessThan(x, graph.BroadcastToShape(peak, x.Shape())) // NaN, which must show, is not
	chosen := graph.StopGradient(graph.LogicalAnd(mask, graph.LogicalNot(below)))
	return MaskedMean(x, chosen)
}

// MaskedMean returns the mean of the true entries of each row, [anchors], or 0 with gradient 0 where there is none.
func MaskedMean(x, mask *graph.Node) *graph.Node {
	return Ratio(MaskedSum(x, mask), CountTrue(mask, x.DType()))
}

// MaskedSum returns the sum of the true entries of each row, [anchors]; their gradient is 1, that of the others 0.
func MaskedSum(x, mask *graph.Node) *graph.Node {
	return graph.ReduceSum(ZeroUnless(mask, x), -1)
}

// CountTrue returns how many entries of each row of mask are true, as numbers of the type, [anchors]. It has no gradient.
func CountTrue(mask *graph.Node, dtype dtypes.DType) *graph.Node {
	return graph.ReduceSum(graph.ConvertDType(mask, dtype), -1)
}

// Ratio returns sum/count, and sum where count is below 1: 0 of a sum over nothing. count is constant for the gradient.
func Ratio(sum, count *graph.Node) *graph.Node {
	return graph.Div(sum, graph.Max(graph.StopGradient(count), graph.OnesLike(count)))
}

// CumulativeSum sums up each row of x from the left, each sum with the entry itself, [rows, columns]. It is a product with a triangle of
// ones: value and gradient take XLA's CPU compiler 7 times as long by GoMLX's CumSum, of 512 columns.
func CumulativeSum(x *graph.Node) *graph.Node {
	n := x.Shape().Dim(-1)
	triangle := graph.ConvertDType(graph.UpperTriangular(x.Graph(), n), x.DType())
	return graph.MatMul(x, triangle)
}
