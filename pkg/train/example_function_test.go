package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

// A network of one's own, made of GoMLX's layers, learns by a loss that is given as a Go value.
func ExampleFunction() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	characters, err := data.Glyphs(data.GlyphsConfig{Classes: 10, PerClass: 8, Size: 16})
	if err != nil {
		log.Fatal(err)
	}
	network := train.Function{Name: "mine", Build: func(scope *model.Scope, x *graph.Node) *graph.Node {
		x = layers.Convolution(scope.In("conv"), x).Channels(8).KernelSize(3).Strides(2).PadSame().Done()
		x = graph.Reshape(activation.Relu(x), x.Shape().Dim(0), -1)
		return layers.Dense(scope.In("dense"), x, true, 16)
	}}

	config := train.DefaultConfig()
	config.Loss, config.Network = "", train.Network{Size: 16, Dim: 16} // both come in Options
	config.PerClass, config.Steps, config.Warmup, config.LearningRate = 3, 30, 5, 1e-2
	result, err := train.Run(context.Background(), backend, config, characters, train.Options{
		Network: &network,
		Loss:    losses.MultiSimilarity{Alpha: 2, Beta: 40, Base: 0.5},
	})
	if err != nil {
		log.Fatal(err)
	}
	first, last := result.History[0], result.History[result.Step-1]
	fmt.Println("the loss has fallen:", last.Loss < first.Loss)
	fmt.Println("more images have one of their class as the nearest:", last.Recall > first.Recall)
	// Output:
	// the loss has fallen: true
	// more images have one of their class as the nearest: true
}
