//go:build unix

package losses

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Where the time of Circle loss goes, value and gradient in float32, d = 512, 4 rows a class, by half of the matrix. docs/performance.md has what
// it gave. The parts are graphs of their own; what they do not explain is the choice of pairs, weights, sums along columns and fresh pages.
func BenchmarkHalf(b *testing.B) {
	const dim = 512
	for _, rows := range []int{512, 2048, 4096, 8192} {
		labels := make([]int32, rows)
		for i := range labels {
			labels[i] = int32(i / 4)
		}
		x := backendtest.Drawn[float32](rows, dim)
		pairs := 0 // of all tiles
		tiles := folder{bounds: bounds(rows, 1)}
		tiles.each(func(of, with int) {
			height := func(block int) int { return tiles.bounds[block+1] - tiles.bounds[block] }
			pairs += height(of) * height(with)
		})
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
			{"products", []*tensors.Tensor{x}, productsOfTiles},
			{"directions", []*tensors.Tensor{x, backendtest.Drawn[float32](rows, dim)}, func(in []*graph.Node) []*graph.Node {
				unit := Normalize(in[0])
				return append(graph.Gradient(graph.ReduceAllSum(graph.Mul(unit, in[1])), in[0]), unit)
			}},
			{"an exponential a pair", []*tensors.Tensor{backendtest.Drawn[float32](pairs/rows, rows)}, func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{stable.Sum(graph.Exp(in[0]), 1)}
			}},
		} {
			b.Run(fmt.Sprintf("%d/%s", rows, part.name), func(b *testing.B) { timeCalls(b, part.inputs, part.of) })
		}
	}
}

// productsOfTiles are the products of value and gradient alone: the similarities of each tile, and what they make of its vectors.
func productsOfTiles(in []*graph.Node) []*graph.Node {
	f := folder{bounds: bounds(in[0].Shape().Dim(0), 1)}
	var out []*graph.Node
	f.each(func(rows, columns int) {
		own, others := f.cut(in[0], rows), f.cut(in[0], columns)
		s := Dot.Of(own, others)
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
		b.Run(product.name, func(b *testing.B) { timeCalls(b, product.inputs, product.of) })
	}
}

// timeCalls times a graph whose inputs lie on the device, its first call apart, by the clock and of all processors, and counts the pages that
// a call touches for the first time.
func timeCalls(b *testing.B, inputs []*tensors.Tensor, of func(in []*graph.Node) []*graph.Node) {
	call := backendtest.Caller(b, inputs, of)
	begin := time.Now()
	call()
	compiled := time.Since(begin)
	for range 3 {
		call()
	}
	before, calls := usage(b), 0
	for b.Loop() {
		call()
		calls++
	}
	after := usage(b)
	b.ReportMetric(float64(after.Minflt-before.Minflt)/float64(calls), "pages/op")
	b.ReportMetric(float64(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano())/float64(calls)/1e6, "cpu-ms/op")
	b.ReportMetric(compiled.Seconds(), "s/first")
}

func usage(b *testing.B) syscall.Rusage {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage
}
