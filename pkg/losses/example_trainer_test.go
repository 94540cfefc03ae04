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

// GoMLX's trainer learns a linear map by the triplet loss with the hardest pairs of the batch. The classes differ in the last two numbers
// of an input; the first two are noise.
func ExamplePairWise() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	embed := func(scope *model.Scope, inputs *graph.Node) *graph.Node {
		weights := scope.VariableWithValue("weights", [][]float32{{1, 0}, {0, 1}, {0.1, 0.1}, {0.1, -0.1}})
		return graph.MatMul(inputs, weights.NodeValue(inputs.Graph()))
	}
	triplet := losses.Triplet{Margin: 0.2, Mining: losses.MineHard}
	lossFn := losses.PairWise(triplet, losses.Normalized(losses.NegativeL2), losses.Mean)
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
	// step  0: loss 0.90
	// step 10: loss 0.65
	// step 20: loss 0.45
	// step 30: loss 0.30
	// step 40: loss 0.22
}
