package losses

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/internal/gaps"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Triplet asks a positive to be closer than a negative by a margin.
//
//	hinge: L = mean over the triplets (a, p, n) of [s_n − s_p + m]_+
//	soft:  L = mean over the triplets (a, p, n) of log[1 + exp(s_n − s_p + m)]
//
// With [NegativeL2] the margin is one of distances, d_p − d_n + m. Swap takes the negative's similarity with the anchor or with
// the positive, whichever is larger; it needs the scores of a batch against itself, from [Pairs]. An anchor needs a triplet of
// its mining; others have 0. The zero value is invalid: start from [DefaultTriplet].
//
// Time and memory are those of the scores, O(anchors · candidates), and for all and semi-hard triplets of sorting each row. Soft
// triplets of these minings, and Swap, take time for every triplet, O(anchors · candidates²), in pieces of 64 MiB or a 64th of it.
//
// F. Schroff et al., "FaceNet: A Unified Embedding for Face Recognition and Clustering", CVPR 2015 (hinge, semi-hard);
// A. Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification", 2017 (hard, soft); H. Xuan et al., "Improved
// Embeddings with Easy Positive Triplet Mining", WACV 2020; V. Balntas et al., "Learning local feature descriptors with
// triplets and shallow convolutional neural networks", BMVC 2016 (swap).
type Triplet struct {
	Margin float64 // m, in units of similarity (or distance), ≥ 0
	Soft   bool    // log(1 + exp(x)) in place of the hinge [x]_+
	Mining Mining  // which triplets: all, hard, semi-hard or easy-positive
	Swap   bool    // the negative's nearer end counts
}

// DefaultTriplet returns FaceNet's margin of 0.2 over all triplets, for Normalized(NegativeL2).
func DefaultTriplet() Triplet { return Triplet{Margin: 0.2, Mining: MineAll} }

// PerAnchor implements [Loss].
func (t Triplet) PerAnchor(s Scores) *graph.Node {
	if t.hardest() {
		begin(t, s)
		return s.sum(t.ofHardest())
	}
	return meanOfTerms(t.Terms(s))
}

// Anchors implements [Loss]: those with a triplet to learn from.
func (t Triplet) Anchors(s Scores) *graph.Node {
	if t.Mining == MineHard {
		return s.withBoth() // the hardest are among them
	}
	s = t.mined(s)
	if t.Mining == MineSemiHard {
		return stable.Any(graph.LogicalAnd(s.Positive, stable.Positive(s.partners(t.chosen(math.Inf(-1), math.Inf(1))))))
	}
	return s.withBoth()
}

// Joint says that with Swap the value looks at other rows; without it at none.
func (t Triplet) Joint() string {
	if t.Swap {
		return "the similarities of an anchor's positives with its negatives, in their rows"
	}
	return ""
}

// Terms implements [Termwise]: one term per triplet.
func (t Triplet) Terms(s Scores) []Terms {
	begin(t, s)
	if t.Swap {
		beginJoint(t, s)
	}
	if t.hardest() {
		return []Terms{termsOfPairs(stable.Column(s.sum(t.ofHardest())), stable.Column(s.withBoth()))}
	}
	s = t.mined(s)
	if !t.Swap && t.Mining == MineEasyPositive {
		// What is left ties, so its mean is the one value that it has.
		gap := graph.Sub(stable.MaskedMean(s.Similarity, s.Negative), stable.MaskedMean(s.Similarity, s.Positive))
		return []Terms{termsOfPairs(stable.Column(t.term(gap)), stable.Column(s.withBoth()))}
	}
	if t.Soft || t.Swap {
		return []Terms{func(above, below float64) (sum, count *graph.Node) { return t.overAll(s, above, below) }}
	}
	return []Terms{func(above, below float64) (sum, count *graph.Node) {
		chosen := t.chosen(above, below)
		return t.sumOfHinges(s, chosen), stable.MaskedSum(s.partners(chosen), s.Positive)
	}}
}

// hardest tells whether a row's hardest pairs are all that counts.
func (t Triplet) hardest() bool { return t.Mining == MineHard && !t.Swap }

// ofHardest returns the formula of the hardest pairs. What ties with the hardest shares its gradient: it is the mean of all that tie.
func (t Triplet) ofHardest() fold.Formula {
	tie := func(sign float64, value func(s *graph.Node) *graph.Node, most func(fold.Result) *graph.Node) fold.Term {
		return func(s *graph.Node, before []fold.Result) *graph.Node {
			ties := graph.StopGradient(graph.Equal(graph.MulScalar(s, sign), most(before[0])))
			return stable.ZeroUnless(ties, value(s))
		}
	}
	positive, negative := func(r fold.Result) *graph.Node { return r.Positive }, func(r fold.Result) *graph.Node { return r.Negative }
	signed := func(sign float64) fold.Term {
		return func(s *graph.Node, _ []fold.Result) *graph.Node { return graph.MulScalar(s, sign) }
	}
	return fold.Formula{Rounds: [][]fold.Sum{{{By: fold.Largest, Positive: signed(-1), Negative: signed(1)}}, {
		{Positive: tie(-1, itself, positive), Negative: tie(1, itself, negative)},
		{Positive: tie(-1, graph.OnesLike, positive), Negative: tie(1, graph.OnesLike, negative)},
	}}, Combine: func(sums []fold.Result) *graph.Node {
		sum, count := sums[1], sums[2]
		gap := graph.Sub(stable.Ratio(sum.Negative, count.Negative), stable.Ratio(sum.Positive, count.Positive))
		both := graph.LogicalAnd(stable.Positive(count.Positive), stable.Positive(count.Negative))
		return stable.ZeroUnless(both, t.term(gap))
	}}
}

