package losses

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/schedule"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// gaps compares, in each row, candidates with candidates: losses of triplets and ranks are sums over them. The gap of p and j is
// s_j − s_p; with swap it is max(s_j, s_pj) − s_p, where s_pj is p's own similarity with j, in p's row.
type gaps struct {
	similarity *graph.Node // [anchors, candidates]
	of         *graph.Node // bool [anchors, candidates]: the j that take part
	swap       bool
}

// slabElements is how large a part of the [anchors, p, j] cube of gaps is in memory at a time: 64 MiB in float32.
const slabElements = 1 << 24

// sum returns Σ_j f(gap) of each candidate p, [anchors, candidates]; slope is the derivative of f. The cube is made in slabs of p,
// one after the other, for the value and again for the gradient.
func (g gaps) sum(f, slope func(gap *graph.Node) *graph.Node) *graph.Node {
	held := g
	held.similarity = graph.StopGradient(g.similarity)
	var sums []*graph.Node
	held.slabs(func(after *graph.Node, from, to int) *graph.Node {
		sums = append(sums, held.overJ(held.slab(after, f, from, to)))
		return sums[len(sums)-1]
	})
	carrier := graph.IdentityWithCustomGradient(g.similarity, func(_, v *graph.Node) *graph.Node {
		return held.pull(slope, v)
	})
	return graph.Add(graph.StopGradient(graph.Concatenate(sums, 1)), graph.Sub(carrier, held.similarity)) // the difference is 0
}

// pull is the gradient of the similarities when that of the sums is v, [anchors, candidates].
func (g gaps) pull(slope func(gap *graph.Node) *graph.Node, v *graph.Node) *graph.Node {
	g.similarity = schedule.InTurn(g.similarity, v)
	pulled := graph.ZerosLike(g.similarity)
	var ofP, inRowsOfP []*graph.Node
	g.slabs(func(after *graph.Node, from, to int) *graph.Node {
		part := graph.SliceAxis(v, 1, graph.AxisRange(from, to))
		slopes := g.slab(after, slope, from, to)
		ofP = append(ofP, graph.Mul(part, g.overJ(slopes)))
		slopes = schedule.InTurn(slopes, ofP[len(ofP)-1])
		if g.swap { // the nearer of a and p pulls j; if both are as near, by half each
			own := graph.BroadcastToShape(graph.InsertAxes(g.similarity, 1), slopes.Shape())
			other := graph.BroadcastToShape(g.rowsOf(from, to), slopes.Shape())
			share := graph.Where(graph.Equal(own, other), stable.Fill(slopes, 0.5),
				graph.ConvertDType(graph.GreaterThan(own, other), slopes.DType()))
			others := graph.Mul(masked(slopes, graph.InsertAxes(g.of, 1)), graph.OneMinus(share))
			inRowsOfP = append(inRowsOfP, graph.ReduceSum(graph.Mul(others, graph.InsertAxes(part, 2)), 0))
			slopes = graph.Mul(slopes, share)
		}
		pulled = graph.Add(pulled, stable.ZeroUnless(g.of, graph.Einsum("apj,ap->aj", slopes, part)))
		return pulled
	})
	if g.swap {
		pulled = graph.Add(pulled, graph.Concatenate(inRowsOfP, 0))
	}
	return graph.Sub(pulled, graph.Concatenate(ofP, 1))
}

// slabs calls do with each slab of p in turn, and with what the one before returned.
func (g gaps) slabs(do func(after *graph.Node, from, to int) *graph.Node) {
	columns := g.similarity.Shape().Dim(1)
	width := max(1, slabElements/g.similarity.Shape().Size(), (columns+63)/64) // no more than 64, each is compiled
	after := g.similarity
	for from := 0; from < columns; from += width {
		after = do(after, from, min(from+width, columns))
	}
}

// overJ sums up a slab over the j that take part: a product with the mask, which is many times faster than a sum.
func (g gaps) overJ(slab *graph.Node) *graph.Node {
	return graph.Einsum("apj,aj->ap", slab, graph.ConvertDType(g.of, slab.DType()))
}

// slab is f of the gaps of some p, [anchors, to − from, candidates].
func (g gaps) slab(after *graph.Node, f func(gap *graph.Node) *graph.Node, from, to int) *graph.Node {
	of := graph.SliceAxis(graph.SchedulingBarrier(g.similarity, after), 1, graph.AxisRange(from, to))
	reach := graph.InsertAxes(g.similarity, 1)
	if g.swap {
		reach = graph.Max(reach, g.rowsOf(from, to))
	}
	return f(graph.Sub(reach, graph.InsertAxes(of, 2)))
}

// masked returns x with 0 where mask, of the same rank, is false.
func masked(x, mask *graph.Node) *graph.Node {
	return stable.ZeroUnless(graph.BroadcastToShape(mask, x.Shape()), x)
}

// rowsOf is s_pj of some p, [1, to − from, candidates].
func (g gaps) rowsOf(from, to int) *graph.Node {
	return graph.InsertAxes(graph.SliceAxis(g.similarity, 0, graph.AxisRange(from, to)), 0)
}

// A bound is where gaps of positives and negatives, s_n − s_p, begin to count.
type bound struct {
	at      float64
	orEqual bool // the bound itself counts too
}

