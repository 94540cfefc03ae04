package eval_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// How well does a threshold of similarity tell pairs of one class from pairs of two, if it may accept one wrong pair in five?
func ExampleVerify() {
	set := eval.Set{
		Dim:        2,
		Embeddings: []float32{1, 0, 0.9, 0.2, 0.8, 0.1, 0, 1, 0.1, 0.9, 0.9, 0.1},
		Labels:     []int32{0, 0, 0, 1, 1, 1},
	}
	comparisons, err := eval.CompareAll(set, 1000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := eval.Verify(comparisons, 0.2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d pairs of one class, %d of two\n", v.Same, v.Different)
	fmt.Printf("area under the curve %.2f, equal error rate %.2f\n", v.AUC, v.EER)
	for _, point := range v.At {
		fmt.Printf("from a similarity of %.3f on %.2f of the right pairs are accepted, and %.2f of the wrong ones\n",
			point.Threshold, point.TAR, point.FAR)
	}
	// Output:
	// 6 pairs of one class, 9 of two
	// area under the curve 0.59, equal error rate 0.33
	// from a similarity of 0.996 on 0.17 of the right pairs are accepted, and 0.11 of the wrong ones
}
