package train

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// source draws initial values on the host, so that a seed means the same network on every backend. The zero source draws none: the
// variables then have shapes and no memory, until a checkpoint gives them values.
type source struct{ *rand.Rand }

// newSource returns the source of a seed and a purpose: different purposes draw independently.
func newSource(seed, purpose uint64) source { return source{rand.New(rand.NewPCG(seed, purpose))} }

// The purposes of seeds.
const (
	forLayers uint64 = iota + 1
	forClasses
	forPredictor
)

// uniform draws from ±1/√inputs, if at all.
func (s source) uniform(inputs int) func() float32 {
	if s.Rand == nil {
		return nil
	}
	bound := 1 / math.Sqrt(float64(inputs))
	return func() float32 { return float32((2*s.Float64() - 1) * bound) }
}

// normal draws with mean 0 and a deviation, if at all.
func (s source) normal(deviation float32) func() float32 {
	if s.Rand == nil {
		return nil
	}
	return func() float32 { return deviation * float32(s.NormFloat64()) }
}

func constant(value float32) func() float32 { return func() float32 { return value } }

func tensorOf(values []float32, dims ...int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, dims...)
}
