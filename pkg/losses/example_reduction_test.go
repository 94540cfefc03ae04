package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Reductions make one number of the anchors' losses. The last counts the anchors of class 1 three times.
func ExampleReduction() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	labels := []int32{0, 0, 1, 1}
	embeddings := [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}
	values, err := graph.CallOnceN(backend, func(labels, embeddings *graph.Node) []*graph.Node {
		weights := graph.Gather(graph.Const(labels.Graph(), []float64{1, 3}), graph.InsertAxes(labels, -1))
		scores := losses.Pairs(labels, embeddings, losses.Normalized(losses.NegativeL2))
		var all []*graph.Node
		for _, reduction := range []losses.Reduction{
			losses.Mean, losses.Sum, losses.MeanTerms, losses.MeanNonZero, losses.MeanBetween(0, 0.5), losses.MeanWeighted(weights),
		} {
			all = append(all, reduction.Of(losses.DefaultContrastive(), scores))
		}
		return all
	}, labels, embeddings)
	if err != nil {
		log.Fatal(err)
	}
	for i, name := range []string{"Mean", "Sum", "MeanTerms", "MeanNonZero", "MeanBetween(0, 0.5)", "MeanWeighted"} {
		fmt.Printf("%-20s %.4f\n", name, values[i].Value())
	}
	// Output:
	// Mean                 0.8553
	// Sum                  3.4213
	// MeanTerms            0.8553
	// MeanNonZero          1.1310
	// MeanBetween(0, 0.5)  0.3675
	// MeanWeighted         1.5797
}
