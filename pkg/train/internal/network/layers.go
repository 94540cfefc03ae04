package network

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// The layers are written for speed on XLA's CPU compiler and use only operations whose gradients every backend has. Images
// are [batch, height, width, channels].

// patchesOf returns the 3×3 neighbourhoods of all pixels of images [batch, height, width, channels], zero-padded:
// [pixels, 9 · channels]. As images need no gradient, a convolution of them is one matrix product with these, and so is its weights'
// gradient. The compiler's own for a single channel is far slower.
func patchesOf(images *graph.Node) *graph.Node {
	d := images.Shape().Dimensions
	edge := compute.PadAxis{Start: 1, End: 1}
	padded := graph.Pad(images, graph.ScalarZero(images.Graph(), images.DType()), compute.PadAxis{}, edge, edge, compute.PadAxis{})
	var taps []*graph.Node
	for row := range 3 {
		for column := range 3 {
			taps = append(taps, graph.Slice(padded, graph.AxisRange(),
				graph.AxisRange(row, row+d[1]), graph.AxisRange(column, column+d[2]), graph.AxisRange()))
		}
	}
	return graph.StopGradient(graph.Reshape(graph.Concatenate(taps, -1), d[0]*d[1]*d[2], 9*d[3]))
}

// momentsOfProduct returns the moments, [channels], of the product of patches [pixels, 9·c] and a kernel [9·c, channels] without making
// it. The mean is the kernel's with the mean patch, the mean square its form with the patches' second moments [9·c, 9·c]. The product is
// the largest thing in the network, and passes over it are what batch normalisation costs.
func momentsOfProduct(patches, kernel *graph.Node) (mean, variance *graph.Node) {
	pixels := patches.Shape().Dim(0)
	average := func(x *graph.Node) *graph.Node { return graph.MulScalar(graph.MatMul(x, patches), 1/float64(pixels)) }
	mean = graph.Squeeze(graph.MatMul(average(graph.Ones(patches.Graph(), shapes.Make(patches.DType(), 1, pixels))), kernel), 0)
	second := average(graph.Transpose(patches, 0, 1))
	square := graph.ReduceSum(graph.Mul(kernel, graph.MatMul(second, kernel)), 0)
	return mean, graph.MaxScalar(graph.Sub(square, graph.Square(mean)), 0)
}

// normalizedProduct returns the product of patches [pixels, 9·c] and a kernel [9·c, channels], brought to the learnt scale and offset as
// by normalize. The factor goes into the kernel, which is small.
func normalizedProduct(patches, kernel, mean, variance, scale, offset *graph.Node) *graph.Node {
	factor, shift := affine(mean, variance, scale, offset)
	wide := func(v *graph.Node) *graph.Node { return graph.Reshape(v, 1, -1) }
	return graph.Add(graph.MatMul(patches, graph.Mul(kernel, wide(factor))), wide(shift))
}

// lowered takes a product in bfloat16 if half. What goes in and comes out is float32: moments and the loss need its digits.
func lowered(x, weights *graph.Node, half bool, product func(x, weights *graph.Node) *graph.Node) *graph.Node {
	if !half {
		return product(x, weights)
	}
	low := func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtypes.BFloat16) }
	return graph.ConvertDType(product(low(x), low(weights)), x.DType())
}

// moments returns the mean and the (biased) variance of each channel over the batch and all pixels, [channels]. The sums
// are matrix products with ones: faster than a reduction here, and their blocked sums round less. The variance is
// E[x²] − E[x]², one pass and a cheap gradient. A convolution's output has a mean of the size of its deviation, so that float32 loses
// nothing that matters.
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

// affine returns the factor and the shift, [channels], by which a normalisation with learnt scale and offset acts.
func affine(mean, variance, scale, offset *graph.Node) (factor, shift *graph.Node) {
	const epsilon = 1e-5
	factor = graph.Div(scale, graph.Sqrt(graph.AddScalar(variance, epsilon)))
	return factor, graph.Sub(offset, graph.Mul(mean, factor))
}

// normalize brings each channel to mean 0 and variance 1 and then to the learnt scale and offset, all [channels].
func normalize(x, mean, variance, scale, offset *graph.Node) *graph.Node {
	factor, shift := affine(mean, variance, scale, offset)
	wide := func(v *graph.Node) *graph.Node { return graph.Reshape(v, 1, 1, 1, -1) }
	return graph.Add(graph.Mul(x, wide(factor)), wide(shift))
}

// relu returns [x]_+ with gradient 0 at 0. NaN stays NaN.
func relu(x *graph.Node) *graph.Node {
	return graph.Where(graph.LessOrEqual(x, graph.ZerosLike(x)), graph.ZerosLike(x), x)
}
