package losses_test

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// memoryStep returns a function that takes a batch through a memory, for the value of f and its gradient.
func memoryStep(t *testing.T, b compute.Backend, store *model.Store, slots shapes.Shape, warmUp int,
	f func(losses.Scores) *graph.Node, sim losses.Similarity) func(labels []int32, embeddings [][]float64) result {
	t.Helper()
	exec, err := model.NewExec(b, store, func(scope *model.Scope, labels, embeddings *graph.Node) (*graph.Node, *graph.Node) {
		loss := f(losses.NewMemory(scope, slots, warmUp).Scores(labels, embeddings, sim))
		return loss, graph.Gradient(loss, embeddings)[0]
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(labels []int32, embeddings [][]float64) result {
		t.Helper()
		out, err := exec.Call(labels, embeddings)
		if err != nil {
			t.Fatal(err)
		}
		return result{loss: tensors.ToScalar[float64](out[0]), embeddings: tensors.MustCopyFlatData[float64](out[1])}
	}
}

// A memory that is saved and loaded goes on as one that was not: slots, their order and the warm-up.
func TestMemorySurvivesACheckpoint(t *testing.T) {
	b := backendtest.Go(t)
	in := randomBatch(41, 5, 4, 4)
	slots := shapes.Make(dtypes.Float64, 7, 4)
	f := reduced(circle, losses.Mean)
	part := func(i int) ([]int32, [][]float64) { return in.labels[4*i : 4*i+4], in.embeddings[4*i : 4*i+4] }
	dir := filepath.Join(t.TempDir(), "checkpoint")
	saved := model.NewStore()
	handler, err := checkpoint.Build(saved).Dir(dir).Done()
	if err != nil {
		t.Fatal(err)
	}
	whole := memoryStep(t, b, saved, slots, 3, f, losses.Cosine)
	for i := range 2 {
		whole(part(i))
	}
	if err := handler.Save(); err != nil {
		t.Fatal(err)
	}
	loaded := model.NewStore()
	if _, err := checkpoint.Load(loaded).Dir(dir).Immediate().Done(); err != nil {
		t.Fatal(err)
	}
	resumed := memoryStep(t, b, loaded, slots, 3, f, losses.Cosine)
	for i := 2; i < 5; i++ {
		want := whole(part(i))
		same(t, "resumed", resumed(part(i)), want, 0, 0)
	}
}

// Until it is warm the memory is the batch alone, with a gradient on the anchors' side; then its slots are negatives too.
func TestMemoryWarmsUp(t *testing.T) {
	b := backendtest.Go(t)
	in := randomBatch(42, 3, 4, 4)
	labels := []int32{0, 0, 1, 1}
	count := func(s losses.Scores) *graph.Node {
		return graph.ReduceAllSum(graph.ConvertDType(graph.LogicalOr(s.Positive, s.Negative), dtypes.Float64))
	}
	step := memoryStep(t, b, model.NewStore(), shapes.Make(dtypes.Float64, 8, 4), 2, func(s losses.Scores) *graph.Node {
		return graph.Add(count(s), graph.MulScalar(graph.ReduceAllSum(s.Similarity), 0))
	}, losses.Cosine)
	for i, want := range []float64{4 * 3, 4 * 3, 4 * 7} { // pairs of four rows with the others, then with seven slots
		if got := step(labels, in.embeddings[4*i:4*i+4]).loss; got != want {
			t.Errorf("batch %d: %g pairs, want %g", i, got, want)
		}
	}
}
