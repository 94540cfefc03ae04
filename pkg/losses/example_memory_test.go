package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
)

// A cross-batch memory: each batch is compared with itself and with the batches before it, up to eight embeddings. In a training, scope is
// that of the model function.
func ExampleMemory() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	step, err := model.NewExec(backend, model.NewStore(), func(scope *model.Scope, labels, embeddings *graph.Node) *graph.Node {
		memory := losses.NewMemory(scope, shapes.Make(dtypes.Float64, 8, 2), 0)
		return losses.Mean.Of(losses.DefaultCircle(), memory.Scores(labels, embeddings, losses.Cosine))
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, embeddings := range [][][]float64{
		{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}},
		{{1, 0.1}, {0.8, 0.6}, {0.1, 1}, {-0.8, 0.6}},
	} {
		loss, err := step.Call([]int32{0, 0, 1, 1}, embeddings)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.4f\n", loss[0].Value())
	}
	// Output:
	// 16.9733
	// 18.1560
}
