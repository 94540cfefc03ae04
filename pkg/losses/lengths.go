package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// shortest is the length below which a vector has no direction.
const shortest = 1e-12

// Normalize divides each row of x, float [rows, dim], by its length. A row shorter than 1e-12 becomes 0, with gradient 0: its
// direction is rounding noise, and dividing by its length would make a gradient of 1e12 of it. Rows as long as the type
// allows do not overflow.
func Normalize(x *graph.Node) *graph.Node {
	// Autodiff would go through the lengths and their guards. The derivative is what is left of v beside the direction. v comes divided by
	// the length, which the value holds constant. The factor of 1 gives the second derivative what a change of the length does.
	carrier := graph.IdentityWithCustomGradient(x, func(_, v *graph.Node) *graph.Node {
		shrunk, directed := lengthsOf(x)
		unit := over(x, shrunk, directed)
		along := stable.Column(stable.Sum(graph.Mul(v, unit), 1))
		return graph.Mul(graph.Sub(v, graph.Mul(unit, along)), graph.Div(graph.StopGradient(shrunk), shrunk))
	})
	shrunk, directed := lengthsOf(graph.StopGradient(x))
	return over(carrier, shrunk, directed)
}

// shrinking is so small that a vector of numbers of it, however large the type allows them, times it has a length that the type allows.
const shrinking = 0x1p-32

// over divides each row of x by its length, given times shrinking; 0 where it has no direction.
func over(x, shrunk, directed *graph.Node) *graph.Node {
	return graph.Div(stable.ZeroUnless(directed, graph.MulScalar(x, shrinking)), shrunk)
}

// lengthsOf returns the length of each row of x times shrinking, [rows, 1], which no type is too small for. directed tells, for each number
// of x, whether its row is long enough to have a direction: else 1 stands for it.
func lengthsOf(x *graph.Node) (shrunk, directed *graph.Node) {
	// Squares neither overflow nor underflow: float64 holds those of float32, and of float64 the row is scaled first.
	if x.DType() == dtypes.Float64 {
		scale := graph.StopGradient(graph.ReduceAndKeep(graph.Abs(x), graph.ReduceMax, -1))
		scale = graph.Where(stable.Positive(scale), scale, graph.OnesLike(scale))
		shrunk = graph.Mul(euclidean(graph.Div(x, scale)), graph.MulScalar(scale, shrinking))
	} else {
		shrunk = graph.ConvertDType(graph.MulScalar(euclidean(graph.ConvertDType(x, dtypes.Float64)), shrinking), x.DType())
	}
	long := graph.GreaterThan(shrunk, stable.Fill(shrunk, shortest*shrinking)) // a power of two: as exact as of the lengths
	return graph.Where(long, shrunk, graph.OnesLike(shrunk)), graph.BroadcastToShape(long, x.Shape())
}

// euclidean returns the length of each row, [rows, 1].
func euclidean(x *graph.Node) *graph.Node {
	squared := stable.Column(stable.Sum(graph.Square(x), 1))
	return stable.SafeSqrt(squared, graph.ZerosLike(squared))
}

// lengths returns the length of each row of x, [rows, 1]; 0 with gradient 0 for one shorter than 1e-12.
func lengths(x *graph.Node) *graph.Node {
	return graph.ReduceAndKeep(graph.Mul(x, graph.StopGradient(Normalize(x))), graph.ReduceSum, -1)
}

// constantLengths computes [Cosine] without the vectors y over their lengths, which are as many numbers as y again: the products are
// divided by the lengths. In the gradient, of first order, these are constant, and what would change them is taken out of it.
func constantLengths(x, y *graph.Node) *graph.Node {
	shrunk, directed := lengthsOf(y)
	carrier := graph.IdentityWithCustomGradient(y, func(_, v *graph.Node) *graph.Node {
		small := graph.MulScalar(y, shrinking)
		along := graph.Div(stable.Column(stable.Sum(graph.Mul(v, small), 1)), shrunk)
		return graph.Sub(v, graph.Mul(small, graph.Div(along, shrunk)))
	})
	product := products(graph.MulScalar(Normalize(x), shrinking), carrier)
	column := func(x *graph.Node) *graph.Node {
		return graph.BroadcastToShape(graph.Transpose(graph.SliceAxis(x, 1, graph.AxisRange(0, 1)), 0, 1), product.Shape())
	}
	return stable.ZeroUnless(column(directed), graph.Mul(product, column(graph.StopGradient(graph.Reciprocal(shrunk)))))
}

// products returns x·y of all pairs.
func products(x, y *graph.Node) *graph.Node { return graph.MatMul(x, graph.Transpose(y, 0, 1)) }
