package network

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/onednn"
)

// convolve convolves images [batch, height, width, channels] with a kernel [k, k, channels, outputs] at every stride-th pixel. They are
// padded with k/2 pixels of 0 on each side, k odd, as PyTorch does. The result is [batch, ⌈height / stride⌉, ⌈width / stride⌉, outputs].
//
// XLA's CPU compiler has no quick convolution where an image, or in a gradient what came of it, is smaller than the kernel. It adds up
// number by number, a hundred times as slowly. There it is a product, unless oneDNN convolves, which it does on one device.
func convolve(x, kernel *graph.Node, stride int) *graph.Node {
	half := kernel.Shape().Dim(0) / 2
	smallest := (min(x.Shape().Dim(1), x.Shape().Dim(2))-1)/stride + 1
	quick := onednn.Convolver(x.Graph().Backend()) != "" && x.DType() == dtypes.Float32 && x.Graph().NumDevices() == 1
	if onXLA(x) && !quick && smallest < kernel.Shape().Dim(0) {
		return convolveByProduct(x, kernel, stride)
	}
	return graph.Convolve(x, kernel).Strides(stride).PaddingPerDim([][2]int{{half, half}, {half, half}}).Done()
}

func onXLA(x *graph.Node) bool { return x.Graph().Backend().Name() == "xla" }

// convolveByProduct does what convolve does, as one product of each output's neighbourhood and the kernel.
func convolveByProduct(x, kernel *graph.Node, stride int) *graph.Node {
	neighbours, k := taps(x, kernel.Shape().Dim(0), stride), kernel.Shape().Dimensions
	d := neighbours[0].Shape().Dimensions
	patches := graph.Reshape(graph.Concatenate(neighbours, -1), d[0]*d[1]*d[2], -1)
	return graph.Reshape(graph.MatMul(patches, graph.Reshape(kernel, -1, k[3])), d[0], d[1], d[2], k[3])
}

// taps returns what each place of a kernel [k, k] sees of x [batch, height, width, channels], padded with k/2 pixels of 0 on each side, at
// every stride-th pixel. They are k · k of [batch, ⌈height / stride⌉, ⌈width / stride⌉, channels].
func taps(x *graph.Node, k, stride int) (all []*graph.Node) {
	d := x.Shape().Dimensions
	padded := border(border(x, 1, k/2), 2, k/2)
	for row := range k {
		for column := range k {
			all = append(all, every(padded, row, column, (d[1]-1)/stride+1, (d[2]-1)/stride+1, stride))
		}
	}
	return all
}

// border puts so many pixels of 0 before and behind an axis of x; none is x. It concatenates: a backend's own padding has no gradient in
// GoMLX.
func border(x *graph.Node, axis, pixels int) *graph.Node {
	if pixels == 0 {
		return x
	}
	dims := slices.Clone(x.Shape().Dimensions)
	dims[axis] = pixels
	zeros := graph.Zeros(x.Graph(), shapes.Make(x.DType(), dims...))
	return graph.Concatenate([]*graph.Node{zeros, x, zeros}, axis)
}

// every returns height × width pixels of x, from a row and a column on, stride apart.
func every(x *graph.Node, row, column, height, width, stride int) *graph.Node {
	return graph.Slice(x, graph.AxisRange(), graph.AxisRange(row, row+(height-1)*stride+1).Stride(stride),
		graph.AxisRange(column, column+(width-1)*stride+1).Stride(stride), graph.AxisRange())
}
