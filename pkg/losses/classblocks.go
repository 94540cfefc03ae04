package losses

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/internal/host"
)

// ClassBlocks computes a class-level loss and its gradients in blocks of classes: the matrix of scores, [batch, classes], is
// never whole. Value and gradients are those of [ClassLevel], to rounding; memory beside the class weights is a few matrices
// [batch, batch + block], however many classes there are. The loss must be an [OddsSum].
//
// It goes over the classes twice. The first pass has the loss L_b of each anchor against the classes of block b, and its gradients
// on the anchor and on the anchor's own class, by autodiff inside the block. With L the loss against the blocks so far,
//
//	exp(L) − 1 = Σ_b [exp(L_b) − 1]    ∂L = Σ_b exp(L_b − L) ∂L_b
//
// and what was summed before shrinks as L grows. The second pass, L known, has the gradients of the class weights, block by block,
// so that a caller may use each and drop it. These are four matrix products where the whole matrix takes three.
type ClassBlocks struct {
	centers, block               int
	begin, rows, finish, classes *graph.Exec
}

// NewClassBlocks returns the computation of a loss on a backend, so many classes at a time. It returns an error if the loss is not
// an [OddsSum] or is invalid. Each shape of batch and block is compiled once; a last block that is smaller is one more.
func NewClassBlocks(backend compute.Backend, loss Loss, sim Similarity, reduce Reduction, block int) (*ClassBlocks, error) {
	if err := validate(loss, sim, reduce); err != nil {
		return nil, err
	}
	if _, ok := loss.(OddsSum); !ok {
		return nil, fmt.Errorf("losses.NewClassBlocks: %T cannot be put together from blocks of classes, since it is not a sum over "+
			"negatives inside a logarithm: take ClassLevel, or an OddsSum such as AMSoftmax or Circle", loss)
	}
	if block < 1 {
		return nil, fmt.Errorf("losses.NewClassBlocks: a block must have at least 1 class, got %d", block)
	}
	g := classBlockGraphs{loss: loss, sim: Measure(loss, sim), reduce: reduce, centers: CentersOf(loss)}
	c := &ClassBlocks{centers: g.centers, block: block}
	var errs [4]error
	c.begin, errs[0] = graph.NewExec(backend, g.begin)
	c.rows, errs[1] = graph.NewExec(backend, g.rows)
	c.finish, errs[2] = graph.NewExec(backend, g.finish)
	c.classes, errs[3] = graph.NewExec(backend, g.classes)
	return c, errors.Join(errs[:]...)
}

// Finalize frees what is compiled.
func (c *ClassBlocks) Finalize() {
	for _, exec := range []*graph.Exec{c.begin, c.rows, c.finish, c.classes} {
		exec.Finalize()
	}
}

// ClassBlock is the gradient on the class weights from row From on, float [rows, dim].
type ClassBlock struct {
	From     int
	Gradient *tensors.Tensor
}

// Gradients computes the loss, a scalar, and its gradient on the embeddings, float [batch, dim]. Then, unless each is nil, it calls
// it with the gradients on the class weights, block after block, which together are all; after an error it stops. The tensors
// belong to the caller. labels is integer [batch], embeddings float [batch, dim], weights float [classes, dim], or [classes ·
// centers, dim] if the loss is [Centred].
func (c *ClassBlocks) Gradients(labels, embeddings, weights *tensors.Tensor, each func(ClassBlock) error) (
	loss, gradient *tensors.Tensor, err error) {
	state, err := c.begin.Call(labels, embeddings, weights)
	if err != nil {
		return nil, nil, err
	}
	own := state[0]
	defer func() { err = errors.Join(err, own.FinalizeAll()) }()
	state = state[1:]
	blocks := c.blocks(weights.Shape().Dim(0) / c.centers)
	for _, ids := range blocks {
		next, err := c.rows.Call(append([]any{labels, embeddings, own, weights, ids}, host.Anys(state)...)...)
		if err = errors.Join(err, host.Free(state)); err != nil {
			return nil, nil, err
		}
		state = next
	}
	done, err := c.finish.Call(append([]any{embeddings}, host.Anys(state)...)...)
	if err = errors.Join(err, host.Free(state)); err != nil {
		return nil, nil, err
	}
	known := done[2:]
	defer func() { err = errors.Join(err, host.Free(known)) }()
	if each != nil {
		err = c.eachBlock(blocks, append([]any{labels, embeddings, own, weights}, host.Anys(known)...), each)
	}
	return done[0], done[1], err
}

// eachBlock makes the second pass.
func (c *ClassBlocks) eachBlock(blocks [][]int64, inputs []any, each func(ClassBlock) error) error {
	for _, ids := range blocks {
		gradient, err := c.classes.Call1(append([]any{ids}, inputs...)...)
		if err == nil {
			err = each(ClassBlock{From: int(ids[0]) * c.centers, Gradient: gradient})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// blocks returns the classes of each block.
func (c *ClassBlocks) blocks(classes int) [][]int64 {
	var blocks [][]int64
	for from := 0; from < classes; from += c.block {
		ids := make([]int64, min(c.block, classes-from))
		for i := range ids {
			ids[i] = int64(from + i)
		}
		blocks = append(blocks, ids)
	}
	return blocks
}
