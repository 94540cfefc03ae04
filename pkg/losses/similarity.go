package losses

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Similarity compares every row of x, float [A, d], with every row of y, float [C, d]: float [A, C], larger is closer.
type Similarity func(x, y *graph.Node) *graph.Node

// Cosine is x·y / (|x|·|y|), in [−1, 1]. A vector shorter than 1e-12 has no direction: similarity 0, gradient 0.
func Cosine(x, y *graph.Node) *graph.Node { return normalized(Dot, x, y) }

// Dot is the inner product x·y.
func Dot(x, y *graph.Node) *graph.Node { return graph.MatMul(x, graph.Transpose(y, 0, 1)) }

// UnitDot is x·y/|x|: the vectors x are normalised, the class weights y keep their lengths.
func UnitDot(x, y *graph.Node) *graph.Node { return Dot(Normalize(x), y) }

// NegativeL2 is −|x − y|, in (−∞, 0]. Vectors whose distance is within rounding of 0 have 0 and gradient 0.
func NegativeL2(x, y *graph.Node) *graph.Node {
	squared := squaredDistances(x, y)
	if x.DType() != dtypes.Float64 {
		// A root makes rounding large: float32 would show it in the fourth digit of a near distance. The value is made in float64,
		// the gradient, where nothing cancels, in the type of x.
		exact := preciseDistances(x, y)
		formula := graph.Sub(sumOfSquares(x, y), graph.MulScalar(Dot(x, y), 2))
		change := graph.Sub(formula, graph.StopGradient(formula)) // 0, with the gradient
		squared = graph.Add(exact, zeroUnless(positive(exact), change))
	}
	return graph.Neg(safeSqrt(squared, graph.ZerosLike(squared)))
}

// NegativeSquaredL2 is −|x − y|², in (−∞, 0]. Vectors whose distance is within rounding of 0 have 0 and gradient 0.
func NegativeSquaredL2(x, y *graph.Node) *graph.Node { return graph.Neg(squaredDistances(x, y)) }

// NegativeLp returns the similarity −(Σ_k |x_k − y_k|^p)^(1/p), in (−∞, 0], for p ≥ 1. Vectors of distance 0 have gradient 0. It
// takes time for every component of every pair, where [NegativeL2] is a matrix product.
func NegativeLp(p float64) Similarity {
	return func(x, y *graph.Node) *graph.Node {
		if !(p >= 1) || math.IsInf(p, 1) {
			exceptions.Panicf("losses.NegativeLp: p must be a number ≥ 1, got %g", p)
		}
		apart := graph.Abs(graph.Sub(graph.InsertAxes(x, 1), graph.InsertAxes(y, 0)))
		largest := graph.StopGradient(graph.ReduceAndKeep(apart, graph.ReduceMax, -1))
		some := positive(largest)
		scaled := graph.Div(apart, graph.Where(some, largest, graph.OnesLike(largest))) // no power overflows
		held := positive(scaled)
		powers := zeroUnless(held, graph.PowScalar(graph.Where(held, scaled, graph.OnesLike(scaled)), p))
		sum := graph.ReduceAndKeep(powers, graph.ReduceSum, -1)
		root := graph.PowScalar(graph.Where(some, sum, graph.OnesLike(sum)), 1/p)
		return graph.Squeeze(graph.Neg(zeroUnless(some, graph.Mul(root, largest))), -1)
	}
}

// NegativeSNR is −var(x − y)/var(x), in (−∞, 0]: the noise that turns the anchor x into y against the anchor's own signal. It
// is not symmetric. An anchor whose numbers are all alike has no signal: 0, with gradient 0.
//
// T. Yuan et al., "Signal-to-Noise Ratio: A Robust Distance Metric for Deep Metric Learning", CVPR 2019.
func NegativeSNR(x, y *graph.Node) *graph.Node {
	signal := centred(x)
	noise := NegativeSquaredL2(signal, centred(y))
	power := graph.BroadcastToShape(graph.ReduceAndKeep(graph.Square(signal), graph.ReduceSum, -1), noise.Shape())
	some := graph.GreaterThan(power, fill(power, shortest*shortest))
	return zeroUnless(some, graph.Div(noise, graph.Where(some, power, graph.OnesLike(power))))
}

// centred subtracts from each row its mean.
func centred(x *graph.Node) *graph.Node {
	return graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, -1))
}

// Normalized brings the vectors to length 1 before sim compares them. Normalized(NegativeL2), in [−2, 0], is what the
// distance losses are used with; Normalized(Dot) is Cosine.
func Normalized(sim Similarity) Similarity {
	switch { // those that are known elsewhere, by their address
	case isFunction(sim, Dot):
		return Cosine
	case isFunction(sim, NegativeL2):
		return unitL2
	}
	return func(x, y *graph.Node) *graph.Node { return normalized(sim, x, y) }
}

func unitL2(x, y *graph.Node) *graph.Node { return normalized(NegativeL2, x, y) }

func normalized(sim Similarity, x, y *graph.Node) *graph.Node {
	unit := Normalize(x)
	if x == y {
		return sim(unit, unit)
	}
	return sim(unit, Normalize(y))
}

// shortest is the length below which a vector has no direction.
const shortest = 1e-12

