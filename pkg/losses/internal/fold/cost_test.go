//go:build unix

package fold

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// What is in half of a matrix of d = 512 in float32: its products, and one exponential per pair of its tiles.
func BenchmarkTiles(b *testing.B) {
	const dim = 512
	for _, rows := range []int{512, 2048, 4096, 8192} {
		pairs := 0
		tiles := half{bounds: bounds(rows, 1)}
		tiles.each(func(of, with int) {
			height := func(block int) int { return tiles.bounds[block+1] - tiles.bounds[block] }
			pairs += height(of) * height(with)
		})
		b.Run(fmt.Sprintf("%d/products", rows), func(b *testing.B) {
			backendtest.Time(b, []*tensors.Tensor{backendtest.Drawn[float32](rows, dim)}, productsOfTiles)
		})
		b.Run(fmt.Sprintf("%d/an exponential per pair", rows), func(b *testing.B) {
			backendtest.Time(b, []*tensors.Tensor{backendtest.Drawn[float32](pairs/rows, rows)}, func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{stable.Sum(graph.Exp(in[0]), 1)}
			})
		})
	}
}

// productsOfTiles are the products of value and gradient alone: the similarities of each tile, and what they make of its vectors.
func productsOfTiles(in []*graph.Node) []*graph.Node {
	h := half{bounds: bounds(in[0].Shape().Dim(0), 1)}
	var out []*graph.Node
	h.each(func(rows, columns int) {
		own, others := h.cut(in[0], rows), h.cut(in[0], columns)
		s := graph.MatMul(own, graph.Transpose(others, 0, 1))
		if len(out) > 0 {
			s = graph.SchedulingBarrier(s, out[len(out)-1])
		}
		out = append(out, graph.MatMul(s, others))
		if rows != columns {
			out = append(out, graph.MatMul(graph.Transpose(s, 0, 1), own))
		}
	})
	return out
}
