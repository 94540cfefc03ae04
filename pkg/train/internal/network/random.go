package network

import (
	"math"
	"math/rand/v2"
)

// Source draws initial values on the host, so that a seed means the same network on every backend. The zero Source draws none: the
// variables then have shapes and no memory, until a checkpoint gives them values.
type Source struct {
	seed uint64
	rand *rand.Rand
}

// NewSource returns the source of a seed and a purpose: different purposes draw independently.
func NewSource(seed, purpose uint64) Source {
	return Source{seed, rand.New(rand.NewPCG(seed, purpose))}
}

// The purposes of seeds.
const (
	ForLayers uint64 = iota + 1
	ForClasses
	ForPredictor
)

// uniform draws from ±1/√inputs, if at all. Batch normalisation makes the range nearly irrelevant but for how fast the first steps are.
func (s Source) uniform(inputs int) func() float32 {
	if s.rand == nil {
		return nil
	}
	bound := 1 / math.Sqrt(float64(inputs))
	return func() float32 { return float32((2*s.rand.Float64() - 1) * bound) }
}

// normal draws with mean 0 and a deviation, if at all.
func (s Source) normal(deviation float32) func() float32 {
	if s.rand == nil {
		return nil
	}
	return func() float32 { return deviation * float32(s.rand.NormFloat64()) }
}
