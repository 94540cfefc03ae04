package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// The Circle loss of a batch, and its gradient.
func Example() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		log.Fatal(err)
	}
	step := graph.MustNewExec(backend, func(labels, embeddings *graph.Node) (loss, gradient *graph.Node) {
		loss = losses.Mean.Of(losses.DefaultCircle(), losses.Pairs(labels, embeddings, losses.Cosine))
		return loss, graph.Gradient(loss, embeddings)[0]
	})
	defer step.Finalize()
	out, err := step.Call([]int32{0, 0, 1, 1}, [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f %s\n", out[0].Value(), out[1].Shape())
	// Output: 16.9733 (Float64)[4, 2]
}

// A pair-wise loss as GoMLX's trainer calls it: with the labels of its data set, and with what the model predicts, the embeddings.
func ExamplePairWise() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		log.Fatal(err)
	}
	triplet := losses.Triplet{Margin: 0.2, Mining: losses.MineHard}
	lossFn := losses.PairWise(triplet, losses.Normalized(losses.NegativeL2), losses.MeanNonZero) // train.NewTrainer(…, lossFn, …)
	exec := graph.MustNewExec(backend, func(labels, embeddings *graph.Node) *graph.Node {
		return lossFn([]*graph.Node{labels}, []*graph.Node{embeddings})
	})
	defer exec.Finalize()
	out, err := exec.Call([]int32{0, 0, 1, 1}, [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", out[0].Value())
	// Output: 0.3310
}

// A class-level loss as GoMLX's trainer calls it: the model predicts the embeddings and the class weights.
func ExampleClassLevel() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		log.Fatal(err)
	}
	lossFn := losses.ClassLevel(losses.DefaultArcFace(), losses.Cosine, losses.Mean) // train.NewTrainer(…, lossFn, …)
	exec := graph.MustNewExec(backend, func(labels, embeddings, weights *graph.Node) *graph.Node {
		return lossFn([]*graph.Node{labels}, []*graph.Node{embeddings, weights})
	})
	defer exec.Finalize()
	weights := [][]float64{{1, 0.2}, {-0.2, 1}}
	out, err := exec.Call([]int32{0, 0, 1, 1}, [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}}, weights)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", out[0].Value())
	// Output: 5.3194
}

// Programs choose losses, similarities and reductions by their names.
func ExampleFind() {
	entry, err := losses.Find("circle")
	if err != nil {
		log.Fatal(err)
	}
	loss, err := entry.With(map[string]string{"margin": "0.25", "gamma": "256"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T%+v of %v\n", loss, loss, entry.Similarity)
	_, err = losses.FindSimilarity("cosin")
	fmt.Println(err)
	// Output:
	// losses.Circle{Margin:0.25 Gamma:256} of cosine
	// unknown similarity "cosin": did you mean cosine?
}
