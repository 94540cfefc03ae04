package eval_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// Clusters that are found without labels are compared with the classes.
func ExampleCluster() {
	set := eval.Set{
		Dim:        2,
		Embeddings: []float32{1, 0, 0.9, 0.2, 0.8, 0.1, 0, 1, 0.1, 0.9, 0.9, 0.1},
		Labels:     []int32{0, 0, 0, 1, 1, 1},
	}
	clusters, err := eval.Cluster(set, 2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	nmi, err := eval.NMI(clusters, set.Labels)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v, NMI %.2f\n", clusters, nmi)
	// Output:
	// [1 1 1 0 0 1], NMI 0.48
}
