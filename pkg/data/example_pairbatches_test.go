package data_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

// Pair losses learn from batches with several images of each of several classes. Turned characters are further classes.
func ExamplePairBatches() {
	glyphs, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		fmt.Println(err)
		return
	}
	batches := &data.PairBatches{
		Dataset: data.Rotations(glyphs), Classes: 3, PerClass: 2, Size: 28,
		Augment: data.DefaultAugment(), Mean: 0.2, Std: 0.3, Steps: 2,
	}
	for batch, err := range batches.Iter() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch.Inputs[0].Shape(), batch.Labels[0])
	}
	// Output:
	// (Float32)[6, 28, 28, 1] [6]int32{79, 79, 39, 39, 0, 0}
	// (Float32)[6, 28, 28, 1] [6]int32{214, 214, 33, 33, 185, 185}
}
