package network

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// variable makes a variable of float32 with the values of fill, or, if that is nil, with none yet.
func variable(store *model.Store, path string, fill func() float32, dims ...int) *model.Variable {
	shape := shapes.Make(dtypes.Float32, dims...)
	if fill == nil {
		return store.VariableWithShape(path, shape, nil).SetTrainable(false)
	}
	values := make([]float32, shape.Size())
	for i := range values {
		values[i] = fill()
	}
	return store.VariableWithValue(path, tensors.FromFlatDataAndDimensions(values, dims...)).SetTrainable(false)
}

func constant(value float32) func() float32 { return func() float32 { return value } }

// Zeros makes a variable of float32 that begins as zeros.
func Zeros(store *model.Store, path string, dims ...int) *model.Variable {
	return variable(store, path, constant(0), dims...)
}

// ClassWeights makes the class vectors of a class-level loss, [classes, dim], of length about √dim.
func ClassWeights(store *model.Store, classes, dim int, random Source) *model.Variable {
	return variable(store, "/classes/weights", random.normal(1), classes, dim)
}

// Values are those of variables, by path, on the host.
type Values map[string]*tensors.Tensor

// CopyOf copies the values of variables to the host.
func CopyOf(variables []*model.Variable) (Values, error) {
	all := make(Values, len(variables))
	for _, v := range variables {
		value, err := v.Value()
		if err == nil {
			all[v.Path()], err = value.LocalClone()
		}
		if err != nil {
			return nil, fmt.Errorf("train: cannot copy variable %s: %w", v.Path(), err)
		}
	}
	return all, nil
}

// Give sets each of the variables to a copy of its value.
func (all Values) Give(variables []*model.Variable) error {
	for _, v := range variables {
		value, err := all[v.Path()].LocalClone()
		if err == nil {
			err = v.SetValue(value)
		}
		if err != nil {
			return fmt.Errorf("train: cannot set variable %s: %w", v.Path(), err)
		}
	}
	return nil
}

// NotFinite returns the index of the first number that is NaN or infinite, or −1. The host looks, since the network does not
// show it: a backend may drop a NaN in a maximum.
func NotFinite(values []float32) int {
	return slices.IndexFunc(values, func(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) })
}