// Normalize divides each row of x, float [rows, dim], by its length. A row shorter than 1e-12 becomes 0, with gradient 0: its
// direction is rounding noise, and dividing by its length would make a gradient of 1e12 of it. Rows as long as the type
// allows do not overflow.
func Normalize(x *graph.Node) *graph.Node {
	// Autodiff would go through the lengths and their guards: the derivative is what is left of v beside the direction. v comes divided by
	// the length, which the value holds constant; the factor of 1 gives the second derivative what a change of the length does.
	carrier := graph.IdentityWithCustomGradient(x, func(_, v *graph.Node) *graph.Node {
		shrunk, directed := lengthsOf(x)
		unit := over(x, shrunk, directed)
		along := expandLast(sumOf(graph.Mul(v, unit), 1))
		return graph.Mul(graph.Sub(v, graph.Mul(unit, along)), graph.Div(graph.StopGradient(shrunk), shrunk))
	})
	shrunk, directed := lengthsOf(graph.StopGradient(x))
	return over(carrier, shrunk, directed)
}

// constantLengths is [Cosine] without the vectors y over their lengths, which are as many numbers as y again: the products are divided
// by the lengths. In the gradient, of first order, these are constant, and what would change them is taken out of it.
func constantLengths(x, y *graph.Node) *graph.Node {
	shrunk, directed := lengthsOf(y)
	carrier := graph.IdentityWithCustomGradient(y, func(_, v *graph.Node) *graph.Node {
		small := graph.MulScalar(y, shrinking)
		along := graph.Div(expandLast(sumOf(graph.Mul(v, small), 1)), shrunk)
		return graph.Sub(v, graph.Mul(small, graph.Div(along, shrunk)))
	})
	product := Dot(graph.MulScalar(Normalize(x), shrinking), carrier)
	column := func(x *graph.Node) *graph.Node {
		return graph.BroadcastToShape(graph.Transpose(graph.SliceAxis(x, 1, graph.AxisRange(0, 1)), 0, 1), product.Shape())
	}
	return zeroUnless(column(directed), graph.Mul(product, column(graph.StopGradient(graph.Reciprocal(shrunk)))))
}

// shrinking is so small that a vector of numbers of it, however large the type allows them, times it has a length that the type allows.
const shrinking = 0x1p-32

// over divides each row of x by its length, given times shrinking; 0 where it has no direction.
func over(x, shrunk, directed *graph.Node) *graph.Node {
	return graph.Div(zeroUnless(directed, graph.MulScalar(x, shrinking)), shrunk)
}

// lengthsOf returns the length of each row of x times shrinking, [rows, 1], which no type is too small for; directed tells, for each number
// of x, whether its row is long enough to have a direction: else 1 stands for it.
func lengthsOf(x *graph.Node) (shrunk, directed *graph.Node) {
	// Squares neither overflow nor underflow: float64 holds those of float32, and of float64 the row is scaled first.
	if x.DType() == dtypes.Float64 {
		scale := graph.StopGradient(graph.ReduceAndKeep(graph.Abs(x), graph.ReduceMax, -1))
		scale = graph.Where(positive(scale), scale, graph.OnesLike(scale))
		shrunk = graph.Mul(euclidean(graph.Div(x, scale)), graph.MulScalar(scale, shrinking))
	} else {
		shrunk = graph.ConvertDType(graph.MulScalar(euclidean(graph.ConvertDType(x, dtypes.Float64)), shrinking), x.DType())
	}
	long := graph.GreaterThan(shrunk, fill(shrunk, shortest*shrinking)) // a power of two: as exact as of the lengths
	return graph.Where(long, shrunk, graph.OnesLike(shrunk)), graph.BroadcastToShape(long, x.Shape())
}

// euclidean returns the length of each row, [rows, 1].
func euclidean(x *graph.Node) *graph.Node {
	squared := expandLast(sumOf(graph.Square(x), 1))
	return safeSqrt(squared, graph.ZerosLike(squared))
}

// lengths returns the length of each row of x, [rows, 1]; 0 with gradient 0 for one shorter than 1e-12.
func lengths(x *graph.Node) *graph.Node {
	return graph.ReduceAndKeep(graph.Mul(x, graph.StopGradient(Normalize(x))), graph.ReduceSum, -1)
}

// squaredDistances returns |x|² + |y|² − 2x·y of all pairs, and 0 with gradient 0 where that is no more than rounding.
func squaredDistances(x, y *graph.Node) *graph.Node {
	rounding := map[dtypes.DType]float64{dtypes.Float64: 0x1p-49, dtypes.Float32: 0x1p-22}[x.DType()]
	lengths := sumOfSquares(x, y)
	squared := graph.Sub(lengths, graph.MulScalar(Dot(x, y), 2))
	return zeroUnless(graph.GreaterThan(squared, graph.StopGradient(graph.MulScalar(lengths, rounding))), squared)
}

// preciseDistances returns squaredDistances made in float64, in the type of x and without a gradient.
func preciseDistances(x, y *graph.Node) *graph.Node {
	wide := graph.StopGradient(graph.ConvertDType(x, dtypes.Float64))
	other := wide
	if x != y {
		other = graph.StopGradient(graph.ConvertDType(y, dtypes.Float64))
	}
	return graph.ConvertDType(squaredDistances(wide, other), x.DType())
}

// sumOfSquares returns |x_i|² + |y_j|², [A, C].
func sumOfSquares(x, y *graph.Node) *graph.Node {
	square := func(x *graph.Node) *graph.Node { return graph.ReduceAndKeep(graph.Square(x), graph.ReduceSum, -1) }
	return graph.Add(square(x), graph.Transpose(square(y), 0, 1))
}
