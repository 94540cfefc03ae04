package losses

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/internal/gaps"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Miner narrows the masks of scores: a pair that it drops is neither positive nor negative. What it chooses is constant for the gradient.
// Miners follow one another. [HardestPairs] and [ByAutodiff] are miners; [MineBy], [MultiSimilarityPairs], [PairsBeyond], [PairsOfTriplets]
// and [DistanceWeighted] make some.
type Miner func(s Scores) Scores

// Mining says which pairs or triplets of an anchor to take.
type Mining string

// The minings of [Triplet] and [MineBy]. With similarities s_p and s_n of a triplet, its gap is s_n − s_p.
const (
	MineAll          Mining = "all"           // every one
	MineHard         Mining = "hard"          // the least similar positive with the most similar negative ("batch hard")
	MineSemiHard     Mining = "semi-hard"     // triplets inside the margin that are in the right order: −m ≤ gap < 0
	MineEasyPositive Mining = "easy-positive" // the most similar positive with the most similar negative beyond it
	MineEasy         Mining = "easy"          // the most similar positive, the least similar negative ([MineBy] only)
)

// ByAutodiff keeps every pair, and has a loss computed by autodiff over the whole matrix of similarities where a quick way would be taken,
// see "Performance" in the package doc. What the quick ways do not have needs this [Miner]: derivatives of second order, and those by
// Similarity.
func ByAutodiff(s Scores) Scores {
	s.origin = nil
	return s
}

// HardestPairs keeps each anchor's least similar positives and most similar negatives ("batch hard"); ties stay together. An
// anchor without both keeps nothing.
//
// A. Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification", 2017.
func HardestPairs(s Scores) Scores { return MineBy(MineHard, MineHard)(s) }

// MineBy keeps, of each anchor's positives and of its negatives, those that a [Mining] takes:
//
//	MineAll       every one
//	MineHard      the least similar positive, the most similar negative
//	MineEasy      the most similar positive, the least similar negative
//	MineSemiHard  the least similar positive above the negative that is kept, the most similar negative below the positive
//
// Semi-hard goes with hard or easy on the other side. Ties stay together. An anchor that is left without both keeps nothing, unless
// one side takes all.
//
// H. Xuan et al., "Improved Embeddings with Easy Positive Triplet Mining", WACV 2020.
func MineBy(positives, negatives Mining) Miner {
	return func(s Scores) Scores {
		checkMineBy(positives, negatives)
		similarity := graph.StopGradient(s.Similarity)
		distance := graph.Neg(similarity)
		if positives == MineSemiHard {
			s.Negative = mineNearest(similarity, s.Negative, negatives)
			s.Positive = graph.LogicalAnd(s.Positive, below(distance, peak(distance, s.Negative)))
			s.Positive = mineNearest(distance, s.Positive, MineHard)
			return s.ofBoth()
		}
		s.Positive = mineNearest(distance, s.Positive, positives)
		if negatives == MineSemiHard {
			s.Negative = graph.LogicalAnd(s.Negative, below(similarity, peak(similarity, s.Positive)))
			s.Negative = mineNearest(similarity, s.Negative, MineHard)
			return s.ofBoth()
		}
		s.Negative = mineNearest(similarity, s.Negative, negatives)
		if positives == MineAll || negatives == MineAll {
			return s
		}
		return s.ofBoth()
	}
}

// mineNearest keeps the entries of a mask that a mining takes, where hard is the largest x and easy the smallest.
func mineNearest(x, mask *graph.Node, mining Mining) *graph.Node {
	switch mining {
	case MineHard:
		return graph.LogicalAnd(mask, graph.Equal(x, peak(x, mask)))
	case MineEasy:
		return mineNearest(graph.Neg(x), mask, MineHard)
	}
	return mask
}

// peak returns the largest true entry of each row, over the whole row; the least number of the type where there is none.
func peak(x, mask *graph.Node) *graph.Node {
	most := graph.ReduceAndKeep(graph.Where(mask, x, stable.Fill(x, stable.Lowest(x))), graph.ReduceMax, -1)
	return graph.BroadcastToShape(most, x.Shape())
}

func below(x, limit *graph.Node) *graph.Node { return graph.LessThan(x, limit) }

func checkMineBy(positives, negatives Mining) {
	known := []Mining{MineAll, MineHard, MineSemiHard, MineEasy}
	if !slices.Contains(known, positives) || !slices.Contains(known, negatives) {
		exceptions.Panicf(`losses.MineBy: the minings must be "all", "hard", "semi-hard" or "easy", got %q and %q`, positives, negatives)
	}
	one := func(m Mining) bool { return m == MineHard || m == MineEasy }
	if positives == MineSemiHard && !one(negatives) || negatives == MineSemiHard && !one(positives) {
		exceptions.Panicf(`losses.MineBy: "semi-hard" goes with "hard" or "easy" on the other side, got %q and %q`, positives, negatives)
	}
}

