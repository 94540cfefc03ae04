package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// A batch too large for the matrix of its similarities, in blocks: here of four rows, which need none.
func ExampleStream() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	stream, err := losses.NewStream(backend, losses.SameLabel, losses.DefaultCircle(), losses.Cosine, losses.Mean)
	if err != nil {
		log.Fatal(err)
	}
	defer stream.Finalize()
	labels := tensors.FromValue([]int32{0, 0, 1, 1})
	embeddings := tensors.FromValue([][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {0.8, -0.6}})
	loss, gradient, err := stream.ValueAndGradient(labels, embeddings)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f %s\n", loss, gradient.Shape())
	// Output: 134.4000 (Float64)[4, 2]
}
