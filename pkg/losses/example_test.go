package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // GoMLX in pure Go; XLA is in github.com/gomlx/gomlx/backends/default
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// The Circle loss of a batch, and its gradient.
func Example() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	labels := []int32{0, 0, 1, 1}
	embeddings := [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}
	out, err := graph.CallOnceN(backend, func(labels, embeddings *graph.Node) (loss, gradient *graph.Node) {
		scores := losses.Pairs(labels, embeddings, losses.Cosine)
		loss = losses.Mean.Of(losses.DefaultCircle(), scores)
		return loss, graph.Gradient(loss, embeddings)[0]
	}, labels, embeddings)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", out[0].Value())
	for _, row := range out[1].Value().([][]float64) {
		fmt.Printf("%.1f\n", row)
	}
	// Output:
	// 16.9733
	// [0.0 -19.2]
	// [-38.4 28.8]
	// [36.0 0.0]
	// [-5.8 -4.3]
}
