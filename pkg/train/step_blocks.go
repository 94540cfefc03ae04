package train

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/losses"
)

// classBlocks takes the loss of a batch over blocks of classes, exactly, and moves the class weights of each block at once. Several processes
// have the blocks of their own classes.
type classBlocks struct {
	table
	backend compute.Backend
	blocks  *losses.ClassBlocks
	move    *graph.Exec // gradient on a block's class weights, rates, state → state, sum of squares
}

func newClassBlocks(backend compute.Backend, l *learner) (*classBlocks, error) {
	o, s := l.objective, &classBlocks{table: newTable(l), backend: backend}
	if l.classShare.ranks.Size() > 1 {
		l.split = s.rows
	}
	var errs [2]error
	s.blocks, errs[0] = losses.NewClassBlocks(backend, o.loss, o.similarity, o.reduction, l.block)
	s.move, errs[1] = graph.NewExec(backend, func(in []*graph.Node) []*graph.Node {
		gradient, r, state := in[0], unpack(in[1]), in[2:]
		moved := s.group.moved(state, gradient, r.classes, r.correction1, r.correction2)
		return append(moved, graph.ReduceAllSum(graph.Square(moved[0])))
	})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("train: cannot build the step over blocks of classes: %w", err)
	}
	return s, nil
}

// step moves this process's class weights. It returns the loss, its gradient on this process's embeddings, and the sum of squares of all class
// weights.
func (s *classBlocks) step(labels, embeddings *tensors.Tensor, r rates[float32]) (loss, gradient *tensors.Tensor, size float64, err error) {
	given := pack(r)
	// The blocks look at a copy on the device, which stays as it is while the rows on the host move.
	weights, err := s.onDevice()
	if err != nil {
		return nil, nil, 0, err
	}
	defer func() { err = errors.Join(err, weights.FinalizeAll(), given.FinalizeAll()) }()
	var squares float32
	each := func(block losses.ClassBlock) error {
		of, err := s.moveBlock(block, given)
		squares += of
		return err
	}
	g := s.share.ranks
	if g.Size() == 1 {
		loss, gradient, err = s.blocks.Gradients(labels, embeddings, weights, each)
		return loss, gradient, float64(squares), err
	}
	of := losses.ClassPart{
		From: s.share.from, Classes: s.share.classes, Sum: g.AllReduce,
		Gather: func(x *tensors.Tensor) (*tensors.Tensor, error) { return g.Gather(x, g.Size()) },
	}
	loss, all, err := s.blocks.GradientsOf(labels, embeddings, weights, of, each)
	if err != nil {
		return nil, nil, 0, err
	}
	gradient, err = g.ReduceScatter(all)
	if err = errors.Join(err, all.FinalizeAll()); err != nil {
		return nil, nil, 0, err
	}
	sums, err := ranks.Sums(g, []float64{float64(squares)})
	if err != nil {
		return nil, nil, 0, err
	}
	return loss, gradient, sums[0], nil
}

func (s *classBlocks) onDevice() (*tensors.Tensor, error) {
	weights, err := s.rows[0].Value()
	if err != nil {
		return nil, err
	}
	if own := s.share.rows(); own < weights.Shape().Dim(0) { // rank 0 has the others' to write them
		part, err := gather(s.rows[0], rowsFrom(0, own))
		if err != nil {
			return nil, err
		}
		defer part.MustFinalizeAll()
		return part.OnDeviceClone(s.backend, 0)
	}
	return weights.OnDeviceClone(s.backend, 0)
}

// moveBlock moves the class weights of a block against their gradient, which it frees, and returns their sum of squares.
func (s *classBlocks) moveBlock(block losses.ClassBlock, given *tensors.Tensor) (float32, error) {
	rows := rowsFrom(block.From, block.Gradient.Shape().Dim(0))
	inputs := []any{block.Gradient, given}
	for _, v := range s.rows {
		part, err := gather(v, rows)
		if err != nil {
			return 0, err
		}
		defer part.FinalizeAll()
		inputs = append(inputs, part)
	}
	moved, err := s.move.Call(inputs...)
	if err = errors.Join(err, block.Gradient.FinalizeAll()); err != nil {
		return 0, err
	}
	for i, v := range s.rows {
		if err := scatter(v, rows, moved[i]); err != nil {
			return 0, err
		}
	}
	return tensors.ToScalar[float32](moved[len(s.rows)]), nil
}
