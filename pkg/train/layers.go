package train

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// The layers are written for speed on XLA's CPU compiler and use only operations whose gradients every backend has. Images
// are [batch, height, width, channels].

// firstConvolution convolves images, which need no gradient, 3×3 with the zero-padded same size. As a matrix product over
// patches, its weights' gradient is one too; the compiler's own for a single channel is far slower.
func firstConvolution(images, kernel *graph.Node) *graph.Node {
	d, channels := images.Shape().Dimensions, kernel.Shape().Dim(3)
	edge := compute.PadAxis{Start: 1, End: 1}
	padded := graph.Pad(images, graph.ScalarZero(images.Graph(), images.DType()), compute.PadAxis{}, edge, edge, compute.PadAxis{})
	var taps []*graph.Node
	for row := range 3 {
		for column := range 3 {
			taps = append(taps, graph.Slice(padded, graph.AxisRange(),
				graph.AxisRange(row, row+d[1]), graph.AxisRange(column, column+d[2]), graph.AxisRange()))
		}
	}
	patches := graph.StopGradient(graph.Reshape(graph.Concatenate(taps, -1), d[0]*d[1]*d[2], 9*d[3]))
	return graph.Reshape(graph.MatMul(patches, graph.Reshape(kernel, 9*d[3], channels)), d[0], d[1], d[2], channels)
}

// convolution convolves 3×3 with the zero-padded same size.
func convolution(x, kernel *graph.Node) *graph.Node {
	return graph.Convolve(x, kernel).PadSame().Done()
}

// moments returns the mean and the (biased) variance of each channel over the batch and all pixels, [channels]. The sums
// are matrix products with ones: faster than a reduction here, and their blocked sums round less. The variance is
// E[x²] − E[x]², one pass and a cheap gradient; a convolution's output has a mean of the size of its deviation, so that
// float32 loses nothing that matters.
func moments(x *graph.Node) (mean, variance *graph.Node) {
	channels := x.Shape().Dim(-1)
	rows := x.Shape().Size() / channels
	ones := graph.Ones(x.Graph(), shapes.Make(x.DType(), 1, rows))
	average := func(x *graph.Node) *graph.Node {
		return graph.MulScalar(graph.Reshape(graph.MatMul(ones, graph.Reshape(x, rows, channels)), channels), 1/float64(rows))
	}
	mean = average(x)
	variance = graph.Sub(average(graph.Square(x)), graph.Square(mean))
	return mean, graph.MaxScalar(variance, 0)
}

// normalize brings each channel to mean 0 and variance 1 and then to the learnt scale and offset, all [channels].
func normalize(x, mean, variance, scale, offset *graph.Node) *graph.Node {
	const epsilon = 1e-5
	factor := graph.Div(scale, graph.Sqrt(graph.AddScalar(variance, epsilon)))
	wide := func(v *graph.Node) *graph.Node { return graph.Reshape(v, 1, 1, 1, -1) }
	return graph.Add(graph.Mul(x, wide(factor)), wide(graph.Sub(offset, graph.Mul(mean, factor))))
}

// maxPool takes the maximum of each 2×2 square, leaving out an odd last row or column. Pixels that tie, as everywhere on
// blank paper, share the gradient; the backend's maximum would give the whole of it to each of them.
func maxPool(x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	height, width := d[1]/2, d[2]/2
	if d[1]%2 == 1 || d[2]%2 == 1 {
		x = graph.Slice(x, graph.AxisRange(), graph.AxisRange(0, 2*height), graph.AxisRange(0, 2*width), graph.AxisRange())
	}
	squares := graph.Reshape(x, d[0], height, 2, width, 2, d[3])
	peaks := graph.ReduceMax(squares, 2, 4)
	return graph.IdentityWithCustomGradient(peaks, func(peaks, v *graph.Node) *graph.Node {
		wide := graph.BroadcastToShape(graph.Reshape(peaks, d[0], height, 1, width, 1, d[3]), squares.Shape())
		ties := graph.ReduceSum(graph.ConvertDType(graph.Equal(squares, wide), v.DType()), 2, 4)
		return graph.Div(v, ties)
	})
}

// relu is [x]_+ with gradient 0 at 0. NaN stays NaN.
func relu(x *graph.Node) *graph.Node {
	return graph.Where(graph.LessOrEqual(x, graph.ZerosLike(x)), graph.ZerosLike(x), x)
}
