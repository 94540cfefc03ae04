package stable

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Parts is how many parts of an axis [Largest], [SumInParts] and [Any] join number by number, each of LeastPart numbers or more. An axis
// that is a multiple of Parts leaves no rest, which costs a reduction of its own.
const (
	Parts     = 8
	LeastPart = 32
)

// Largest returns the largest number along an axis of x, which it takes out. Ties each have the whole gradient: it is for a constant, as
// the peak that [LogSumExp] subtracts; [MaskedMax] shares it.
func Largest(x *graph.Node, axis int) *graph.Node {
	return inParts(x, axis, graph.Max, func(x *graph.Node) *graph.Node { return graph.ReduceMax(x, axis) })
}

// Any tells which rows of mask have a true entry, bool [anchors].
func Any(mask *graph.Node) *graph.Node {
	return inParts(mask, 1, graph.LogicalOr, func(x *graph.Node) *graph.Node { return graph.ReduceLogicalOr(x, -1) })
}

// SumInParts sums up along an axis of x, [rows, columns], in parts. Autodiff makes as many parts of the gradient: it is for what is
// seldom differentiated.
func SumInParts(x *graph.Node, axis int) *graph.Node {
	return inParts(x, axis, graph.Add, func(x *graph.Node) *graph.Node { return Sum(x, axis) })
}

// Sum sums up along an axis of x, [rows, columns]: each row, axis 1, by a product with ones, which on XLA's CPU takes no copy of x.
func Sum(x *graph.Node, axis int) *graph.Node {
	if axis == 0 || x.Shape().Dim(1) == 1 {
		return graph.ReduceSum(x, axis)
	}
	ones := graph.Ones(x.Graph(), shapes.Make(x.DType(), x.Shape().Dim(1)))
	return graph.Dot(x, ones).Product()
}

// inParts reduces x along an axis. Parts of it joined number by number leave an eighth. XLA makes them in one loop with what x comes from,
// many numbers at a time. A reduction of the whole copies its input first and takes it number by number.
func inParts(x *graph.Node, axis int, join func(a, b *graph.Node) *graph.Node, reduce func(x *graph.Node) *graph.Node) *graph.Node {
	length := x.Shape().Dim(axis)
	width := length / Parts
	if width < LeastPart || x.Graph().NumDevices() > 1 {
		return reduce(x)
	}
	cut := func(from, to int) *graph.Node { return graph.SliceAxis(x, axis, graph.AxisRange(from, to)) }
	joined := cut(0, width)
	for k := 1; k < Parts; k++ {
		joined = join(joined, cut(k*width, (k+1)*width))
	}
	all := reduce(joined)
	if rest := Parts * width; rest < length {
		all = join(all, reduce(cut(rest, length)))
	}
	return all
}
