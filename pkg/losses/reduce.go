package losses

import "github.com/gomlx/gomlx/core/graph"

// Reduction makes a scalar of a loss over the scores.
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
	return graph.ReduceAllSum(loss.PerAnchor(s))
}

// MeanNonZero is the mean over the terms above 0: pairs or triplets for a [Termwise] loss, anchors for others. As hinges
// fall silent the rest weigh more. It is the default of pytorch-metric-learning for contrastive, triplet and Circle.
func MeanNonZero(loss Loss, s Scores) *graph.Node {
	begin(loss, s)
	return meanOver(termsOf(loss, s), func(kind Terms) *graph.Node { return kind.NonZero })
}

// MeanTerms is the mean over all terms: pairs or triplets for a [Termwise] loss, anchors for others.
func MeanTerms(loss Loss, s Scores) *graph.Node {
	begin(loss, s)
	return meanOver(termsOf(loss, s), func(kind Terms) *graph.Node { return kind.Count })
}

// meanOver adds up, for each kind, the sum of all terms divided by a count of them.
func meanOver(kinds []Terms, count func(Terms) *graph.Node) *graph.Node {
	var total *graph.Node
	for _, kind := range kinds {
		mean := ratio(graph.ReduceAllSum(kind.Sum), graph.ReduceAllSum(count(kind)))
		if total == nil {
			total = mean
		} else {
			total = graph.Add(total, mean)
		}
	}
	return total
}
