package network

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
)

// productOfPatches is a 3×3 convolution as one matrix product with the neighbourhoods of all pixels, as the first block has it; here
// the input has a gradient too.
func productOfPatches(x, kernel *graph.Node) *graph.Node {
	d, channels := x.Shape().Dimensions, kernel.Shape().Dim(-1)
	zeros := func(dims ...int) *graph.Node { return graph.Zeros(x.Graph(), shapes.Make(x.DType(), dims...)) }
	row, column := zeros(d[0], 1, d[2], d[3]), zeros(d[0], d[1]+2, 1, d[3])
	padded := graph.Concatenate([]*graph.Node{column, graph.Concatenate([]*graph.Node{row, x, row}, 1), column}, 2)
	var taps []*graph.Node
	for r := range 3 {
		for c := range 3 {
			taps = append(taps, graph.Slice(padded, graph.AxisRange(), graph.AxisRange(r, r+d[1]), graph.AxisRange(c, c+d[2]), graph.AxisRange()))
		}
	}
	patches := graph.Reshape(graph.Concatenate(taps, -1), d[0]*d[1]*d[2], 9*d[3])
	return graph.Reshape(graph.MatMul(patches, graph.Reshape(kernel, 9*d[3], channels)), d[0], d[1], d[2], channels)
}

// The convolutions of blocks 2 to 4 with both gradients, as XLA has them and as products: why the blocks after the first are not
// products too. docs/laboratory.md has what it gave.
func BenchmarkConvolution(b *testing.B) {
	drawn := backendtest.Drawn[float32]
	const batch = 96
	for _, block := range [][3]int{{14, 32, 64}, {7, 64, 128}, {3, 128, 128}} {
		size, in, out := block[0], block[1], block[2]
		inputs := []*tensors.Tensor{drawn(batch, size, size, in), drawn(3, 3, in, out), drawn(batch, size, size, out)}
		for name, form := range map[string]func(x, kernel *graph.Node) *graph.Node{"convolution": func(x, k *graph.Node) *graph.Node { return convolve(x, k, 1) }, "product": productOfPatches} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", size, size, in, name), func(b *testing.B) {
				call := backendtest.Caller(b, inputs, func(in []*graph.Node) []*graph.Node {
					y := form(in[0], in[1])
					return append(graph.Gradient(graph.ReduceAllSum(graph.Mul(y, in[2])), in[0], in[1]), y)
				})
				for b.Loop() {
					call()
				}
			})
		}
	}
}
