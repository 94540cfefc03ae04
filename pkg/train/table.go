package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
)

// table is class weights that no step takes whole: with their optimiser's means they stay on the host, as variables that a checkpoint
// has like any other, and steps take rows of them.
type table struct {
	objective objective
	group     group
	rows      []*model.Variable // weights, and the optimiser's means of them: float32 [classes · centers, dim]
}

// tableStep is a step of a learner whose class weights are in a table.
type tableStep interface {
	// build makes the graph of the learner's own executor.
	build(l *learner, inputs []*graph.Node) []*graph.Node
	// do takes a step with the numbers that learner.build says, and returns what it says.
	do(l *learner, step int, batch batch, numbers []float32) ([]*tensors.Tensor, error)
	// holds reports whether a variable is in the table.
	holds(v *model.Variable) bool
}

func (t table) holds(v *model.Variable) bool { return slices.Contains(t.rows, v) }

// wholeScores is how many bytes the scores of a batch with all classes may take before they are taken in blocks. A step holds
// some matrices of this size.
const wholeScores = 256 << 20

// blockOfClasses is how many classes a block has by default: few enough to stay in a processor's cache beside a batch.
const blockOfClasses = 4096

// newTableStep returns nil where the class weights are best a variable of the step.
func newTableStep(backend compute.Backend, store *model.Store, l *learner, options Options, o objective) (tableStep, error) {
	c, classes := l.config, l.groups[len(l.groups)-1]
	t := table{o, classes, classes.state(0)}
	block, rows := c.ClassBlock, l.weights.Shape().Dim(0)
	_, sums := o.loss.(losses.OddsSum)
	if block == 0 && sums && options.Devices <= 1 && c.ClipNorm == 0 && c.ClassSample.Ratio == 0 && 4*rows*c.Classes*c.PerClass > wholeScores {
		block = blockOfClasses
	}
	switch {
	case block < 0:
		return nil, fmt.Errorf("train: ClassBlock must be 0 (chosen) or more classes, got %d", block)
	case block == 0 && c.ClassSample.Ratio == 0:
		return nil, nil
	case c.ClipNorm > 0:
		return nil, fmt.Errorf("train: gradients are clipped by the length of all together, and class weights in blocks or sampled are not all in a step: leave ClipNorm 0")
	case c.ClassSample.Ratio > 0 && block > 0:
		return nil, fmt.Errorf("train: classes are sampled or taken in blocks: leave ClassBlock or ClassSample 0")
	case c.ClassSample.Ratio > 0:
		return newSampledStep(t, store, c)
	case options.Devices > 1:
		return nil, fmt.Errorf("train: a loss over blocks of %d classes is for one device, not %d: sample classes instead, or leave ClassBlock 0",
			block, options.Devices)
	}
	return newBlockStep(backend, l, t, block)
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
