package train

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// outcome holds what a step gave.
type outcome struct {
	loss float64
	size float64 // sum of squares of all that was learnt
	// The batch's cosine similarities float32 [batch, batch], whatever the loss measures with, so that histories of all losses can be
	// compared; of the first [watched] images of a larger batch.
	similarities *tensors.Tensor
}

// outcomeOf reads what a step's graph returned.
func outcomeOf(loss, similarities, size *tensors.Tensor) outcome {
	return outcome{float64(tensors.ToScalar[float32](loss)), float64(tensors.ToScalar[float32](size)), similarities}
}

// finite reports whether a step has come to numbers that all are.
func (o outcome) finite() bool {
	sum := o.loss + o.size
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}
