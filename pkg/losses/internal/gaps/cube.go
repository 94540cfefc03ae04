// Package gaps counts and sums up over the gaps of similarities in a row, s_j − s_p of two candidates: losses of triplets and of ranks are
// sums over them.
package gaps

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/schedule"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Cube compares, in each row, candidates with candidates. The gap of p and j is s_j − s_p; with Swap it is max(s_j, s_pj) − s_p, where
// s_pj is p's own similarity with j, in p's row.
type Cube struct {
	Similarity *graph.Node // [anchors, candidates]
	Of         *graph.Node // bool [anchors, candidates]: the j that take part
	Swap       bool        // a negative may be as near to the positive as to the anchor
}

// slabElements bounds the part of the [anchors, p, j] cube of gaps that is in memory at a time: 64 MiB in float32.
const slabElements = 1 << 24

// Sum returns Σ_j f(gap) of each candidate p, [anchors, candidates]; slope is the derivative of f. The cube is made in slabs of p,
// one after the other, for the value and again for the gradient.
func (g Cube) Sum(f, slope func(gap *graph.Node) *graph.Node) *graph.Node {
	fixed := g
	fixed.Similarity = graph.StopGradient(g.Similarity)
	var sums []*graph.Node
	fixed.slabs(func(after *graph.Node, from, to int) *graph.Node {
		sums = append(sums, fixed.overJ(fixed.slab(after, f, from, to)))
		return sums[len(sums)-1]
	})
	carrier := graph.IdentityWithCustomGradient(g.Similarity, func(_, v *graph.Node) *graph.Node {
		return fixed.pull(slope, v)
	})
	return graph.Add(graph.StopGradient(graph.Concatenate(sums, 1)), graph.Sub(carrier, fixed.Similarity)) // the difference is 0
}

// pull returns the gradient of the similarities when that of the sums is v, [anchors, candidates].
func (g Cube) pull(slope func(gap *graph.Node) *graph.Node, v *graph.Node) *graph.Node {
	g.Similarity = schedule.InTurn(g.Similarity, v)
	pulled := graph.ZerosLike(g.Similarity)
	var ofP, inRowsOfP []*graph.Node
	g.slabs(func(after *graph.Node, from, to int) *graph.Node {
		part := graph.SliceAxis(v, 1, graph.AxisRange(from, to))
		slopes := g.slab(after, slope, from, to)
		ofP = append(ofP, graph.Mul(part, g.overJ(slopes)))
		slopes = schedule.InTurn(slopes, ofP[len(ofP)-1])
		if g.Swap { // the nearer of a and p pulls j; if both are as near, by half each
			own := graph.BroadcastToShape(graph.InsertAxes(g.Similarity, 1), slopes.Shape())
			other := graph.BroadcastToShape(g.rowsOf(from, to), slopes.Shape())
			share := graph.Where(graph.Equal(own, other), stable.Fill(slopes, 0.5),
				graph.ConvertDType(graph.GreaterThan(own, other), slopes.DType()))
			others := graph.Mul(masked(slopes, graph.InsertAxes(g.Of, 1)), graph.OneMinus(share))
			inRowsOfP = append(inRowsOfP, graph.ReduceSum(graph.Mul(others, graph.InsertAxes(part, 2)), 0))
			slopes = graph.Mul(slopes, share)
		}
		pulled = graph.Add(pulled, stable.ZeroUnless(g.Of, graph.Einsum("apj,ap->aj", slopes, part)))
		return pulled
	})
	if g.Swap {
		pulled = graph.Add(pulled, graph.Concatenate(inRowsOfP, 0))
	}
	return graph.Sub(pulled, graph.Concatenate(ofP, 1))
}

// slabs calls do with each slab of p in turn, and with what the one before returned.
func (g Cube) slabs(do func(after *graph.Node, from, to int) *graph.Node) {
	columns := g.Similarity.Shape().Dim(1)
	width := max(1, slabElements/g.Similarity.Shape().Size(), (columns+63)/64) // no more than 64, each is compiled
	after := g.Similarity
	for from := 0; from < columns; from += width {
		after = do(after, from, min(from+width, columns))
	}
}

// overJ sums up a slab over the j that take part: a product with the mask, which is many times faster than a sum.
func (g Cube) overJ(slab *graph.Node) *graph.Node {
	return graph.Einsum("apj,aj->ap", slab, graph.ConvertDType(g.Of, slab.DType()))
}

// slab returns f of the gaps of some p, [anchors, to − from, candidates].
func (g Cube) slab(after *graph.Node, f func(gap *graph.Node) *graph.Node, from, to int) *graph.Node {
	of := graph.SliceAxis(graph.SchedulingBarrier(g.Similarity, after), 1, graph.AxisRange(from, to))
	reach := graph.InsertAxes(g.Similarity, 1)
	if g.Swap {
		reach = graph.Max(reach, g.rowsOf(from, to))
	}
	return f(graph.Sub(reach, graph.InsertAxes(of, 2)))
}

// masked returns x with 0 where mask, of the same rank, is false.
func masked(x, mask *graph.Node) *graph.Node {
	return stable.ZeroUnless(graph.BroadcastToShape(mask, x.Shape()), x)
}

// rowsOf returns s_pj of some p, [1, to − from, candidates].
func (g Cube) rowsOf(from, to int) *graph.Node {
	return graph.InsertAxes(graph.SliceAxis(g.Similarity, 0, graph.AxisRange(from, to)), 0)
}