// partners returns how many negatives have a gap from the bound on, of each positive, and how many positives, of each negative,
// [anchors, candidates], without a gradient.
func (s Scores) partners(from bound) *graph.Node {
	s.Similarity = graph.StopGradient(s.Similarity)
	if schedule.OnXLA(s.Similarity) {
		return graph.StopGradient(s.partnersSorted(from))
	}
	// The pure-Go backend runs a graph for each comparison of a sort, and on few cores may wait for itself to do so.
	count := func(of *graph.Node, gap func(*graph.Node) *graph.Node) *graph.Node {
		chosen := func(x *graph.Node) *graph.Node { return graph.ConvertDType(from.takes(gap(x)), x.DType()) }
		return gaps{similarity: s.Similarity, of: of}.sum(chosen, graph.ZerosLike)
	}
	ofPositives := count(s.Negative, func(gap *graph.Node) *graph.Node { return gap })
	ofNegatives := count(s.Positive, graph.Neg)
	return graph.StopGradient(graph.Add(stable.ZeroUnless(s.Positive, ofPositives), stable.ZeroUnless(s.Negative, ofNegatives)))
}

// takes tells which gaps are from the bound on.
func (b bound) takes(gap *graph.Node) *graph.Node {
	if b.orEqual {
		return graph.GreaterOrEqual(gap, stable.Fill(gap, b.at))
	}
	return graph.GreaterThan(gap, stable.Fill(gap, b.at))
}

// partnersSorted is partners by sorting each row, with the positives moved by the bound: a positive's partners are the negatives
// after it, a negative's the positives before.
func (s Scores) partnersSorted(from bound) *graph.Node {
	g, similarity := s.Similarity.Graph(), s.Similarity
	dtype, rows, columns := similarity.DType(), similarity.Shape().Dim(0), similarity.Shape().Dim(1)
	key := graph.Where(s.Positive, graph.AddScalar(similarity, from.at), similarity)
	// Where keys tie, what is equal to the bound counts if the positives come first.
	first, second := s.Positive, s.Negative
	if !from.orEqual {
		first, second = second, first
	}
	kind := graph.Where(first, fill32(g, 0, rows, columns), graph.Where(second, fill32(g, 1, rows, columns), fill32(g, 2, rows, columns)))
	kinds, column := sortRows(key, kind)
	is := func(kind int32) *graph.Node {
		return graph.ConvertDType(graph.Equal(kinds, fill32(g, kind, rows, columns)), dtype)
	}
	positive, negative := is(0), is(1)
	if !from.orEqual {
		positive, negative = negative, positive
	}
	after := graph.Sub(graph.ReduceAndKeep(negative, graph.ReduceSum, 1), stable.CumulativeSum(negative))
	counts := graph.Add(graph.Mul(positive, after), graph.Mul(negative, stable.CumulativeSum(positive)))
	place := graph.Add(graph.MulScalar(graph.Iota(g, shapes.Make(dtypes.Int32, rows, columns), 0), columns), column)
	flat := graph.ScatterSum(graph.Zeros(g, shapes.Make(dtype, rows*columns)),
		graph.Reshape(place, rows*columns, 1), graph.Reshape(counts, rows*columns), false, true)
	return graph.Reshape(flat, rows, columns)
}

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

// sortPacked is sortRows with key, kind and column in the high and low halves of one integer: backends sort one operand several
// times faster than three.
func sortPacked(key, kind *graph.Node) (kinds, columns *graph.Node) {
	g, shape := key.Graph(), key.Shape()
	wide := func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtypes.Int64) }
	bits := graph.Bitcast(graph.Add(key, graph.ZerosLike(key)), dtypes.Int32) // −0 + 0 is 0
	// The bits of numbers below 0 fall as the numbers rise.
	ordered := graph.Where(graph.LessThan(bits, graph.ZerosLike(bits)), graph.BitwiseXor(bits, fill32(g, math.MaxInt32, shape.Dimensions...)), bits)
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

// An interval of gaps, from low on and not from high on; nil is no bound.
type interval struct{ low, high *bound }

// and narrows an interval.
func (i interval) and(other interval) interval {
	if i.low == nil || other.low != nil && (other.low.at > i.low.at || other.low.at == i.low.at && !other.low.orEqual) {
		i.low = other.low
	}
	if i.high == nil || other.high != nil && (other.high.at < i.high.at || other.high.at == i.high.at && other.high.orEqual) {
		i.high = other.high
	}
	return i
}

// partnersWithin is partners within an interval.
func (s Scores) partnersWithin(i interval) *graph.Node {
	var counts *graph.Node
	if i.low == nil {
		all := func(mask *graph.Node) *graph.Node {
			return graph.BroadcastToShape(stable.Column(stable.CountTrue(mask, s.Similarity.DType())), s.Similarity.Shape())
		}
		counts = graph.Where(s.Positive, all(s.Negative), all(s.Positive))
		counts = stable.ZeroUnless(graph.LogicalOr(s.Positive, s.Negative), counts)
	} else {
		counts = s.partners(*i.low)
	}
	if i.high == nil {
		return counts
	}
	return graph.Max(graph.Sub(counts, s.partners(*i.high)), graph.ZerosLike(counts))
}
