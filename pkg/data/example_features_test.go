package data_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

// Features that another model made are a set like any other, whose batches are [P·K, features].
func ExampleFeatures() {
	set, err := data.Features("testdata/npy/f2.npy", "testdata/npy/labels_text.npy", data.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	batches := &data.PairBatches{Dataset: set, Classes: 2, PerClass: 2, Steps: 1}
	for batch, err := range batches.Iter() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(set.Format().Features, len(set.Classes()), batch.Inputs[0].Shape())
	}
	// Output:
	// 5 6 (Float32)[4, 5]
}
