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
// It goes over the classes twice. The first pass has the loss L_b of each anchor against the classes of block b. Autodiff inside the block
// gives its gradients on the anchor and on the anchor's own class. With L the loss against the blocks so far,
//
//	exp(L) − 1 = Σ_b [exp(L_b) − 1]    ∂L = Σ_b exp(L_b − L) ∂L_b
//
// and what was summed before shrinks as L grows. The second pass, L known, has the gradients of the class weights, block by block,
// so that a caller may use each and drop it. These are four matrix products where the whole matrix takes three.
type ClassBlocks struct {
	centers, block                     int
	begin, rows, join, finish, classes *graph.Exec
}

// ClassPart says which classes the class weights are of, where they are shared among processes that each have all labels and all
// embeddings.
type ClassPart struct {
	From, Classes int // the class of the first weights, and how many classes there are in all
	// Present is how many of these classes, the first ones, count for themselves, and Weight for how many each of the others does, as in
	// [Unbiased]. A Weight of 0 lets all count for themselves.
	Present int
	Weight  float64
	// Sum returns the sum of a tensor over all parts.
	Sum func(*tensors.Tensor) (*tensors.Tensor, error)
	// Gather returns the tensors of all parts, float64 [1, 2, batch] each, one after the other: [parts, 2, batch].
	Gather func(*tensors.Tensor) (*tensors.Tensor, error)
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
	var errs [5]error
	c.begin, errs[0] = graph.NewExec(backend, g.begin)
	c.rows, errs[1] = graph.NewExec(backend, g.rows)
	c.finish, errs[2] = graph.NewExec(backend, g.finish)
	c.classes, errs[3] = graph.NewExec(backend, g.classes)
	c.join, errs[4] = graph.NewExec(backend, g.join)
	return c, errors.Join(errs[:]...)
}

// Finalize frees what is compiled.
func (c *ClassBlocks) Finalize() {
	for _, exec := range []*graph.Exec{c.begin, c.rows, c.join, c.finish, c.classes} {
		exec.Finalize()
	}
}

// ClassBlock is the gradient on the class weights from row From on, float [rows, dim].
type ClassBlock struct {
	From     int             // the class of the first row
	Gradient *tensors.Tensor // ∂L/∂weights of these rows
}

// Gradients computes the loss, a scalar, and its gradient on the embeddings, float [batch, dim]. Then, unless each is nil, it calls
// it with the gradients on the class weights, block after block, which together are all; after an error it stops. The tensors
// belong to the caller. labels is integer [batch], embeddings float [batch, dim], weights float [classes, dim], or [classes ·
// centers, dim] if the loss is [Centred].
func (c *ClassBlocks) Gradients(labels, embeddings, weights *tensors.Tensor, each func(ClassBlock) error) (
	loss, gradient *tensors.Tensor, err error) {
	return c.gradients(labels, embeddings, weights, ClassPart{Classes: weights.Shape().Dim(0) / c.centers}, each)
}

// GradientsOf does what [ClassBlocks.Gradients] does with a part of the class weights, of at least one class: for weights that are shared among
// processes, by their classes. The loss is that over all classes. The gradient on the embeddings is what comes of these classes, and the
// sum over all parts is the gradient. A ClassBlock's From counts the rows of these weights.
func (c *ClassBlocks) GradientsOf(labels, embeddings, weights *tensors.Tensor, of ClassPart, each func(ClassBlock) error) (
	loss, gradient *tensors.Tensor, err error) {
	here := weights.Shape().Dim(0) / c.centers
	if of.From < 0 || here < 1 || of.From+here > of.Classes || of.Sum == nil || of.Gather == nil {
		return nil, nil, fmt.Errorf("losses.ClassBlocks: a part must have at least one class of %d, and know the others; got %d from %d on",
			of.Classes, here, of.From)
	}
	if !(of.Weight >= 0) || of.Present < 0 || of.Present > here {
		return nil, nil, fmt.Errorf("losses.ClassBlocks: of %d classes 0 to all must count for themselves, and the others for 0 or more; got %d and %g",
			here, of.Present, of.Weight)
	}
	return c.gradients(labels, embeddings, weights, of, each)
}

