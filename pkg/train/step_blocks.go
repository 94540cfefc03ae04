package train

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
)

// blockStep takes the loss over blocks of classes, exactly: embeddings first; then the loss with its gradients in blocks, each moving its
// class weights at once; then the network, by the gradient on the embeddings.
type blockStep struct {
	table
	backend compute.Backend
	embed   *model.Exec // images → embeddings
	blocks  *losses.ClassBlocks
	move    *graph.Exec // gradient on a block's class weights, rates, state → state, sum of squares
	back    *model.Exec // images, gradient on the embeddings, rates → cosines, sum of squares
}

func newBlockStep(backend compute.Backend, l *learner, block int) (*blockStep, error) {
	o, s := l.objective, &blockStep{table: newTable(l), backend: backend}
	var errs [4]error
	s.embed, errs[0] = model.NewExec(backend, l.store, func(_ *model.Scope, images *graph.Node) *graph.Node {
		return l.embeddingsOnly(images)
	})
	s.blocks, errs[1] = losses.NewClassBlocks(backend, o.loss, o.similarity, o.reduction, block)
	s.move, errs[2] = graph.NewExec(backend, func(in []*graph.Node) []*graph.Node {
		gradient, r, state := in[0], unpack(in[1]), in[2:]
		moved := s.group.moved(state, gradient, r.classes, r.correction1, r.correction2)
		return append(moved, graph.ReduceAllSum(graph.Square(moved[0])))
	})
	s.back, errs[3] = model.NewExec(backend, l.store, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		images, gradient, r := in[0], in[1], unpack(in[2])
		embeddings := l.embeddings(images)
		_, size := l.descend(graph.ReduceAllSum(graph.Mul(embeddings, gradient)), r)
		return []*graph.Node{cosines(embeddings), size}
	})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("train: cannot build the step over blocks of classes: %w", err)
	}
	return s, nil
}

func (s *blockStep) step(_ int, batch batch, r rates[float32]) (_ outcome, err error) {
	given := pack(r)
	embeddings, err := s.embed.Call1(batch.images)
	if err != nil {
		return outcome{}, err
	}
	// The blocks look at a copy on the device, which stays as it is while the rows on the host move.
	weights, err := s.onDevice()
	if err != nil {
		return outcome{}, err
	}
	defer func() {
		for _, t := range []*tensors.Tensor{embeddings, weights, given} {
			err = errors.Join(err, t.FinalizeAll())
		}
	}()
	var size float32
	loss, gradient, err := s.blocks.Gradients(batch.labels, embeddings, weights, func(block losses.ClassBlock) error {
		squares, err := s.moveBlock(block, given)
		size += squares
		return err
	})
	if err != nil {
		return outcome{}, err
	}
	rest, err := s.back.Call(batch.images, gradient, given)
	if err = errors.Join(err, gradient.FinalizeAll()); err != nil {
		return outcome{}, err
	}
	size += tensors.ToScalar[float32](rest[1])
	return outcomeOf(loss, rest[0], tensors.FromScalar(size)), nil
}

func (s *blockStep) onDevice() (*tensors.Tensor, error) {
	weights, err := s.rows[0].Value()
	if err != nil {
		return nil, err
	}
	return weights.OnDeviceClone(s.backend, 0)
}

// moveBlock moves the class weights of a block against their gradient, which it frees, and returns their sum of squares.
func (s *blockStep) moveBlock(block losses.ClassBlock, given *tensors.Tensor) (float32, error) {
	rows := make([]int, block.Gradient.Shape().Dim(0))
	for i := range rows {
		rows[i] = block.From + i
	}
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
