package losses_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// No picture is its own positive. Value and gradient of every pair-wise loss, whole and in blocks, are those of pairs that are given one by
// one. Circle's is the one in closed form.
func TestOtherImages(t *testing.T) {
	in := randomBatch(5, 3, 4, 4)
	rows := len(in.labels)
	numbered, pairs := make([][]int32, rows), make([][]int32, rows)
	for i, class := range in.labels {
		numbered[i] = []int32{class, int32(i) / 2} // each image twice
	}
	numbered[rows-1][1] = 0 // a number says nothing across classes
	for i := range rows {
		pairs[i] = make([]int32, rows)
		for j := range rows {
			switch {
			case numbered[i][0] != numbered[j][0]:
				pairs[i][j] = -1
			case numbered[i][1] != numbered[j][1]:
				pairs[i][j] = 1
			}
		}
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, loss := range []losses.Loss{
			losses.DefaultCircle(), losses.DefaultNTXent(), losses.DefaultTriplet(), losses.DefaultMultiSimilarity(),
		} {
			value := func(related losses.Relation, labels any) result {
				out, err := graph.CallOnceN(b, func(labels, embeddings *graph.Node) []*graph.Node {
					loss := losses.Mean.Of(loss, losses.PairsBy(related, labels, embeddings, losses.Cosine))
					return []*graph.Node{loss, graph.Gradient(loss, embeddings)[0]}
				}, labels, in.embeddings)
				if err != nil {
					t.Fatal(err)
				}
				return result{loss: tensors.ToScalar[float64](out[0]), embeddings: tensors.MustCopyFlatData[float64](out[1])}
			}
			want := value(losses.GivenPairs, pairs)
			same(t, "whole", value(losses.OtherImages, numbered), want, 1e-9, 1e-9)
			stream, err := losses.NewStream(b, losses.OtherImages, loss, losses.Cosine, losses.Mean)
			if err != nil {
				t.Fatal(err)
			}
			total, gradient, err := stream.ValueAndGradient(tensors.FromValue(numbered), tensors.FromValue(in.embeddings))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "in blocks", result{loss: total, embeddings: tensors.MustCopyFlatData[float64](gradient)}, want, 1e-9, 1e-9)
			stream.Finalize()
		}
	})
}

// A memory that is told which image a row is of leaves an image's own older embedding out; one that is not told cannot.
func TestMemoryLeavesOutTheOwnImage(t *testing.T) {
	b := backendtest.Go(t)
	in := randomBatch(6, 2, 2, 4)
	count := func(mask *graph.Node) *graph.Node {
		return graph.ReduceAllSum(graph.ConvertDType(mask, dtypes.Int64))
	}
	exec, err := model.NewExec(b, model.NewStore(), func(scope *model.Scope, labels, embeddings *graph.Node) []*graph.Node {
		memory := losses.NewMemory(scope, shapes.Make(dtypes.Float64, 8, 4), 0)
		s := memory.Scores(labels, embeddings, losses.Cosine)
		return []*graph.Node{count(s.Positive), count(s.Negative)}
	})
	if err != nil {
		t.Fatal(err)
	}
	images := [][]int32{{0, 10}, {0, 11}, {1, 20}, {1, 21}}
	for step, want := range [][2]int64{
		{4, 8},  // the batch alone
		{8, 16}, // the same images again: each finds the other one of its class, now and before, and not itself
		{8, 16}, // and so it goes on round the ring
	} {
		out, err := exec.Call(images, in.embeddings)
		if err != nil {
			t.Fatal(err)
		}
		if positive, negative := tensors.ToScalar[int64](out[0]), tensors.ToScalar[int64](out[1]); positive != want[0] || negative != want[1] {
			t.Errorf("step %d: %d positive and %d negative pairs, want %v", step, positive, negative, want)
		}
	}
}

// Outside of training, and in it, the loss of a memory knows the own image.
func TestMemoryPairWiseKnowsImages(t *testing.T) {
	b := backendtest.Go(t)
	in := randomBatch(7, 2, 2, 4)
	twice := [][]int32{{0, 1}, {0, 1}, {1, 2}, {1, 2}} // each image twice: no positive pair
	for _, training := range []bool{false, true} {
		store := model.NewStore()
		exec, err := model.NewExec(b, store, func(scope *model.Scope, labels, embeddings *graph.Node) *graph.Node {
			store.SetTraining(labels.Graph(), training)
			loss := losses.NewMemory(scope, shapes.Make(dtypes.Float64, 8, 4), 0).PairWise(losses.DefaultCircle(), losses.Cosine, losses.Mean)
			return loss([]*graph.Node{labels}, []*graph.Node{embeddings})
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			out, err := exec.Call(twice, in.embeddings)
			if err != nil {
				t.Fatal(err)
			}
			if got := tensors.ToScalar[float64](out[0]); got != 0 {
				t.Errorf("training %v: loss %g of images that are alone in their classes", training, got)
			}
		}
	}
}
