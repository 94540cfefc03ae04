package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Similarities of the package, and one of one's own: the cosine, but never below 0.
func ExampleSimilarity() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	aboveZero := losses.SimilarityFunc(func(x, y *graph.Node) *graph.Node {
		return graph.MaxScalar(losses.Cosine.Of(x, y), 0)
	})
	anchors, others := [][]float64{{1, 0}, {0, 2}}, [][]float64{{3, 4}, {-3, 4}}
	for _, sim := range []losses.Similarity{losses.Cosine, losses.Dot, losses.NegativeL2, losses.Normalized(losses.NegativeL2), aboveZero} {
		scores, err := graph.CallOnce(backend, sim.Of, anchors, others)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-13v %.2f\n", sim, scores.Value())
	}
	// Output:
	// cosine        [[0.60 -0.60] [0.80 0.80]]
	// dot           [[3.00 -3.00] [8.00 8.00]]
	// l2            [[-4.47 -5.66] [-3.61 -3.61]]
	// normalized-l2 [[-0.89 -1.79] [-0.63 -0.63]]
	// function      [[0.60 0.00] [0.80 0.80]]
}
