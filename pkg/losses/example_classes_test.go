package losses_test

import (
	"fmt"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// Three classes, two at a time: the value is that of all three at once, and the gradients come block by block.
func ExampleClassBlocks() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	blocks, err := losses.NewClassBlocks(backend, losses.DefaultAMSoftmax(), losses.Cosine, losses.Mean, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	labels := tensors.FromValue([]int32{0, 0, 1, 1})
	weights := tensors.FromValue([][]float64{{1, 0.2}, {-0.2, 1}, {-1, -1}})
	loss, gradient, err := blocks.Gradients(labels, tensors.FromValue(four), weights, func(block losses.ClassBlock) error {
		fmt.Println("classes from", block.From, "on:", block.Gradient.Shape())
		return block.Gradient.FinalizeAll()
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f, embeddings: %s\n", tensors.ToScalar[float64](loss), gradient.Shape())
	// Output:
	// classes from 0 on: (Float64)[2, 2]
	// classes from 2 on: (Float64)[1, 2]
	// 4.3449, embeddings: (Float64)[4, 2]
}

// Four of a thousand classes: the two of the batch, and two more that stand for the others.
func ExampleClassSampling() {
	sampling := losses.ClassSampling{Ratio: 0.004, Seed: 1}
	drawn, err := sampling.Draw([]int32{70, 2, 70}, 1000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(drawn.Classes, drawn.Labels, drawn.Present, drawn.Weight)
	// Output: [2 70 636 917] [1 0 1] 2 499
}

// A sampled negative stands for ten.
func ExampleUnbiased() {
	print4(func(labels, embeddings *graph.Node) *graph.Node {
		g := labels.Graph()
		weights := graph.Const(g, [][]float64{{1, 0.2}, {-0.2, 1}, {-1, -1}})
		loss := losses.Unbiased(losses.NormFace{Gamma: 4}, graph.Const(g, int32(2)), graph.Const(g, 10.))
		return losses.Mean.Of(loss, losses.Classes(labels, embeddings, weights, losses.Cosine))
	})
	// Output: 0.1939
}
