package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Three centers per class, and so six rows of class weights for two classes. The paper adds how far the centers of a class are apart.
func ExampleSoftTriple() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	loss := losses.SoftTriple{Margin: 0.01, Gamma: 20, Temperature: 0.1, Centers: 3}
	labels := []int32{0, 0, 1, 1}
	embeddings := [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}
	centers := [][]float64{{1, 0}, {0.8, 0.6}, {0.6, -0.8}, {0, 1}, {-0.6, 0.8}, {-1, 0}}
	out, err := graph.CallOnceN(backend, func(labels, embeddings, centers *graph.Node) (value, spread *graph.Node) {
		value = losses.Mean.Of(loss, losses.Classes(labels, embeddings, centers, losses.Measure(loss, losses.Cosine)))
		return value, losses.CenterSpread(centers, loss.Centers)
	}, labels, embeddings, centers)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("loss %.4f, spread of the centers %.4f\n", out[0].Value(), out[1].Value())
	// Output: loss 0.0140, spread of the centers 0.9804
}
