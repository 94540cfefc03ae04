package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Partial FC: a step looks at four of a thousand classes. Two are of the batch, and two are drawn; each of these stands for 499.
func ExampleClassSampling() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	sampling := losses.ClassSampling{Ratio: 0.004, Seed: 1}
	drawn, err := sampling.Draw([]int32{70, 2, 70}, 1000, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(drawn.Classes, drawn.Labels, drawn.Present, drawn.Weight)

	embeddings := [][]float64{{0.6, 0.8}, {1, 0}, {0, 1}}
	weights := [][]float64{{1, 0.2}, {-0.2, 1}, {-1, -1}, {1, -1}} // of the classes drawn
	value, err := graph.CallOnce(backend, func(labels, embeddings, weights *graph.Node) *graph.Node {
		present, weight := graph.Const(labels.Graph(), int32(drawn.Present)), graph.Const(labels.Graph(), drawn.Weight)
		loss := losses.Unbiased(losses.NormFace{Gamma: 4}, present, weight)
		return losses.Mean.Of(loss, losses.Classes(labels, embeddings, weights, losses.Cosine))
	}, drawn.Labels, embeddings, weights)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", value.Value())
	// Output:
	// [2 70 636 917] [1 0 1] 2 499
	// 3.0149
}