// sumOfHinges sums up s_n − s_p + m over the triplets above 0 in an interval of gaps. It is linear in the scores, by how many such
// triplets each is in: its gradient is these counts. Float64 loses nothing where large terms cancel.
func (t Triplet) sumOfHinges(s Scores, chosen gaps.Interval) *graph.Node {
	counts := graph.ConvertDType(s.partners(chosen.And(gaps.Interval{Low: &gaps.Bound{At: -t.Margin}})), dtypes.Float64)
	score := graph.ConvertDType(s.Similarity, dtypes.Float64)
	sum := graph.Sub(
		stable.MaskedSum(graph.Mul(counts, score), s.Negative),
		stable.MaskedSum(graph.Mul(counts, graph.AddScalar(score, -t.Margin)), s.Positive))
	return graph.ConvertDType(sum, s.Similarity.DType())
}

// overAll sums up and counts the terms between two bounds, triplet by triplet.
func (t Triplet) overAll(s Scores, above, below float64) (sum, count *graph.Node) {
	chosen := func(gap *graph.Node) *graph.Node {
		all := graph.ConvertDType(graph.OnesLike(gap), dtypes.Bool)
		if t.Mining == MineSemiHard {
			all = graph.LogicalAnd(graph.LessThan(gap, graph.ZerosLike(gap)), graph.GreaterOrEqual(gap, stable.Fill(gap, -t.Margin)))
		}
		return within(all, t.term(gap), above, below)
	}
	between := gaps.Cube{Similarity: s.Similarity, Of: s.Negative, Swap: t.Swap}
	sums := between.Sum(
		func(gap *graph.Node) *graph.Node { return stable.ZeroUnless(chosen(gap), t.term(gap)) },
		func(gap *graph.Node) *graph.Node { return stable.ZeroUnless(chosen(gap), t.slope(gap)) })
	if t.Mining != MineSemiHard && math.IsInf(above, -1) && math.IsInf(below, 1) {
		return stable.MaskedSum(sums, s.Positive), stable.MaskedSum(s.partners(gaps.Interval{}), s.Positive)
	}
	between.Similarity = graph.StopGradient(s.Similarity)
	counts := between.Sum(
		func(gap *graph.Node) *graph.Node { return graph.ConvertDType(chosen(gap), gap.DType()) },
		func(gap *graph.Node) *graph.Node { return graph.ZerosLike(gap) })
	return stable.MaskedSum(sums, s.Positive), stable.MaskedSum(counts, s.Positive)
}

// mined narrows the scores to the pairs of the mining, where it is one of pairs.
func (t Triplet) mined(s Scores) Scores {
	switch t.Mining {
	case MineHard:
		return HardestPairs(s)
	case MineEasyPositive:
		return MineBy(MineEasy, MineSemiHard)(s)
	}
	return s
}

// chosen returns the interval of gaps that the mining takes and whose hinges lie strictly between two bounds.
func (t Triplet) chosen(above, below float64) gaps.Interval {
	var taken gaps.Interval
	if t.Mining == MineSemiHard {
		taken = gaps.Interval{Low: &gaps.Bound{At: -t.Margin, OrEqual: true}, High: &gaps.Bound{OrEqual: true}}
	}
	if above >= 0 {
		taken = taken.And(gaps.Interval{Low: &gaps.Bound{At: above - t.Margin}})
	}
	if !math.IsInf(below, 1) {
		taken = taken.And(gaps.Interval{High: &gaps.Bound{At: below - t.Margin, OrEqual: true}})
	}
	return taken
}

// term returns the loss of a triplet with a gap s_n − s_p.
func (t Triplet) term(gap *graph.Node) *graph.Node {
	violation := graph.AddScalar(gap, t.Margin)
	if t.Soft {
		return stable.Softplus(violation)
	}
	return stable.Hinge(violation)
}

// slope returns the derivative of term.
func (t Triplet) slope(gap *graph.Node) *graph.Node {
	violation := graph.AddScalar(gap, t.Margin)
	if t.Soft {
		return stable.Sigmoid(violation)
	}
	return graph.ConvertDType(graph.GreaterThan(violation, graph.ZerosLike(violation)), violation.DType())
}

// Validate implements [Loss].
func (t Triplet) Validate() error {
	if err := requireAtLeast0("Triplet: Margin", t.Margin); err != nil {
		return err
	}
	minings := []Mining{MineAll, MineHard, MineSemiHard, MineEasyPositive}
	return require(slices.Contains(minings, t.Mining), "Triplet: Mining", `"all", "hard", "semi-hard" or "easy-positive"`, string(t.Mining))
}
