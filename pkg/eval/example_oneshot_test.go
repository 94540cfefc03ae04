package eval_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// One vector per class is known, and each query takes the class of the nearest one.
func ExampleClassifyOneShot() {
	known := eval.Set{Dim: 1, Embeddings: []float32{0, 10, 20}, Labels: []int32{1, 2, 3}}
	asked := eval.Set{Dim: 1, Embeddings: []float32{1, 12, 14, 21}, Labels: []int32{1, 2, 3, 3}}
	result, err := eval.ClassifyOneShot([]eval.Episode{{Support: known, Queries: asked}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("error", result.Error)
	// Output:
	// error 0.25
}
