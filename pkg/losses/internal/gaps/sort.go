package gaps

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// sortRows sorts each row by key and, where keys tie, by kind, 0 to 2. It returns the kinds in that order and the columns they come
// from, int32.
func sortRows(key, kind *graph.Node) (kinds, columns *graph.Node) {
	g, shape := key.Graph(), key.Shape()
	if shape.DType == dtypes.Float32 && shape.Dim(1) < 1<<30 {
		return sortPacked(key, kind)
	}
	earlier := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		pair := func(name string, dtype dtypes.DType) (left, right *graph.Node) {
			return graph.Parameter(g, "left "+name, shapes.Make(dtype)), graph.Parameter(g, "right "+name, shapes.Make(dtype))
		}
		left, right := pair("key", shape.DType)
		leftKind, rightKind := pair("kind", dtypes.Int32)
		pair("column", dtypes.Int32)
		return []*graph.Node{graph.LogicalOr(graph.LessThan(left, right),
			graph.LogicalAnd(graph.Equal(left, right), graph.LessThan(leftKind, rightKind)))}
	})
	column := graph.Iota(g, shapes.Make(dtypes.Int32, shape.Dimensions...), 1)
	sorted := graph.SortFunc(earlier, 1, false, key, kind, column)
	return sorted[1], sorted[2]
}

// sortPacked sorts as sortRows does, with key, kind and column in the high and low halves of one integer: backends sort one operand several
// times faster than three.
func sortPacked(key, kind *graph.Node) (kinds, columns *graph.Node) {
	g, shape := key.Graph(), key.Shape()
	wide := func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtypes.Int64) }
	bits := graph.Bitcast(graph.Add(key, graph.ZerosLike(key)), dtypes.Int32) // −0 + 0 is 0
	// The bits of numbers below 0 fall as the numbers rise.
	turned := graph.BitwiseXor(bits, fill32(g, math.MaxInt32, shape.Dimensions...))
	ordered := graph.Where(graph.LessThan(bits, graph.ZerosLike(bits)), turned, bits)
	column := graph.Iota(g, shapes.Make(dtypes.Int64, shape.Dimensions...), 1)
	packed := graph.Add(graph.BitwiseShiftLeftScalar(wide(ordered), 32), graph.Add(graph.BitwiseShiftLeftScalar(wide(kind), 30), column))
	sorted := graph.Sort(packed, 1, true)
	low := func(shift, bits int) *graph.Node {
		mask := graph.BroadcastToDims(graph.Const(g, int64(1)<<bits-1), shape.Dimensions...)
		return graph.ConvertDType(graph.BitwiseAnd(graph.BitwiseShiftRightLogicalScalar(sorted, shift), mask), dtypes.Int32)
	}
	return low(30, 2), low(0, 30)
}

func fill32(g *graph.Graph, value int32, dims ...int) *graph.Node {
	return graph.BroadcastToDims(graph.Const(g, value), dims...)
}
