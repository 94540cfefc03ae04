// Package normal makes vectors of normally distributed numbers, to measure with.
package normal

import (
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// Vectors returns a matrix of rows × dim numbers, the same one for the same shape.
func Vectors(rows, dim int) *tensors.Tensor {
	random := rand.New(rand.NewPCG(uint64(rows), uint64(dim)))
	values := make([]float32, rows*dim)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(values, rows, dim)
}
