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

// blockStep is the step of a loss over blocks of classes, exact: embeddings first; then the loss with its gradients in blocks,
// each moving its class weights at once; then the network, by the gradient on the embeddings.
type blockStep struct {
	table
	backend compute.Backend
	blocks  *losses.ClassBlocks
	embed   *model.Exec
	move    *graph.Exec
}

func newBlockStep(backend compute.Backend, l *learner, t table, block int) (*blockStep, error) {
	s := &blockStep{table: t, backend: backend}
	var errs [3]error
	s.blocks, errs[0] = losses.NewClassBlocks(backend, t.objective.loss, t.objective.similarity, t.objective.reduction, block)
	s.embed, errs[1] = model.NewExec(backend, l.store, func(_ *model.Scope, images *graph.Node) *graph.Node {
		var running []*graph.Node
		for _, v := range l.layers.running() {
			running = append(running, v.NodeValue(images.Graph()))
		}
		embeddings := l.embeddings(images)
		for i, v := range l.layers.running() { // they move with the network
			v.SetNodeValue(running[i])
		}
		return embeddings
	})
	s.move, errs[2] = graph.NewExec(backend, func(in []*graph.Node) []*graph.Node { // gradient, numbers, and the state
		moved := t.group.moved(in[2:], in[0], number(in[1], 1), number(in[1], 2), number(in[1], 3))
		return append(moved, graph.ReduceAllSum(graph.Square(moved[0])))
	})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("train: cannot build the step over blocks of classes: %w", err)
	}
	return s, nil
}

// build implements [tableStep]: it looks at images, the gradient on the embeddings, and the numbers of a step, and returns the
// batch's similarities and the network's sum of squares.
func (s *blockStep) build(l *learner, in []*graph.Node) []*graph.Node {
	embeddings := l.embeddings(in[0])
	_, size := l.descend(graph.ReduceAllSum(graph.Mul(embeddings, in[1])), in[2])
	return []*graph.Node{cosines(embeddings), size}
}

// do implements [tableStep].
func (s *blockStep) do(l *learner, _ int, batch batch, numbers []float32) (results []*tensors.Tensor, err error) {
	given := tensorOf(numbers, len(numbers))
	embeddings, err := s.embed.Call1(batch.images)
	if err != nil {
		return nil, err
	}
	// The blocks look at a copy on the device, which stays as it is while the rows on the host move.
	weights, err := s.onDevice()
	if err != nil {
		return nil, err
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
		return nil, err
	}
	rest, err := l.exec.Call(batch.images, gradient, given)
	if err = errors.Join(err, gradient.FinalizeAll()); err != nil {
		return nil, err
	}
	size += tensors.ToScalar[float32](rest[1])
	return []*tensors.Tensor{loss, rest[0], tensors.FromScalar(size)}, nil
}

func (s *blockStep) onDevice() (*tensors.Tensor, error) {
	weights, err := s.rows[0].Value()
	if err != nil {
		return nil, err
	}
	return weights.OnDeviceClone(s.backend, 0)
}

// moveBlock moves the class weights of a block against their gradient, which it frees, and returns their sum of squares.
func (s *blockStep) moveBlock(block losses.ClassBlock, numbers *tensors.Tensor) (float32, error) {
	rows := make([]int, block.Gradient.Shape().Dim(0))
	for i := range rows {
		rows[i] = block.From + i
	}
	inputs := []any{block.Gradient, numbers}
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
