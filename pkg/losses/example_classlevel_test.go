package losses_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/unipair/unipair/pkg/losses"
)

// GoMLX's trainer learns by ArcFace. The model returns the embeddings and the class weights, one vector per class, which is learnt too.
func ExampleClassLevel() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	embed := func(scope *model.Scope, inputs *graph.Node) (embeddings, classes *graph.Node) {
		weights := scope.VariableWithValue("weights", [][]float32{{1, 0}, {0, 1}, {0.1, 0.1}, {0.1, -0.1}})
		classes = scope.VariableWithValue("classes", [][]float32{{1, 0.1}, {1, -0.1}}).NodeValue(inputs.Graph())
		return graph.MatMul(inputs, weights.NodeValue(inputs.Graph())), classes
	}
	lossFn := losses.ClassLevel(losses.ArcFace{Margin: 0.5, Gamma: 16}, losses.Cosine, losses.Mean)
	trainer := train.NewTrainer(backend, model.NewStore(), embed, lossFn, optimizer.Adam().LearningRate(0.005).Done(), nil, nil)

	for step := range 41 {
		inputs := tensors.FromValue([][]float32{{0.9, 0.2, 1, 0}, {-0.8, 0.3, 1, 0}, {0.9, -0.4, 0, 1}, {-0.7, -0.6, 0, 1}})
		labels := tensors.FromValue([]int32{0, 0, 1, 1})
		metrics, err := trainer.TrainStep(train.Batch{Inputs: []*tensors.Tensor{inputs}, Labels: []*tensors.Tensor{labels}})
		if err != nil {
			log.Fatal(err)
		}
		if step%10 == 0 {
			fmt.Printf("step %2d: loss %.2f\n", step, metrics[0].Value())
		}
	}
	// Output:
	// step  0: loss 2.52
	// step 10: loss 1.54
	// step 20: loss 0.92
	// step 30: loss 0.61
	// step 40: loss 0.42
}
