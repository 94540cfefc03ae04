package losstime

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// Our contenders.
const (
	whole       = "whole"       // the loss as a user binds it to a trainer
	streamed    = "streamed"    // a pair-wise loss in blocks
	classBlocks = "classblocks" // a class-level loss in blocks of classes
	products    = "products"    // the matrix products alone, the least work of an algorithm
)

// A step computes value and gradients of a batch: of the embeddings and then of the class weights, each shown where it lies.
type step interface {
	run(batch []*tensors.Tensor, show func(gradient []float32)) (value float64, err error)
	free()
}

func newStep(device compute.Backend, contender, name string) (step, error) {
	b, err := bind(name)
	if err != nil {
		return nil, err
	}
	var value func(labels, predictions []*graph.Node) *graph.Node
	switch {
	case contender == products:
		return newGraph(device, productsAlone)
	case contender == streamed:
		stream, err := losses.NewStream(device, losses.SameLabel, b.loss, b.sim, b.reduce, b.miners...)
		return inStream{stream}, err
	case contender == classBlocks:
		const block = 8192
		blocks, err := losses.NewClassBlocks(device, b.loss, b.sim, b.reduce, block)
		return inBlocks{blocks}, err
	case contender != whole:
		return nil, fmt.Errorf("no contender %q", contender)
	case b.classLevel:
		value = losses.ClassLevel(b.loss, b.sim, b.reduce)
	default:
		value = losses.PairWise(b.loss, b.sim, b.reduce, b.miners...)
	}
	return newGraph(device, func(batch []*graph.Node) []*graph.Node {
		loss := value(batch[:1], batch[1:])
		return append([]*graph.Node{loss}, graph.Gradient(loss, batch[1:]...)...)
	})
}

// productsAlone makes the similarities S = X Yᵀ and then what a gradient by them becomes: S Y, and for class weights Sᵀ X too. For
// a batch with itself Y is X, and one more product is not needed, as S is symmetric.
func productsAlone(batch []*graph.Node) []*graph.Node {
	x, y := batch[1], batch[len(batch)-1]
	s := graph.MatMul(x, graph.Transpose(y, 0, 1))
	out := []*graph.Node{graph.Zeros(x.Graph(), shapes.Make(x.DType())), graph.MatMul(s, y)}
	if len(batch) == 3 {
		out = append(out, graph.MatMul(graph.Transpose(s, 0, 1), x))
	}
	return out
}

// inGraph is a step that is one graph, whose first output is the value.
type inGraph struct{ exec *graph.Exec }

func newGraph(device compute.Backend, f func(batch []*graph.Node) []*graph.Node) (step, error) {
	exec, err := graph.NewExec(device, f)
	return inGraph{exec}, err
}

func (g inGraph) free() { g.exec.Finalize() }

func (g inGraph) run(batch []*tensors.Tensor, show func(gradient []float32)) (value float64, err error) {
	inputs := make([]any, len(batch))
	for i, t := range batch {
		inputs[i] = t
	}
	out, err := g.exec.Call(inputs...)
	if err != nil {
		return 0, err
	}
	value = float64(tensors.ToScalar[float32](out[0]))
	for _, gradient := range out[1:] {
		if err := show1(gradient, show); err != nil {
			return 0, err
		}
	}
	return value, out[0].FinalizeAll()
}

// inStream is a step that never has all similarities.
type inStream struct{ stream *losses.Stream }

func (s inStream) free() { s.stream.Finalize() }

func (s inStream) run(batch []*tensors.Tensor, show func(gradient []float32)) (value float64, err error) {
	value, gradient, err := s.stream.ValueAndGradient(batch[0], batch[1])
	if err != nil {
		return 0, err
	}
	return value, show1(gradient, show)
}

// inBlocks is a step that never has all scores.
type inBlocks struct{ blocks *losses.ClassBlocks }

func (b inBlocks) free() { b.blocks.Finalize() }

func (b inBlocks) run(batch []*tensors.Tensor, show func(gradient []float32)) (value float64, err error) {
	var all []*tensors.Tensor // of the class weights: the embeddings' is known last
	loss, gradient, err := b.blocks.Gradients(batch[0], batch[1], batch[2], func(block losses.ClassBlock) error {
		all = append(all, block.Gradient)
		return nil
	})
	if err != nil {
		return 0, err
	}
	value = float64(tensors.ToScalar[float32](loss))
	for _, t := range append([]*tensors.Tensor{gradient}, all...) {
		if err := show1(t, show); err != nil {
			return 0, err
		}
	}
	return value, loss.FinalizeAll()
}

// show1 shows a gradient and frees it.
func show1(gradient *tensors.Tensor, show func([]float32)) error {
	if err := tensors.ConstFlatData(gradient, show); err != nil {
		return err
	}
	return gradient.FinalizeAll()
}
