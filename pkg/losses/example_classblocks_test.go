package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// Three classes, two at a time: the value is that of all three at once, and the gradients come block by block.
func ExampleClassBlocks() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	blocks, err := losses.NewClassBlocks(backend, losses.DefaultAMSoftmax(), losses.Cosine, losses.Mean, 2)
	if err != nil {
		log.Fatal(err)
	}
	defer blocks.Finalize()
	labels := tensors.FromValue([]int32{0, 0, 1, 1})
	embeddings := tensors.FromValue([][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}})
	weights := tensors.FromValue([][]float64{{1, 0.2}, {-0.2, 1}, {-1, -1}})
	loss, gradient, err := blocks.Gradients(labels, embeddings, weights, func(block losses.ClassBlock) error {
		fmt.Println("classes from", block.From, "on:", block.Gradient.Shape())
		return block.Gradient.FinalizeAll()
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f, embeddings: %s\n", loss.Value(), gradient.Shape())
	// Output:
	// classes from 0 on: (Float64)[2, 2]
	// classes from 2 on: (Float64)[1, 2]
	// 4.3449, embeddings: (Float64)[4, 2]
}
