package losses_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train/loss"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// A sum has the value and the gradient of its parts.
func TestTotal(t *testing.T) {
	b := backendtest.Go(t)
	in := randomBatch(61, 3, 3, 4)
	circleLoss := losses.PairWise(circle, losses.Cosine, losses.Mean)
	softmax := losses.ClassLevel(losses.Softmax{}, losses.Dot, losses.Mean)
	of := func(f loss.LossFn) result {
		var labelled, embedded, weights *graph.Node
		return evaluate(t, b, dtypes.Float64, in, func(labels, embeddings, others, _ *graph.Node) losses.Scores {
			labelled, embedded, weights = labels, embeddings, others
			return losses.Scores{}
		}, func(losses.Scores) *graph.Node { return f([]*graph.Node{labelled}, []*graph.Node{embedded, weights}) })
	}
	first, second := of(circleLoss), of(softmax)
	sum := of(losses.Total(losses.Part{Weight: 2, Loss: circleLoss}, losses.Part{Weight: 0.5, Loss: softmax}))
	want := result{loss: 2*first.loss + 0.5*second.loss}
	for i := range first.embeddings {
		want.embeddings = append(want.embeddings, 2*first.embeddings[i]+0.5*second.embeddings[i])
	}
	for i := range first.others {
		want.others = append(want.others, 2*first.others[i]+0.5*second.others[i])
	}
	learns(t, "sum", want)
	same(t, "sum", sum, want, 1e-12, 1e-12)
}
