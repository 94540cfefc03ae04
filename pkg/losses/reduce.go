package losses

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Reduction makes a scalar of a loss over the scores. For no reduction take [Loss.PerAnchor] itself.
type Reduction func(loss Loss, s Scores) *graph.Node

// Mean is the mean over the anchors that have what the loss needs, and 0 with a zero gradient when none has.
func Mean(loss Loss, s Scores) *graph.Node {
	return ratio(Sum(loss, s), graph.ReduceAllSum(graph.ConvertDType(loss.Anchors(s), s.Similarity.DType())))
}

// MeanAll is the mean over all anchors; those that lack what the loss needs count as 0.
func MeanAll(loss Loss, s Scores) *graph.Node {
	return graph.MulScalar(Sum(loss, s), 1/float64(s.Similarity.Shape().Dim(0)))
}

// Sum is the sum over all anchors.
func Sum(loss Loss, s Scores) *graph.Node {
	begin(loss, s)
	return s.shown(graph.ReduceAllSum(perAnchor(loss, s)))
}

// MeanTerms is the mean over all terms: pairs or triplets for a [Termwise] loss, anchors for others.
func MeanTerms(loss Loss, s Scores) *graph.Node {
	return MeanBetween(math.Inf(-1), math.Inf(1))(loss, s)
}

// MeanNonZero is the mean over the terms above 0: pairs or triplets for a [Termwise] loss, anchors for others. As hinges
// fall silent the rest weigh more. It is the default of pytorch-metric-learning for contrastive, triplet and Circle.
func MeanNonZero(loss Loss, s Scores) *graph.Node { return MeanBetween(0, math.Inf(1))(loss, s) }

// MeanBetween is the mean over the terms strictly between two bounds, and 0 where there is none: pairs or triplets for a
// [Termwise] loss, anchors for others. A bound below leaves out what is learnt, one above what may be mislabelled.
func MeanBetween(above, below float64) Reduction {
	return func(loss Loss, s Scores) *graph.Node {
		begin(loss, s)
		if !(above < below) {
			exceptions.Panicf("losses.MeanBetween: the bounds must be in order, got %g and %g", above, below)
		}
		return s.shown(sumOver(termsOf(loss, s), func(kind Terms) *graph.Node {
			sum, count := kind(above, below)
			return ratio(graph.ReduceAllSum(sum), graph.ReduceAllSum(count))
		}))
	}
}

// MeanWeighted is [MeanTerms] with each term times a weight of its anchor, float [anchors]: the weights of the anchors' classes,
// graph.Gather(classWeights, labels), or of hard examples. It divides by the number of terms, not by the sum of the weights.
func MeanWeighted(weights *graph.Node) Reduction {
	return func(loss Loss, s Scores) *graph.Node {
		begin(loss, s)
		if shape := s.Similarity.Shape(); weights.Rank() != 1 || weights.Shape().Dim(0) != shape.Dim(0) || !weights.DType().IsFloat() {
			exceptions.Panicf("losses.MeanWeighted: weights must be float [%d], one an anchor, got %s", shape.Dim(0), weights.Shape())
		}
		return s.shown(sumOver(termsOf(loss, s), func(kind Terms) *graph.Node {
			sum, count := kind(math.Inf(-1), math.Inf(1))
			weighted := graph.Mul(sum, graph.ConvertDType(weights, sum.DType()))
			return ratio(graph.ReduceAllSum(weighted), graph.ReduceAllSum(count))
		}))
	}
}

// shown returns the value of a loss, and NaN where a vector or a similarity behind it is infinite or no number. Comparisons that choose
// pairs would pass over it, and a run that explodes would have a loss of 0. It looks at what there are few of: not at class weights, nor at
// similarities that have a closed form.
func (s Scores) shown(value *graph.Node) *graph.Node {
	looked := []*graph.Node{s.AnchorVectors}
	if s.CandidateVectors != s.AnchorVectors && !s.ofClasses() {
		looked = append(looked, s.CandidateVectors)
	}
	if s.origin == nil {
		looked = append(looked, s.Similarity)
	}
	for _, x := range looked {
		if x != nil {
			value = graph.Add(value, graph.ConvertDType(unlessFinite(x), value.DType()))
		}
	}
	return value
}

// unlessFinite is 0, and NaN where x has a number that is infinite or none.
func unlessFinite(x *graph.Node) *graph.Node {
	return graph.StopGradient(graph.ReduceAllSum(graph.MulScalar(x, 0)))
}
