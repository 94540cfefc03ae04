package losses

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/support/exceptions"
)

// PairWise binds a loss to GoMLX's trainer under pair-wise labels: the batch against itself. The model predicts the
// embeddings, float [batch, dim]; the data set's one label is integer [batch]. Miners narrow the pairs first.
func PairWise(l Loss, sim Similarity, reduce Reduction, miners ...Miner) loss.LossFn {
	return func(labels, predictions []*graph.Node) *graph.Node {
		assertCount("PairWise", "labels", labels, 1)
		assertCount("PairWise", "predictions (embeddings)", predictions, 1)
		return reduce(l, mine(Pairs(labels[0], predictions[0], sim), miners))
	}
}

// ClassLevel binds a loss to GoMLX's trainer under class-level labels. The model predicts the embeddings, float
// [batch, dim], and the class weights, float [classes, dim], a variable of the model; the data set's one label is integer
// [batch]. Miners narrow the pairs first.
func ClassLevel(l Loss, sim Similarity, reduce Reduction, miners ...Miner) loss.LossFn {
	return func(labels, predictions []*graph.Node) *graph.Node {
		assertCount("ClassLevel", "labels", labels, 1)
		assertCount("ClassLevel", "predictions (embeddings, weights)", predictions, 2)
		return reduce(l, mine(Classes(labels[0], predictions[0], predictions[1], sim), miners))
	}
}

func assertCount(where, what string, nodes []*graph.Node, want int) {
	if len(nodes) != want {
		exceptions.Panicf("losses.%s: want %d %s, got %d", where, want, what, len(nodes))
	}
}
