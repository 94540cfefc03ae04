package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// A weighted sum of a pair-wise and a class-level loss on one model. GoMLX's trainer takes it as any other loss.
func ExampleTotal() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	miner := losses.MultiSimilarityPairs(0.1)
	total := losses.Total(
		losses.Part{Weight: 1, Loss: losses.PairWise(losses.DefaultMultiSimilarity(), losses.Cosine, losses.Mean, miner)},
		losses.Part{Weight: 0.5, Loss: losses.ClassLevel(losses.NormFace{Gamma: 16}, losses.Cosine, losses.Mean)},
	)
	labels := []int32{0, 0, 1, 1}
	embeddings := [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}
	classWeights := [][]float64{{1, 0.2}, {-0.2, 1}}
	value, err := graph.CallOnce(backend, func(labels, embeddings, classWeights *graph.Node) *graph.Node {
		return total([]*graph.Node{labels}, []*graph.Node{embeddings, classWeights})
	}, labels, embeddings, classWeights)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", value.Value())
	// Output: 0.5903
}
