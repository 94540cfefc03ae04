package eval_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// An interval says how far a metric would move with other classes.
func ExampleRetrieval_Intervals() {
	set := eval.Set{
		Dim:        2,
		Embeddings: []float32{1, 0, 0.9, 0.2, 0.8, 0.1, 0, 1, 0.1, 0.9, 0.9, 0.1},
		Labels:     []int32{0, 0, 0, 1, 1, 1},
	}
	result, err := eval.Retrieve(set, eval.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	intervals, err := result.Intervals(eval.DefaultBootstrap())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("precision@1 %.2f, 95 %% interval %.2f\n", result.PrecisionAt1, intervals["precision_at_1"])
	// Output:
	// precision@1 0.33, 95 % interval {0.00 0.67}
}
