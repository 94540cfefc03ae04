package losses_test

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train/loss"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// showRelation prints which pairs of rows a relation makes positive (+), negative (−) or neither (.).
func showRelation(related losses.Relation, labels any) {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := graph.MustNewExec(backend, func(labels *graph.Node) (*graph.Node, *graph.Node) {
		embeddings := graph.OnesLike(graph.ConvertDType(graph.Iota(labels.Graph(), labels.Shape(), 0), dtypes.Float32))
		if embeddings.Rank() == 1 {
			embeddings = graph.InsertAxes(embeddings, 1)
		}
		s := losses.PairsBy(related, labels, embeddings, losses.Dot)
		return s.Positive, s.Negative
	}).Call(labels)
	if err != nil {
		fmt.Println(err)
		return
	}
	positive, negative := out[0].Value().([][]bool), out[1].Value().([][]bool)
	for i := range positive {
		line := ""
		for j := range positive[i] {
			switch {
			case positive[i][j]:
				line += "+"
			case negative[i][j]:
				line += "-"
			default:
				line += "."
			}
		}
		fmt.Println(line)
	}
}

func ExampleNamedRelation_sameLabel() {
	showRelation(losses.SameLabel, []int32{7, 7, 8})
	// Output:
	// .+-
	// +.-
	// --.
}

// Images with several labels each: the first has beach and dog, the second dog, the third car.
func ExampleNamedRelation_sharedLabels() {
	showRelation(losses.SharedLabels, [][]int32{{1, 1, 0}, {0, 1, 0}, {0, 0, 1}})
	// Output:
	// .+-
	// +.-
	// --.
}

// A tree of classes, from genus to species: rows of one species are positive, of one genus neither, others negative.
func ExampleSameBranch() {
	showRelation(losses.SameBranch(1), [][]int32{{0, 0}, {0, 0}, {0, 1}, {1, 0}})
	// Output:
	// .+.-
	// +..-
	// ...-
	// ---.
}

// Pairs that people have judged: 1 for the same, −1 for different, 0 for those nobody has looked at.
func ExampleNamedRelation_givenPairs() {
	showRelation(losses.GivenPairs, [][]int32{{0, 1, 0}, {1, 0, -1}, {0, -1, 0}})
	// Output:
	// .+.
	// +.-
	// .-.
}

// A weighted sum of a pair-wise and a class-level loss on one model.
func ExampleTotal() {
	total := losses.Total(
		losses.Part{Weight: 1, Loss: losses.PairWise(
			losses.DefaultMultiSimilarity(), losses.Cosine, losses.Mean, losses.MultiSimilarityPairs(0.1))},
		losses.Part{Weight: 0.5, Loss: losses.ClassLevel(losses.NormFace{Gamma: 16}, losses.Cosine, losses.Mean)},
	)
	print4(func(labels, embeddings *graph.Node) *graph.Node {
		weights := graph.Const(embeddings.Graph(), [][]float64{{1, 0.2}, {-0.2, 1}})
		return total([]*graph.Node{labels}, []*graph.Node{embeddings, weights})
	})
	// Output: 0.5903
}

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
