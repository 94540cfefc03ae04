package backend_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backend"
)

// Many large products at once come to an end with few processors, whatever options the user gave.
func TestOpensInTurn(t *testing.T) {
	for _, config := range []string{"go", "go:", "go:creation_order"} {
		for _, processors := range []int{1, 2, 3} {
			t.Setenv(backend.Variable, config)
			before := runtime.GOMAXPROCS(processors)
			device, line, err := backend.Open()
			if err != nil || line != "backend: "+config+" ($GOMLX_BACKEND)" {
				t.Fatal(line, err)
			}
			done := make(chan error, 1)
			go func() { done <- products(device) }()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(time.Minute):
				t.Errorf("%s with %d processors: no end after a minute", config, processors)
			}
			runtime.GOMAXPROCS(before)
		}
	}
}

// products computes sixteen products that do not need each other, several times.
func products(device compute.Backend) error {
	exec, err := graph.NewExec(device, func(x *graph.Node) *graph.Node {
		total := graph.ScalarZero(x.Graph(), dtypes.Float32)
		for i := range 16 {
			rows := graph.AddScalar(x, float64(i))
			total = graph.Add(total, graph.ReduceAllSum(graph.MatMul(rows, rows)))
		}
		return total
	})
	if err != nil {
		return err
	}
	defer exec.Finalize()
	x := make([][]float32, 256)
	for i := range x {
		x[i] = make([]float32, len(x))
	}
	for range 5 {
		if _, err := exec.Call(x); err != nil {
			return err
		}
	}
	return nil
}
