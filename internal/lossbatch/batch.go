package lossbatch

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/usage"
)

// A matrix is rows of as many numbers each.
type matrix struct {
	rows, columns int
	numbers       []float64 // row-major
}

// Batch holds what a loss is computed on.
type Batch struct {
	embeddings matrix
	labels     []int64
	weights    matrix // class-level only
	dtype      dtypes.DType
}

// precisions are the types that a batch can ask for.
var precisions = map[string]dtypes.DType{
	"float64": dtypes.Float64, "float32": dtypes.Float32, "bfloat16": dtypes.BFloat16, "float16": dtypes.Float16,
}

// checkLabels returns an error unless there is a label ≥ 0 per row, below the number of classes where there are class weights.
func checkLabels(labels []int64, rows, classes int) error {
	if len(labels) != rows {
		return usage.Errorf("batch: %d labels for %d embeddings; want one each", len(labels), rows)
	}
	for i, label := range labels {
		switch {
		case label < 0:
			return usage.Errorf("batch: label %d is %d, want ≥ 0", i, label)
		case classes > 0 && label >= int64(classes):
			return usage.Errorf("batch: label %d is %d, but there are weights of %d classes, 0 to %d", i, label, classes, classes-1)
		}
	}
	return nil
}

// overflow names the first number of a matrix that is infinite in a type, or returns an empty string.
func (b Batch) overflow() string {
	limit := map[dtypes.DType]float64{dtypes.Float32: 0x1.fffffep127, dtypes.BFloat16: 0x1.fep127, dtypes.Float16: 65504}[b.dtype]
	if limit == 0 {
		return ""
	}
	for _, numbers := range [][]float64{b.embeddings.numbers, b.weights.numbers} {
		if i := slices.IndexFunc(numbers, func(x float64) bool { return x > limit || x < -limit }); i >= 0 {
			return fmt.Sprintf("%g", numbers[i])
		}
	}
	return ""
}

// String says how large a batch is.
func (b Batch) String() string {
	text := fmt.Sprintf("%d embeddings", b.embeddings.rows)
	if b.weights.rows > 0 {
		text += fmt.Sprintf(" and %d rows of weights", b.weights.rows)
	}
	return text
}

// tensor makes one of a matrix.
func (m matrix) tensor() *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(m.numbers, m.rows, m.columns)
}
