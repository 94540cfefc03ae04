package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Histogram is the chance that a negative pair of the batch is more similar than a positive one, from their two histograms.
//
//	L = Σ_b h⁻_b Σ_{c ≤ b} h⁺_c
//
// h⁺ and h⁻ are shares of the positive and the negative pairs at Bins + 1 points from −1 to 1. A pair counts at the two points round its
// similarity, by how near they are. It is one value of the batch: each anchor has it. A similarity outside [−1, 1], by rounding, counts at
// the end. For [Cosine]. An anchor needs a positive or a negative; a batch without both kinds has 0. The zero value is invalid: start from
// [DefaultHistogram].
//
// E. Ustinova, V. Lempitsky, "Learning Deep Embeddings with Histogram Loss", NeurIPS 2016.
type Histogram struct {
	Bins int // intervals between −1 and 1, 2 to 10,000
}

// DefaultHistogram returns the loss with 100 bins; the paper tries 50 to 200.
func DefaultHistogram() Histogram { return Histogram{Bins: 100} }

// PerAnchor implements [Loss].
func (h Histogram) PerAnchor(s Scores) *graph.Node {
	begin(h, s)
	share := func(mask *graph.Node) *graph.Node {
		counts := graph.ReduceSum(softCounts(s.Similarity, mask, h.Bins), 0)
		return stable.Ratio(counts, graph.ReduceAllSum(graph.ConvertDType(mask, counts.DType())))
	}
	positive, negative := share(s.Positive), share(s.Negative)
	below := graph.Squeeze(stable.CumulativeSum(graph.InsertAxes(positive, 0)), 0)
	value := graph.ReduceAllSum(graph.Mul(negative, below))
	return graph.BroadcastToDims(value, s.Similarity.Shape().Dim(0))
}

// Joint implements [Joint].
func (h Histogram) Joint() string { return "the similarities of all pairs of the batch" }

// Anchors implements [Loss]: those with a positive or a negative.
func (h Histogram) Anchors(s Scores) *graph.Node { return s.withAny() }

// Validate implements [Loss].
func (h Histogram) Validate() error { return validateBins("Histogram", h.Bins) }

// FastAP is 1 − the average precision of an anchor's ranking, with distances quantised softly so that it has a gradient.
//
//	L = 1 − 1/K Σ_b h⁺_b H⁺_b / H_b
//
// h⁺ counts the positives of a bin; H⁺ and H count the positives and all pairs up to it, the nearest first. The Bins + 1 points are of the
// squared distance 2 − 2s of unit vectors, from 0 to 4. For [Cosine]. An anchor needs a positive. The zero value is invalid: start from
// [DefaultFastAP].
//
// F. Cakir et al., "Deep Metric Learning to Rank", CVPR 2019.
type FastAP struct {
	Bins int // intervals of the squared distance between 0 and 4, 2 to 10,000
}

// DefaultFastAP returns the paper's 10 bins.
func DefaultFastAP() FastAP { return FastAP{Bins: 10} }

// PerAnchor implements [Loss].
func (f FastAP) PerAnchor(s Scores) *graph.Node {
	begin(f, s)
	nearness := graph.Neg(s.Similarity) // from −1, the nearest, to 1
	positive := softCounts(nearness, s.Positive, f.Bins)
	all := graph.Add(positive, softCounts(nearness, s.Negative, f.Bins))
	// One product for both: the pure-Go backend may wait for ever for itself where several large ones are due at once.
	sums, rows := stable.CumulativeSum(graph.Concatenate([]*graph.Node{positive, all}, 0)), positive.Shape().Dim(0)
	upTo, ofAll := graph.SliceAxis(sums, 0, graph.AxisRange(0, rows)), graph.SliceAxis(sums, 0, graph.AxisRange(rows, 2*rows))
	some := graph.GreaterThan(ofAll, graph.ZerosLike(ofAll))
	precision := stable.ZeroUnless(some, graph.Div(upTo, graph.Where(some, ofAll, graph.OnesLike(ofAll))))
	average := stable.Ratio(graph.ReduceSum(graph.Mul(positive, precision), -1), stable.CountTrue(s.Positive, all.DType()))
	return stable.ZeroUnless(s.withPositive(), graph.OneMinus(average))
}

// Anchors implements [Loss]: those with a positive.
func (f FastAP) Anchors(s Scores) *graph.Node { return s.withPositive() }

// Validate implements [Loss].
func (f FastAP) Validate() error { return validateBins("FastAP", f.Bins) }

func validateBins(loss string, bins int) error {
	return require(bins >= 2 && bins <= 10_000, loss+": Bins", "a whole number from 2 to 10000", bins)
}

// softCounts counts, for each row, the chosen values x in [−1, 1] at bins + 1 points: each at the two points round it, by how
// near they are. It returns [rows, bins + 1].
func softCounts(x, chosen *graph.Node, bins int) *graph.Node {
	rows, columns := x.Shape().Dim(0), x.Shape().Dim(1)
	place := graph.MulScalar(graph.AddScalar(x, 1), float64(bins)/2)
	inside := graph.LogicalAnd(
		graph.GreaterOrEqual(place, graph.ZerosLike(place)), graph.LessOrEqual(place, stable.Fill(place, float64(bins))))
	place = graph.Where(inside, place, graph.StopGradient(graph.ClipScalar(place, 0, float64(bins))))
	known := graph.StopGradient(graph.Where(graph.Equal(place, place), place, graph.ZerosLike(place))) // NaN has no index
	left := graph.StopGradient(graph.ClipScalar(graph.Floor(known), 0, float64(bins-1)))
	right := graph.Sub(place, left) // the right point's part

	g := x.Graph()
	row := graph.Iota(g, shapes.Make(dtypes.Int32, rows, columns), 0)
	index := graph.Add(graph.MulScalar(row, bins+1), graph.ConvertDType(left, dtypes.Int32))
	flat := func(x *graph.Node, dims ...int) *graph.Node {
		return graph.Reshape(x, append([]int{rows * columns}, dims...)...)
	}
	counts := graph.Zeros(g, shapes.Make(x.DType(), rows*(bins+1)))
	counts = graph.ScatterSum(counts, flat(index, 1), flat(stable.ZeroUnless(chosen, graph.OneMinus(right))), false, false)
	counts = graph.ScatterSum(counts, flat(graph.AddScalar(index, 1), 1), flat(stable.ZeroUnless(chosen, right)), false, false)
	return graph.Reshape(counts, rows, bins+1)
}
