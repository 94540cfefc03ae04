package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// NT-Xent (InfoNCE) of SimCLR, without labels: the batch has two views of each of three images, and a label is the image's number.
func ExampleNTXent() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	first := [][]float64{{1, 0}, {0, 1}, {-1, 0.2}}
	second := [][]float64{{0.9, 0.3}, {0.2, 0.9}, {-0.8, 0.5}}
	loss, err := graph.CallOnce(backend, func(first, second *graph.Node) *graph.Node {
		images := graph.Const(first.Graph(), []int32{0, 1, 2, 0, 1, 2})
		views := graph.Concatenate([]*graph.Node{first, second}, 0)
		return losses.Mean.Of(losses.NTXent{Temperature: 0.5}, losses.Pairs(images, views, losses.Cosine))
	}, first, second)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", loss.Value())
	// Output: 0.5490
}
