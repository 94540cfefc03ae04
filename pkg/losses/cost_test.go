//go:build unix

package losses

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
)

// Where the time of Circle loss goes, value and gradient in float32, d = 512, 4 rows per class, by half of the matrix. docs/laboratory.md
// has what it gave. The parts are graphs of their own, here and in internal/fold; what they do not explain is the choice of pairs,
// weights, sums along columns and fresh pages.
func BenchmarkHalf(b *testing.B) {
	const dim = 512
	for _, rows := range []int{128, 512, 2048, 4096, 8192} {
		labels := make([]int32, rows)
		for i := range labels {
			labels[i] = int32(i / 4)
		}
		x := backendtest.Drawn[float32](rows, dim)
		value := func(in []*graph.Node) *graph.Node {
			return PairWise(Circle{Margin: 0.4, Gamma: 80}, Cosine, Mean)(in[:1], in[1:])
		}
		for _, part := range []struct {
			name   string
			inputs []*tensors.Tensor
			of     func(in []*graph.Node) []*graph.Node
		}{
			{"value and gradient", []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, rows), x}, func(in []*graph.Node) []*graph.Node {
				loss := value(in)
				return []*graph.Node{loss, graph.Gradient(loss, in[1])[0]}
			}},
			{"value", []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, rows), x}, func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{value(in)}
			}},
			{"directions", []*tensors.Tensor{x, backendtest.Drawn[float32](rows, dim)}, func(in []*graph.Node) []*graph.Node {
				unit := Normalize(in[0])
				return append(graph.Gradient(graph.ReduceAllSum(graph.Mul(unit, in[1])), in[0]), unit)
			}},
		} {
			b.Run(fmt.Sprintf("%d/%s", rows, part.name), func(b *testing.B) { backendtest.Time(b, part.inputs, part.of) })
		}
	}
}

// Products of X, [512, 512], as the losses make them and as XLA likes them better, and in float64.
func BenchmarkProduct(b *testing.B) {
	rows := func(in []*graph.Node) []*graph.Node { return []*graph.Node{Dot.Of(in[0], in[1])} }
	columns := func(in []*graph.Node) []*graph.Node { return []*graph.Node{graph.MatMul(in[0], in[1])} }
	x, many := backendtest.Drawn[float32](512, 512), backendtest.Drawn[float32](2048, 512)
	wide := backendtest.Drawn[float64](2048, 512)
	for _, product := range []struct {
		name   string
		inputs []*tensors.Tensor
		of     func(in []*graph.Node) []*graph.Node
	}{
		{"512 by 512 rows", []*tensors.Tensor{x, backendtest.Drawn[float32](512, 512)}, rows},
		{"512 by 512 columns", []*tensors.Tensor{x, backendtest.Drawn[float32](512, 512)}, columns},
		{"512 by 10000 rows", []*tensors.Tensor{x, backendtest.Drawn[float32](10_000, 512)}, rows},
		{"512 by 10000 columns", []*tensors.Tensor{x, backendtest.Drawn[float32](512, 10_000)}, columns},
		{"2048 by 2048 rows", []*tensors.Tensor{many, many}, rows},
		{"2048 by 2048 rows, float64", []*tensors.Tensor{wide, wide}, rows},
	} {
		b.Run(product.name, func(b *testing.B) { backendtest.Time(b, product.inputs, product.of) })
	}
}
