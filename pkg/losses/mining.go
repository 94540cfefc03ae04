package losses

import "github.com/gomlx/gomlx/core/graph"

// Miner narrows the masks of scores: a pair that it drops is neither positive nor negative. What it chooses is constant for
// the gradient. Miners follow one another.
type Miner func(s Scores) Scores

// HardestPairs keeps each anchor's least similar positives and most similar negatives ("batch hard"); ties stay together. An
// anchor without both keeps nothing.
//
// A. Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification", 2017.
func HardestPairs(s Scores) Scores {
	similarity := graph.StopGradient(s.Similarity)
	both := s.withBoth()
	hardest := func(mask, at *graph.Node) *graph.Node {
		equal := graph.Equal(similarity, graph.BroadcastToShape(expandLast(at), similarity.Shape()))
		return keep(graph.LogicalAnd(mask, equal), both)
	}
	s.Positive, s.Negative = hardest(s.Positive, maskedMin(similarity, s.Positive)), hardest(s.Negative, maskedMax(similarity, s.Negative))
	return s
}

// MultiSimilarityPairs keeps the positives that are less similar than the most similar negative + epsilon, and the negatives
// that are more similar than the least similar positive − epsilon: the pairs that [MultiSimilarity] learns from. An anchor
// without both keeps nothing.
//
// X. Wang et al., "Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning", CVPR 2019; epsilon is 0.1 there.
func MultiSimilarityPairs(epsilon float64) Miner {
	return func(s Scores) Scores {
		similarity := graph.StopGradient(s.Similarity)
		both := s.withBoth()
		limit := func(at *graph.Node, by float64) *graph.Node {
			return graph.BroadcastToShape(expandLast(graph.AddScalar(at, by)), similarity.Shape())
		}
		below := graph.LessThan(similarity, limit(maskedMax(similarity, s.Negative), epsilon))
		above := graph.GreaterThan(similarity, limit(maskedMin(similarity, s.Positive), -epsilon))
		s.Positive, s.Negative = keep(graph.LogicalAnd(s.Positive, below), both), keep(graph.LogicalAnd(s.Negative, above), both)
		return s
	}
}

// PairsBeyond keeps the positives further than a distance and the negatives nearer than another, with distance = −similarity.
func PairsBeyond(positive, negative float64) Miner {
	return func(s Scores) Scores {
		distance := graph.StopGradient(graph.Neg(s.Similarity))
		s.Positive = graph.LogicalAnd(s.Positive, graph.GreaterThan(distance, fill(distance, positive)))
		s.Negative = graph.LogicalAnd(s.Negative, graph.LessThan(distance, fill(distance, negative)))
		return s
	}
}

// keep drops the rows of a mask where rows is false.
func keep(mask, rows *graph.Node) *graph.Node {
	return graph.LogicalAnd(mask, graph.BroadcastToShape(expandLast(rows), mask.Shape()))
}

// mine applies miners one after the other.
func mine(s Scores, miners []Miner) Scores {
	for _, miner := range miners {
		s = miner(s)
	}
	return s
}
