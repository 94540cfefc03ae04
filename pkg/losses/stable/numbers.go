package stable

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Softplus returns log(1 + exp(x)), from 0 to about x; its gradient is the sigmoid, ½ at 0.
func Softplus(x *graph.Node) *graph.Node {
	positive := graph.GreaterThan(x, graph.ZerosLike(x))
	return graph.Add(Hinge(x), graph.Log1p(graph.Exp(graph.Where(positive, graph.Neg(x), x))))
}

// Sigmoid returns 1/(1 + exp(−x)), in [0, 1]; its gradient is 0 far from 0.
func Sigmoid(x *graph.Node) *graph.Node { return graph.Sigmoid(x) }

// Hinge returns [x]_+ with gradient 0 at 0, as in torch; GoMLX's Max has 1 there.
func Hinge(x *graph.Node) *graph.Node {
	return graph.Where(graph.LessOrEqual(x, graph.ZerosLike(x)), graph.ZerosLike(x), x)
}

// LogAddExp returns log(exp(x) + exp(y)); beside [Absent] it is the other. The gradients of x and y are their softmax.
func LogAddExp(x, y *graph.Node) *graph.Node {
	above := graph.GreaterThan(x, y) // from the larger on, or a real one would be lost beside an absent one
	return graph.Add(graph.Where(above, x, y), Softplus(graph.Neg(graph.Where(above, graph.Sub(x, y), graph.Sub(y, x)))))
}

// LogExpm1 returns log(exp(x) − 1), the inverse of [Softplus], and [Absent] with gradient 0 where x is not above 0. Its gradient near 0,
// 1/x, is as large as x is small.
func LogExpm1(x *graph.Node) *graph.Node {
	some := Positive(x)
	x = graph.Where(some, x, graph.OnesLike(x))
	log := graph.Add(x, graph.Log(graph.Neg(Expm1(graph.Neg(x)))))
	return graph.Where(some, log, Fill(x, Absent))
}

// Share returns exp(part − whole): of the logarithms of a part and of its whole, the share of the part in it. Where part is no more than
// whole, as an entry and the [LogSumExp] of its row, it is in [0, 1]; 100 above it float32 overflows.
func Share(part, whole *graph.Node) *graph.Node { return graph.Exp(graph.Sub(part, whole)) }

// Expm1 returns exp(x) − 1, exact near 0, for x that is not large: exp(89) overflows in float32.
func Expm1(x *graph.Node) *graph.Node {
	exp := graph.Exp(x) // has the gradient, for which GoMLX's Expm1 has no formula
	return graph.Add(graph.StopGradient(graph.Expm1(x)), graph.Sub(exp, graph.StopGradient(exp)))
}

// Log1p returns log(1 + x), exact near 0, for x above −1, where it and its gradient are infinite.
func Log1p(x *graph.Node) *graph.Node { return graph.Log1p(x) }

// SafeLog returns log x, and 0 with gradient 0 where x is not above 0.
func SafeLog(x *graph.Node) *graph.Node {
	some := Positive(x)
	return ZeroUnless(some, graph.Log(graph.Where(some, x, graph.OnesLike(x))))
}

// SafeSqrt returns √x, and 0 with gradient 0 where x is not above floor, which has the shape of x. Its gradient is at most ½/√floor.
func SafeSqrt(x, floor *graph.Node) *graph.Node {
	none := graph.LessOrEqual(x, floor) // NaN is not: it must show
	return graph.Where(none, graph.ZerosLike(x), graph.Sqrt(graph.Where(none, graph.OnesLike(x), x)))
}

// SafePow returns x^power, and 0 with gradient 0 where x is not above 0.
func SafePow(x *graph.Node, power float64) *graph.Node {
	some := PositiveOrNaN(x)
	return ZeroUnless(some, graph.PowScalar(graph.Where(some, x, graph.OnesLike(x)), power))
}

// Gumbel makes Gumbel noise of uniform random numbers in [0, 1): the largest of logarithms with such noise is a draw in proportion to
// what they are logarithms of.
func Gumbel(uniform *graph.Node) *graph.Node {
	return graph.Neg(graph.Log(graph.Neg(graph.Log(graph.MaxScalar(uniform, 1e-30)))))
}

// ZeroUnless returns x where keep, bool of the shape of x, is true, and 0 with gradient 0 elsewhere, even if x is infinite or NaN there.
// The gradient of what made x must be finite all the same: 0 times infinity is NaN.
func ZeroUnless(keep, x *graph.Node) *graph.Node { return graph.Where(keep, x, graph.ZerosLike(x)) }

// Positive tells where x is above 0; NaN is not.
func Positive(x *graph.Node) *graph.Node { return graph.GreaterThan(x, graph.ZerosLike(x)) }

// PositiveOrNaN tells where x is above 0 or NaN, which must show.
func PositiveOrNaN(x *graph.Node) *graph.Node {
	return graph.LogicalNot(graph.LessOrEqual(x, graph.ZerosLike(x)))
}

// Fill returns a node of the shape and type of x with one value.
func Fill(x *graph.Node, value float64) *graph.Node { return graph.MulScalar(graph.OnesLike(x), value) }

// Column makes a column [anchors, 1] of one number per anchor, [anchors].
func Column(x *graph.Node) *graph.Node { return graph.InsertAxes(x, -1) }

// Lowest returns the least number of the type of x. In a maximum that is compared with, −∞ has XLA round the numbers otherwise.
func Lowest(x *graph.Node) float64 {
	if x.DType() == dtypes.Float64 {
		return -math.MaxFloat64
	}
	return -math.MaxFloat32
}
