package backendtest

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Drawn returns a tensor of normal numbers, the same each time.
func Drawn[T float32 | float64](dims ...int) *tensors.Tensor {
	random := rand.New(rand.NewPCG(1, 2))
	numbers := make([]T, shapes.Make(0, dims...).Size())
	for i := range numbers {
		numbers[i] = T(random.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(numbers, dims...)
}

// Caller returns a call of a graph on XLA that ends when its outputs can be read. The inputs lie on the device; the first call compiles.
func Caller(b *testing.B, inputs []*tensors.Tensor, of func(in []*graph.Node) []*graph.Node) (call func()) {
	b.Helper()
	device := XLA(b)
	exec, err := graph.NewExec(device, of)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(exec.Finalize)
	all := make([]any, len(inputs))
	for i, input := range inputs {
		if err := input.ToDevice(device, 0); err != nil {
			b.Fatal(err)
		}
		all[i] = input
	}
	return func() {
		outputs, err := exec.Call(all...)
		if err != nil {
			b.Fatal(err)
		}
		for _, t := range outputs {
			t.MustConstFlatData(func(any) {})
			t.MustFinalizeAll()
		}
	}
}
