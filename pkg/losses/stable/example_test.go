package stable_test

import (
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Sums over rows look at what a mask takes; a row of nothing has a value and a gradient all the same.
func ExampleLogSumExp() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	exec := graph.MustNewExec(backend, func(x, mask *graph.Node) (value, gradient *graph.Node) {
		value = stable.Softplus(stable.LogSumExp(x, mask))
		return value, graph.Gradient(graph.ReduceAllSum(value), x)[0]
	})
	defer exec.Finalize()
	out, err := exec.Call([][]float64{{1000, 1000}, {1, 2}}, [][]bool{{true, false}, {false, false}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out[0].Value(), out[1].Value())
	// Output: [1000 0] [[1 0] [0 0]]
}
