package losses

import (
	"cmp"
	"fmt"
	"math"
	"reflect"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/compute/dtypes/gotype"
	"github.com/gomlx/gomlx/core/tensors"
)

// CheckEmbeddings returns an error unless embeddings, float [rows, dim], are all finite. A compiled graph cannot say so, and
// some backends drop a NaN in a maximum. It looks at every number on the host: for input from outside, not for every step.
func CheckEmbeddings(embeddings *tensors.Tensor) error {
	shape := embeddings.Shape()
	if shape.Rank() != 2 || !shape.DType.IsFloat() || shape.Size() == 0 {
		return fmt.Errorf("embeddings must be float [rows, dim] with at least one of each, got %s", shape)
	}
	var bad error
	look := func(i int, value float64) bool {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			bad = fmt.Errorf("embeddings must be finite numbers, got %g in row %d, column %d", value, i/shape.Dim(1), i%shape.Dim(1))
		}
		return bad == nil
	}
	if err := eachFloat(embeddings, look); err != nil {
		return err
	}
	return bad
}

// CheckLabels returns an error unless labels, integer [rows], are one per row and none is negative; with classes > 0, all must
// be below it.
func CheckLabels(labels *tensors.Tensor, rows, classes int) error {
	shape := labels.Shape()
	if shape.Rank() != 1 || !shape.DType.IsInt() || shape.Dim(0) != rows {
		return fmt.Errorf("labels must be integer [%d], one per row of the embeddings, got %s", rows, shape)
	}
	var bad error
	err := labels.ConstFlatData(func(flat any) {
		values := reflect.ValueOf(flat)
		for i := range rows {
			if bad = checkLabel(values.Index(i), i, classes); bad != nil {
				return
			}
		}
	})
	return cmp.Or(bad, err)
}

func checkLabel(label reflect.Value, row, classes int) error {
	if label.CanInt() && label.Int() < 0 {
		return fmt.Errorf("labels must be ≥ 0, got %d in row %d", label.Int(), row)
	}
	if classes > 0 && (label.CanInt() && label.Int() >= int64(classes) || label.CanUint() && label.Uint() >= uint64(classes)) {
		return fmt.Errorf("labels must be below the number of class weights, %d, got %v in row %d", classes, label, row)
	}
	return nil
}

// eachFloat calls look with every number of a tensor until it returns false.
func eachFloat(t *tensors.Tensor, look func(i int, value float64) bool) error {
	switch t.DType() {
	case dtypes.Float64:
		return eachOf(t, func(x float64) float64 { return x }, look)
	case dtypes.Float32:
		return eachOf(t, func(x float32) float64 { return float64(x) }, look)
	case dtypes.BFloat16:
		return eachOf(t, func(x bfloat16.BFloat16) float64 { return float64(x.Float32()) }, look)
	case dtypes.Float16:
		return eachOf(t, func(x float16.Float16) float64 { return float64(x.Float32()) }, look)
	default:
		return fmt.Errorf("embeddings must be float64, float32, bfloat16 or float16, got %s", t.DType())
	}
}

func eachOf[T gotype.Supported](t *tensors.Tensor, value func(T) float64, look func(i int, value float64) bool) error {
	return tensors.ConstFlatData(t, func(flat []T) {
		for i, x := range flat {
			if !look(i, value(x)) {
				return
			}
		}
	})
}
