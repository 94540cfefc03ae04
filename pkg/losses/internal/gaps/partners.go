package gaps

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/schedule"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// A Bound is the value from which on gaps of positives and negatives, s_n − s_p, count.
type Bound struct {
	At      float64 // the least gap, in units of similarity
	OrEqual bool    // the bound itself counts too
}

// takes tells which gaps are from the bound on.
func (b Bound) takes(gap *graph.Node) *graph.Node {
	if b.OrEqual {
		return graph.GreaterOrEqual(gap, stable.Fill(gap, b.At))
	}
	return graph.GreaterThan(gap, stable.Fill(gap, b.At))
}

// Interval is the gaps from Low on and not from High on; nil is no bound.
type Interval struct{ Low, High *Bound }

// And narrows an interval by another.
func (i Interval) And(other Interval) Interval {
	if i.Low == nil || other.Low != nil && (other.Low.At > i.Low.At || other.Low.At == i.Low.At && !other.Low.OrEqual) {
		i.Low = other.Low
	}
	if i.High == nil || other.High != nil && (other.High.At < i.High.At || other.High.At == i.High.At && other.High.OrEqual) {
		i.High = other.High
	}
	return i
}

// Pairs holds Similarity, float [anchors, candidates], and the masks of it, bool, that Positive and Negative pairs have.
type Pairs struct{ Similarity, Positive, Negative *graph.Node }

// Partners returns how many negatives have a gap in the interval, of each positive, and how many positives, of each negative, float
// [anchors, candidates]; 0 of what is neither. It has no gradient.
func (p Pairs) Partners(within Interval) *graph.Node {
	var counts *graph.Node
	if within.Low == nil {
		all := func(mask *graph.Node) *graph.Node {
			return graph.BroadcastToShape(stable.Column(stable.CountTrue(mask, p.Similarity.DType())), p.Similarity.Shape())
		}
		counts = graph.Where(p.Positive, all(p.Negative), all(p.Positive))
		counts = stable.ZeroUnless(graph.LogicalOr(p.Positive, p.Negative), counts)
	} else {
		counts = p.from(*within.Low)
	}
	if within.High == nil {
		return counts
	}
	return graph.Max(graph.Sub(counts, p.from(*within.High)), graph.ZerosLike(counts))
}

// from counts the Partners of all gaps from a bound on.
func (p Pairs) from(bound Bound) *graph.Node {
	p.Similarity = graph.StopGradient(p.Similarity)
	if schedule.OnXLA(p.Similarity) {
		return graph.StopGradient(p.fromSorted(bound))
	}
	// The pure-Go backend runs a graph for each comparison of a sort, and on few cores may wait for itself to do so.
	count := func(of *graph.Node, gap func(*graph.Node) *graph.Node) *graph.Node {
		chosen := func(x *graph.Node) *graph.Node { return graph.ConvertDType(bound.takes(gap(x)), x.DType()) }
		return Cube{Similarity: p.Similarity, Of: of}.Sum(chosen, graph.ZerosLike)
	}
	ofPositives := count(p.Negative, func(gap *graph.Node) *graph.Node { return gap })
	ofNegatives := count(p.Positive, graph.Neg)
	return graph.StopGradient(graph.Add(stable.ZeroUnless(p.Positive, ofPositives), stable.ZeroUnless(p.Negative, ofNegatives)))
}

// fromSorted counts what from does by sorting each row, with the positives moved by the bound: a positive's partners are the negatives
// after it, a negative's the positives before.
func (p Pairs) fromSorted(bound Bound) *graph.Node {
	g, similarity := p.Similarity.Graph(), p.Similarity
	dtype, rows, columns := similarity.DType(), similarity.Shape().Dim(0), similarity.Shape().Dim(1)
	key := graph.Where(p.Positive, graph.AddScalar(similarity, bound.At), similarity)
	// Where keys tie, what is equal to the bound counts if the positives come first.
	first, second := p.Positive, p.Negative
	if !bound.OrEqual {
		first, second = second, first
	}
	kind := graph.Where(first, fill32(g, 0, rows, columns), graph.Where(second, fill32(g, 1, rows, columns), fill32(g, 2, rows, columns)))
	kinds, column := sortRows(key, kind)
	is := func(kind int32) *graph.Node {
		return graph.ConvertDType(graph.Equal(kinds, fill32(g, kind, rows, columns)), dtype)
	}
	positive, negative := is(0), is(1)
	if !bound.OrEqual {
		positive, negative = negative, positive
	}
	after := graph.Sub(graph.ReduceAndKeep(negative, graph.ReduceSum, 1), stable.CumulativeSum(negative))
	counts := graph.Add(graph.Mul(positive, after), graph.Mul(negative, stable.CumulativeSum(positive)))
	place := graph.Add(graph.MulScalar(graph.Iota(g, shapes.Make(dtypes.Int32, rows, columns), 0), columns), column)
	flat := graph.ScatterSum(graph.Zeros(g, shapes.Make(dtype, rows*columns)),
		graph.Reshape(place, rows*columns, 1), graph.Reshape(counts, rows*columns), false, true)
	return graph.Reshape(flat, rows, columns)
}
