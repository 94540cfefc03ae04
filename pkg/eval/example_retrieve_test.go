package eval_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// Each vector is a query to all others: is the nearest one of its class?
func ExampleRetrieve() {
	set := eval.Set{
		Dim:        2,
		Embeddings: []float32{1, 0, 0.9, 0.2, 0.8, 0.1, 0, 1, 0.1, 0.9, 0.9, 0.1},
		Labels:     []int32{0, 0, 0, 1, 1, 1}, // the last vector lies in the other class
	}
	result, err := eval.Retrieve(set, eval.Options{RecallAt: []int{1, 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, metric := range result.List() {
		fmt.Printf("%s %.2f\n", metric.Name, metric.Value)
	}
	// Output:
	// recall_at_1 0.33
	// recall_at_2 0.83
	// precision_at_1 0.33
	// r_precision 0.42
	// map_at_r 0.29
	// mean_average_precision 0.60
	// mrr 0.62
}
