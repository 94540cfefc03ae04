package losses

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// The primitives below are the package's only exponentials, logarithms, roots and kinks. Each has a finite value and a
// finite gradient everywhere, and ties have the gradient that torch gives them.

// absent stands for −∞ in logits: exp of it is 0 beside any real logit, and sums of a few stay finite in float32.
const absent = -1e30

// maskedLogSumExp returns log Σ exp(x) over the true entries of each row, [anchors]. A row without any has about −1e30, and
// gradient 0.
func maskedLogSumExp(x, mask *graph.Node) *graph.Node {
	x = graph.Where(mask, x, fill(x, absent))
	peak := graph.StopGradient(largest(x, 1))
	return graph.Add(graph.Log(sumOf(graph.Exp(graph.Sub(x, expandLast(peak))), 1)), peak)
}

// largest returns the largest number along an axis.
func largest(x *graph.Node, axis int) *graph.Node {
	return inParts(x, axis, graph.Max, func(x *graph.Node) *graph.Node { return graph.ReduceMax(x, axis) })
}

// joinedParts is how many parts of an axis are joined number by number, each of leastPart numbers or more.
const (
	joinedParts = 8
	leastPart   = 32
)

// inParts is the reduction of x along an axis. Parts of it joined number by number leave an eighth: XLA makes them in one loop with what
// x comes from, many numbers at a time, where a reduction of the whole copies its input first and takes it number by number.
func inParts(x *graph.Node, axis int, join func(a, b *graph.Node) *graph.Node, reduce func(x *graph.Node) *graph.Node) *graph.Node {
	length := x.Shape().Dim(axis)
	width := length / joinedParts
	if width < leastPart || x.Graph().NumDevices() > 1 {
		return reduce(x)
	}
	cut := func(from, to int) *graph.Node { return graph.SliceAxis(x, axis, graph.AxisRange(from, to)) }
	joined := cut(0, width)
	for k := 1; k < joinedParts; k++ {
		joined = join(joined, cut(k*width, (k+1)*width))
	}
	all := reduce(joined)
	if rest := joinedParts * width; rest < length {
		all = join(all, reduce(cut(rest, length)))
	}
	return all
}

// softplus returns log(1 + exp(x)); its gradient is the sigmoid, ½ at 0.
func softplus(x *graph.Node) *graph.Node {
	positive := graph.GreaterThan(x, graph.ZerosLike(x))
	return graph.Add(hinge(x), graph.Log1p(graph.Exp(graph.Where(positive, graph.Neg(x), x))))
}

// hinge returns [x]_+ with gradient 0 at 0, as in torch; GoMLX's Max has 1 there. NaN stays: it must show.
func hinge(x *graph.Node) *graph.Node {
	return graph.Where(graph.LessOrEqual(x, graph.ZerosLike(x)), graph.ZerosLike(x), x)
}

// maskedMax returns the largest true entry of each row, [anchors], or 0 where there is none. Entries that tie share the
// gradient, where GoMLX's ReduceMax gives the whole of it to each.
func maskedMax(x, mask *graph.Node) *graph.Node {
	peak := graph.ReduceAndKeep(graph.Where(mask, x, fill(x, lowest(x))), graph.ReduceMax, -1)
	below := graph.LessThan(x, graph.BroadcastToShape(peak, x.Shape())) // NaN, which must show, is not
	chosen := graph.StopGradient(graph.LogicalAnd(mask, graph.LogicalNot(below)))
	return maskedMean(x, chosen)
}

// maskedMean returns the mean of the true entries of each row, [anchors], or 0 where there is none.
func maskedMean(x, mask *graph.Node) *graph.Node {
	return ratio(maskedSum(x, mask), countTrue(mask, x.DType()))
}

// maskedSum returns the sum of the true entries of each row, [anchors].
func maskedSum(x, mask *graph.Node) *graph.Node {
	return graph.ReduceSum(graph.Where(mask, x, graph.ZerosLike(x)), -1)
}

// ratio returns sum/count, and 0 where count is 0.
func ratio(sum, count *graph.Node) *graph.Node {
	return graph.Div(sum, graph.Max(graph.StopGradient(count), graph.OnesLike(count)))
}

// countTrue returns how many entries of each row of mask are true, as numbers of the type, [anchors].
func countTrue(mask *graph.Node, dtype dtypes.DType) *graph.Node {
	return graph.ReduceSum(graph.ConvertDType(mask, dtype), -1)
}

// expandLast makes a column [anchors, 1] of a value an anchor.
func expandLast(x *graph.Node) *graph.Node { return graph.InsertAxes(x, -1) }

// anyOf tells which rows of mask have a true entry, bool [anchors].
func anyOf(mask *graph.Node) *graph.Node {
	return inParts(mask, 1, graph.LogicalOr, func(x *graph.Node) *graph.Node { return graph.ReduceLogicalOr(x, -1) })
}

// zeroUnless returns x where keep is true and 0 with gradient 0 elsewhere.
func zeroUnless(keep, x *graph.Node) *graph.Node { return graph.Where(keep, x, graph.ZerosLike(x)) }

// safeSqrt returns √x, and 0 with gradient 0 where x is not above floor.
func safeSqrt(x, floor *graph.Node) *graph.Node {
	none := graph.LessOrEqual(x, floor) // NaN is not: it must show
	return graph.Where(none, graph.ZerosLike(x), graph.Sqrt(graph.Where(none, graph.OnesLike(x), x)))
}

// positive tells where x is above 0.
func positive(x *graph.Node) *graph.Node { return graph.GreaterThan(x, graph.ZerosLike(x)) }

// aboveZero is [positive] of what is a number; NaN, which must show, counts as above 0.
func aboveZero(x *graph.Node) *graph.Node {
	return graph.LogicalNot(graph.LessOrEqual(x, graph.ZerosLike(x)))
}

func fill(x *graph.Node, value float64) *graph.Node { return graph.MulScalar(graph.OnesLike(x), value) }

// inTurn is x once after is made, on the pure-Go backend. There several large products at once may wait for ever: each holds one of
// 2·GOMAXPROCS workers while it waits for a free one. XLA shares its processors itself.
func inTurn(x, after *graph.Node) *graph.Node {
	if onXLA(x) {
		return x
	}
	return graph.SchedulingBarrier(x, after)
}

// onXLA tells the backend of a graph.
func onXLA(x *graph.Node) bool { return x.Graph().Backend().Name() == "xla" }

// lowest is the least number of the type of x. In a maximum that is compared with, −∞ has XLA round the numbers otherwise.
func lowest(x *graph.Node) float64 {
	if x.DType() == dtypes.Float64 {
		return -math.MaxFloat64
	}
	return -math.MaxFloat32
}
