package network

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

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

// maxPool3 takes the maximum of 3×3 squares two pixels apart, padded by a pixel of 0. Numbers that tie share the gradient.
func maxPool3(x *graph.Node) *graph.Node {
	var squares []*graph.Node // their upper left numbers, those beside them, and so on
	var peaks *graph.Node
	return withGradient(x, func(x *graph.Node) *graph.Node {
		squares = taps(x, 3, 2)
		peaks = squares[0]
		for _, tap := range squares[1:] {
			peaks = graph.Max(peaks, tap)
		}
		return peaks
	}, func(v *graph.Node) *graph.Node {
		ties := indicator(squares[0], peaks)
		for _, tap := range squares[1:] {
			ties = graph.Add(ties, indicator(tap, peaks))
		}
		// Written down, since each pixel looks at up to four squares: XLA would divide again for each.
		share := graph.Div(v, ties)
		return gatherPeaks(x, peaks, graph.SchedulingBarrier(share, share))
	})
}

func indicator(x, peaks *graph.Node) *graph.Node {
	return graph.ConvertDType(graph.Equal(x, peaks), x.DType())
}

// gatherPeaks gives each pixel of x the shares of those squares of [maxPool3] whose peak it is. A pixel of an even row is in one row of
// squares, one of an odd row in two, and so in columns. These four kinds are computed apart and interleaved. The sum over the nine places
// in a square, as autodiff has it, takes ten times as long.
func gatherPeaks(x, peaks, share *graph.Node) *graph.Node {
	d, s := x.Shape().Dimensions, peaks.Shape().Dimensions
	zero := graph.ScalarZero(x.Graph(), x.DType())
	end := func(x *graph.Node, rows, columns int) *graph.Node { // with so many more of 0
		return graph.Pad(x, zero, compute.PadAxis{}, compute.PadAxis{End: rows}, compute.PadAxis{End: columns}, compute.PadAxis{})
	}
	next := func(x *graph.Node, rows, columns int) *graph.Node { // so many further down and to the right
		return graph.Slice(end(x, rows, columns), graph.AxisRange(), graph.AxisRange(rows), graph.AxisRange(columns), graph.AxisRange())
	}
	whole := end(x, 2*s[1]-d[1], 2*s[2]-d[2]) // an odd size has a row or column more
	var rows []*graph.Node
	for row := range 2 {
		var columns []*graph.Node
		for column := range 2 {
			pixels, sum := every(whole, row, column, s[1], s[2], 2), graph.ZerosLike(peaks)
			for below := range row + 1 {
				for beside := range column + 1 {
					its := graph.Equal(pixels, next(peaks, below, beside))
					sum = graph.Add(sum, graph.Where(its, next(share, below, beside), graph.ZerosLike(sum)))
				}
			}
			columns = append(columns, graph.Reshape(sum, s[0]*s[1], s[2], 1, s[3]))
		}
		rows = append(rows, graph.Reshape(graph.Concatenate(columns, 2), s[0]*s[1], 1, 2*s[2], s[3]))
	}
	all := graph.Reshape(graph.Concatenate(rows, 1), s[0], 2*s[1], 2*s[2], s[3])
	return graph.Slice(all, graph.AxisRange(), graph.AxisRange(0, d[1]), graph.AxisRange(0, d[2]), graph.AxisRange())
}