func (c *ClassBlocks) gradients(labels, embeddings, weights *tensors.Tensor, of ClassPart, each func(ClassBlock) error) (
	loss, gradient *tensors.Tensor, err error) {
	place := tensors.FromValue([]int64{int64(of.From), int64(of.Classes)})
	defer func() { err = errors.Join(err, place.FinalizeAll()) }()
	var stands []any // of sampled classes: nothing where each is itself
	if of.Weight != 0 {
		pair := tensors.FromValue([]float64{float64(of.Present), of.Weight})
		defer func() { err = errors.Join(err, pair.FinalizeAll()) }()
		stands = []any{pair}
	}
	state, err := c.begin.Call(labels, embeddings, weights, place)
	if err != nil {
		return nil, nil, err
	}
	own, err := of.summed(state[0])
	state = state[1:]
	if err != nil {
		return nil, nil, errors.Join(err, host.Free(state))
	}
	defer func() { err = errors.Join(err, own.FinalizeAll()) }()
	blocks := c.blocks(of.From, weights.Shape().Dim(0)/c.centers)
	for _, ids := range blocks {
		inputs := append([]any{labels, embeddings, own, weights, ids, place}, host.Anys(state)...)
		next, err := c.rows.Call(append(inputs, stands...)...)
		if err = errors.Join(err, host.Free(state)); err != nil {
			return nil, nil, err
		}
		state = next
	}
	if state, err = c.joined(state, of); err != nil {
		return nil, nil, err
	}
	done, err := c.finish.Call(append([]any{embeddings}, host.Anys(state)...)...)
	if err = errors.Join(err, host.Free(state)); err != nil {
		return nil, nil, err
	}
	known := done[2:]
	defer func() { err = errors.Join(err, host.Free(known)) }()
	if each != nil {
		inputs := append([]any{labels, embeddings, own, weights, place}, host.Anys(known)...)
		err = c.eachBlock(blocks, of.From, append(inputs, stands...), each)
	}
	return done[0], done[1], err
}

// summed returns the sum of a tensor over the parts, and frees the tensor; of one part it is the tensor.
func (of ClassPart) summed(x *tensors.Tensor) (*tensors.Tensor, error) {
	if of.Sum == nil {
		return x, nil
	}
	sum, err := of.Sum(x)
	if sum != x {
		err = errors.Join(err, x.FinalizeAll())
	}
	return sum, err
}

// joined brings a state to the losses against the classes of all parts, and frees it; that of one part is as it is. What comes of the own
// classes is that of all parts too.
func (c *ClassBlocks) joined(state []*tensors.Tensor, of ClassPart) ([]*tensors.Tensor, error) {
	if of.Gather == nil {
		return state, nil
	}
	packed, err := c.join.Call(state[0], state[1])
	if err == nil {
		packed[0], err = of.Gather(packed[0])
	}
	if err != nil {
		return nil, errors.Join(err, host.Free(state))
	}
	all, err := c.join.Call(append([]any{packed[0]}, host.Anys(state)...)...)
	if err = errors.Join(err, host.Free(state)); err == nil {
		all[3], err = of.summed(all[3])
	}
	return all, err
}

// eachBlock makes the second pass.
func (c *ClassBlocks) eachBlock(blocks [][]int64, from int, inputs []any, each func(ClassBlock) error) error {
	for _, ids := range blocks {
		gradient, err := c.classes.Call1(append([]any{ids}, inputs...)...)
		if err == nil {
			err = each(ClassBlock{From: (int(ids[0]) - from) * c.centers, Gradient: gradient})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// blocks returns the classes of each block, of so many from first on.
func (c *ClassBlocks) blocks(first, classes int) [][]int64 {
	var blocks [][]int64
	for from := 0; from < classes; from += c.block {
		ids := make([]int64, min(c.block, classes-from))
		for i := range ids {
			ids[i] = int64(first + from + i)
		}
		blocks = append(blocks, ids)
	}
	return blocks
}