// MultiSimilarityPairs keeps the positives that are less similar than the most similar negative + epsilon, and the negatives that are more
// similar than the least similar positive − epsilon. [MultiSimilarity] learns from these. An anchor without both keeps nothing.
//
// X. Wang et al., "Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning", CVPR 2019; epsilon is 0.1 there.
func MultiSimilarityPairs(epsilon float64) Miner {
	similarity := func(s *graph.Node, _ []fold.Result) *graph.Node { return s }
	distance := func(s *graph.Node, _ []fold.Result) *graph.Node { return graph.Neg(s) }
	choice := fold.Choice{
		Rounds: [][]fold.Sum{{{By: fold.Largest, Positive: distance, Negative: similarity}}},
		Keep: func(s *graph.Node, sums []fold.Result) (positive, negative *graph.Node) { // of an anchor without the other, none
			return below(s, graph.AddScalar(sums[0].Negative, epsilon)), below(graph.Neg(s), graph.AddScalar(sums[0].Positive, epsilon))
		},
	}
	return func(s Scores) Scores { return s.chosen(choice) }
}

// PairsBeyond keeps the positives further than a distance and the negatives nearer than another, with distance = −similarity.
func PairsBeyond(positive, negative float64) Miner {
	choice := fold.Choice{Keep: func(s *graph.Node, _ []fold.Result) (far, near *graph.Node) {
		distance := graph.Neg(s)
		return graph.GreaterThan(distance, stable.Fill(distance, positive)), graph.LessThan(distance, stable.Fill(distance, negative))
	}}
	return func(s Scores) Scores { return s.chosen(choice) }
}

// PairsOfTriplets keeps the pairs of at least one triplet of a mining. With the gap s_n − s_p of a triplet:
//
//	MineAll       −m ≤ gap        triplets that violate the margin
//	MineHard      0 ≤ gap         those in the wrong order
//	MineSemiHard  −m ≤ gap < 0    those in the right order
//	MineEasy      gap < −m        those that keep the margin
func PairsOfTriplets(margin float64, mining Mining) Miner {
	return func(s Scores) Scores {
		taken := map[Mining]gaps.Interval{
			MineAll:      {Low: &gaps.Bound{At: -margin, OrEqual: true}},
			MineHard:     {Low: &gaps.Bound{OrEqual: true}},
			MineSemiHard: {Low: &gaps.Bound{At: -margin, OrEqual: true}, High: &gaps.Bound{OrEqual: true}},
			MineEasy:     {High: &gaps.Bound{At: -margin, OrEqual: true}},
		}
		interval, known := taken[mining]
		if !known {
			exceptions.Panicf(`losses.PairsOfTriplets: the mining must be "all", "hard", "semi-hard" or "easy", got %q`, mining)
		}
		some := stable.Positive(s.partners(interval))
		s.Positive, s.Negative = graph.LogicalAnd(s.Positive, some), graph.LogicalAnd(s.Negative, some)
		return s
	}
}

// DistanceWeighted draws negatives so that all distances are equally likely: one of distance d with a chance in proportion to
//
//	1/q(d),  q(d) = d^(D−2) (1 − d²/4)^((D−3)/2)
//
// where q is how distances of random points on the unit sphere in D dimensions are spread. Distances below 0.5 count as 0.5 and
// those of 1.4 and above are not drawn, as in the paper. It keeps all positives and, of each anchor, the negatives of so many
// draws; an anchor without a negative to draw keeps none. For Normalized(NegativeL2). uniform returns random numbers in [0, 1)
// of a shape, new ones each time: in training, the scope's RandomUniform, whose seeded state a checkpoint keeps.
//
// C.-Y. Wu et al., "Sampling Matters in Deep Embedding Learning", ICCV 2017, eq. 4 and 5.
func DistanceWeighted(draws int, uniform func(shapes.Shape) *graph.Node) Miner {
	return func(s Scores) Scores {
		if draws < 1 {
			exceptions.Panicf("losses.DistanceWeighted: draws must be > 0, got %d", draws)
		}
		needVectors("losses.DistanceWeighted", s)
		const nearest, farthest = 0.5, 1.4
		dim := float64(s.AnchorVectors.Shape().Dim(1))
		distance := graph.ClipScalar(graph.Neg(graph.StopGradient(s.Similarity)), nearest, 2)
		inside := graph.LogicalAnd(s.Negative, below(distance, stable.Fill(distance, farthest)))
		bounded := graph.MinScalar(distance, farthest)
		logWeight := graph.Add(
			graph.MulScalar(stable.SafeLog(bounded), 2-dim),
			graph.MulScalar(stable.Log1p(graph.MulScalar(graph.Square(bounded), -0.25)), (3-dim)/2))
		drawn := graph.LogicalAnd(inside, graph.LogicalNot(inside))
		for range draws {
			noise := stable.Gumbel(uniform(distance.Shape()))
			drawn = graph.LogicalOr(drawn, mineNearest(graph.Add(logWeight, noise), inside, MineHard))
		}
		s.Negative = drawn
		return s
	}
}

// ofBoth drops the pairs of anchors that lack a positive or a negative.
func (s Scores) ofBoth() Scores {
	both := s.withBoth()
	s.Positive, s.Negative = keep(s.Positive, both), keep(s.Negative, both)
	return s
}

// partners returns how many triplets of a gap in the interval each pair is in, [anchors, candidates].
func (s Scores) partners(within gaps.Interval) *graph.Node {
	return gaps.Pairs{Similarity: s.Similarity, Positive: s.Positive, Negative: s.Negative}.Partners(within)
}

// mine applies miners one after the other.
func mine(s Scores, miners []Miner) Scores {
	for _, miner := range miners {
		s = miner(s)
	}
	return s
}
