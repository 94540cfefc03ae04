package train

import (
	"errors"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// table is class weights that no step takes whole. With their optimiser's means they stay on the host, as variables that a checkpoint has
// like any other. Steps take rows of them.
type table struct {
	share classShare
	group group
	rows  []*model.Variable // weights, and the optimiser's means of them: float32 [classes · centers, dim]
}

// newTable takes the class weights of a learner, whose graph of a step no longer moves them.
func newTable(l *learner) table {
	classes := *l.classGroup
	l.classGroup = nil
	return table{l.classShare, classes, classes.state(0)}
}

// gather copies rows of a variable, [rows, …], into a tensor of their own.
func gather(v *model.Variable, rows []int) (*tensors.Tensor, error) {
	value, err := v.Value()
	if err != nil {
		return nil, err
	}
	dims := slices.Clone(v.Shape().Dimensions)
	width := v.Shape().Size() / dims[0]
	dims[0] = len(rows)
	out := tensors.FromShape(shapes.Make(v.Shape().DType, dims...))
	return out, transfer(out, value, func(to, from []float32) {
		for i, row := range rows {
			copy(to[i*width:(i+1)*width], from[row*width:])
		}
	})
}

// scatter copies rows back to where gather had them from, and frees them.
func scatter(v *model.Variable, rows []int, moved *tensors.Tensor) error {
	value, err := v.Value()
	if err != nil {
		return err
	}
	width := v.Shape().Size() / v.Shape().Dim(0)
	err = transfer(value, moved, func(to, from []float32) {
		for i, row := range rows {
			copy(to[row*width:(row+1)*width], from[i*width:])
		}
	})
	return errors.Join(err, moved.FinalizeAll())
}

// transfer opens two tensors for a copy.
func transfer(to, from *tensors.Tensor, copyAll func(to, from []float32)) error {
	var inner error
	outer := tensors.MutableFlatData(to, func(to []float32) {
		inner = tensors.ConstFlatData(from, func(from []float32) { copyAll(to, from) })
	})
	return errors.Join(outer, inner)
}
