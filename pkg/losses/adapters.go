package losses

import (
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/support/exceptions"
)

// PairWise binds a loss to GoMLX's trainer under pair-wise labels: the batch against itself. The model's first prediction is
// the embeddings, float [batch, dim]; the data set's one label is integer [batch]. Miners narrow the pairs first.
func PairWise(l Loss, sim Similarity, reduce Reduction, miners ...Miner) loss.LossFn {
	return PairWiseBy(SameLabel, l, sim, reduce, miners...)
}

// PairWiseBy binds a loss as [PairWise] does, under any relation of labels, which has the labels' shape.
func PairWiseBy(related Relation, l Loss, sim Similarity, reduce Reduction, miners ...Miner) loss.LossFn {
	return func(labels, predictions []*graph.Node) *graph.Node {
		assertCount("PairWise", labels, predictions, "embeddings")
		assertGiven(l, reduce)
		return reduce.Of(l, mine(PairsBy(related, labels[0], predictions[0], sim), miners))
	}
}

// ClassLevel binds a loss to GoMLX's trainer under class-level labels. The model's first predictions are the embeddings, float [batch,
// dim], and the class weights, float [classes, dim] (times centers, if the loss is [Centred]), a variable of the model. The data set's one
// label is integer [batch]. Miners narrow the pairs first.
func ClassLevel(l Loss, sim Similarity, reduce Reduction, miners ...Miner) loss.LossFn {
	return func(labels, predictions []*graph.Node) *graph.Node {
		assertCount("ClassLevel", labels, predictions, "embeddings", "weights")
		assertGiven(l, reduce)
		return reduce.Of(l, mine(Classes(labels[0], predictions[0], predictions[1], Measure(l, sim)), miners))
	}
}

// Part is a loss of a sum, with its weight.
type Part struct {
	Weight float64     // its factor in the sum
	Loss   loss.LossFn // of the same labels and predictions as the others
}

// Total binds a weighted sum of losses to GoMLX's trainer: each with its own similarity, reduction and miners, pair-wise and
// class-level together.
func Total(parts ...Part) loss.LossFn {
	if len(parts) == 0 {
		exceptions.Panicf("losses.Total: want at least one part")
	}
	return func(labels, predictions []*graph.Node) *graph.Node {
		total := graph.MulScalar(parts[0].Loss(labels, predictions), parts[0].Weight)
		for _, part := range parts[1:] {
			value := graph.ConvertDType(part.Loss(labels, predictions), total.DType())
			total = graph.Add(total, graph.MulScalar(value, part.Weight))
		}
		return total
	}
}

// assertCount panics unless there is one label and the named predictions; those after them belong to other losses of a sum.
func assertCount(where string, labels, predictions []*graph.Node, names ...string) {
	if len(labels) != 1 || len(predictions) < len(names) {
		exceptions.Panicf("losses.%s: want 1 label and %d predictions (%s), got %d and %d",
			where, len(names), strings.Join(names, ", "), len(labels), len(predictions))
	}
}
