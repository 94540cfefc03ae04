package eval_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// Queries are looked for among references, such as the images of a shop.
func ExampleRetrieveFrom() {
	shop := eval.Set{Dim: 2, Embeddings: []float32{1, 0, 0, 1, 0.7, 0.7}, Labels: []int32{10, 11, 12}}
	seen := eval.Set{Dim: 2, Embeddings: []float32{0.9, 0.1, 0.5, 0.6}, Labels: []int32{10, 11}}
	result, err := eval.RetrieveFrom(seen, shop, eval.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.PrecisionAt1, "of", result.Queries)
	found, err := eval.Neighbours(seen, shop, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for q, neighbours := range found {
		fmt.Printf("query %d:", q)
		for _, n := range neighbours {
			fmt.Printf(" %d at %.2f", shop.Labels[n.Index], n.Distance)
		}
		fmt.Println()
	}
	// Output:
	// 0.5 of 2
	// query 0: 10 at 0.14 12 at 0.63
	// query 1: 12 at 0.22 11 at 0.64
}
