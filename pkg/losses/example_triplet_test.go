package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// The triplet loss over all triplets of a batch, the hardest of each anchor, and the semi-hard ones, on distances of unit vectors.
func ExampleTriplet() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	labels := []int32{0, 0, 1, 1}
	embeddings := [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}
	for _, mining := range []losses.Mining{losses.MineAll, losses.MineHard, losses.MineSemiHard} {
		triplet := losses.Triplet{Margin: 0.5, Mining: mining}
		value, err := graph.CallOnce(backend, func(labels, embeddings *graph.Node) *graph.Node {
			scores := losses.Pairs(labels, embeddings, losses.Normalized(losses.NegativeL2))
			return losses.Mean.Of(triplet, scores)
		}, labels, embeddings)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-9s %.4f\n", mining, value.Value())
	}
	// Output:
	// all       0.1820
	// hard      0.3155
	// semi-hard 0.1944
}
