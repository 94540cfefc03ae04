package train

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/losses"
)

// pieceStep takes the batch through the network in pieces, for batches whose activations do not fit, with the loss of the whole batch.
// All embeddings come first, then the loss and its gradient on them, then the network once more, a piece at a time, each carrying back
// its rows of that gradient. The sum over pieces is the gradient of the whole batch, exactly; accumulating the losses of pieces would
// never compare images of two of them.
//
// Batch normalisation is the one thing that looks beyond an image. It takes the moments of a piece, both times the same, so that the
// gradient is exactly that of a network which normalises by pieces. Config.FrozenNorm normalises by the running moments instead. Then, as
// for networks without it, the number of pieces changes nothing but rounding.
//
// Several processes share the pieces. Each embeds its own, all gather the embeddings, and each has the loss of its own images against all.
// What the gradients of embeddings and network lack is exchanged. Of class weights in blocks each has its own classes. One process gathers
// nothing, and does the same.
//
//	L. Gao et al., "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup", RepL4NLP 2021 (GradCache).
type pieceStep struct {
	ranks ranks.Group
	count int         // of this process's pieces
	rows  int         // of the whole batch
	embed *model.Exec // images of a piece → embeddings
	weigh *model.Exec // embeddings, labels → loss, cosines, gradient on the embeddings, gradients of what is not the network
	back  *model.Exec // images of a piece, its rows of the gradient, gradients so far → gradients so far
	move  *model.Exec // rates, all gradients → sum of squares

	stream  *losses.Stream // where the loss too is taken in blocks, else nil
	classes *classBlocks   // where class weights are taken in blocks, else nil
	samples *classSamples  // where several processes sample classes, else nil
	cosines *graph.Exec
	moments *moments // of batch normalisation
}

// newPieceStep prepares a step in the pieces of a configuration, of which each process takes its share, and one at least. The loss too is
// taken in blocks of the batch if streamed.
func newPieceStep(backend compute.Backend, l *learner, group ranks.Group, streamed bool) (*pieceStep, error) {
	o, learnt := l.objective, l.layers.Learnt()
	p := &pieceStep{ranks: group, rows: l.config.Classes * l.config.PerClass}
	least := p.rows / group.Size()
	if least == 0 {
		return nil, fmt.Errorf("train: a batch of %d images is shared by %d processes, so that one would have none: start fewer, or ask for more "+
			"classes per batch (--classes)", p.rows, group.Size())
	}
	p.count = min(least, (max(1, l.config.Pieces)+group.Size()-1)/group.Size())
	p.moments = newMoments(l, group, p.count)
	var err error
	if streamed {
		if p.stream, err = losses.NewStream(backend, l.related, o.loss, o.similarity, o.reduction); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
	}
	if l.block > 0 {
		if p.classes, err = newClassBlocks(backend, l); err != nil {
			return nil, err
		}
	}
	if l.config.ClassSample.Ratio > 0 {
		if p.samples, err = newClassSamples(backend, l); err != nil {
			return nil, err
		}
	}
	var others []*model.Variable
	for _, group := range l.groups() {
		others = append(others, group.variables...)
	}
	others = others[len(learnt):]
	var errs [5]error
	p.cosines, errs[4] = graph.NewExec(backend, cosines)
	p.embed, errs[0] = model.NewExec(backend, l.store, func(_ *model.Scope, images *graph.Node) *graph.Node {
		return l.embeddingsOnly(images)
	})
	p.weigh, errs[1] = model.NewExec(backend, l.store, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		embeddings, labels := in[0], in[1]
		loss := l.loss(labels, embeddings)
		gradients := graph.Gradient(loss, append([]*graph.Node{embeddings}, valuesOf(loss.Graph(), others)...)...)
		return append([]*graph.Node{loss, cosines(embeddings)}, gradients...)
	})
	p.back, errs[2] = model.NewExec(backend, l.store, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		images, rows, sums := in[0], in[1], in[2:]
		linear := graph.ReduceAllSum(graph.Mul(l.embeddings(images), rows))
		gradients := graph.Gradient(linear, valuesOf(images.Graph(), learnt)...)
		for i := range gradients {
			if len(sums) > 0 {
				gradients[i] = graph.Add(sums[i], gradients[i])
			}
		}
		return gradients
	})
	p.move, errs[3] = model.NewExec(backend, l.store, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		return l.apply(in[1:], unpack(in[0]))
	})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("train: cannot build the step in pieces: %w", err)
	}
	return p, nil
}

func (p *pieceStep) step(step int, batch batch, r rates[float32]) (outcome, error) {
	images, err := split(batch.images, p.count)
	if err == nil {
		err = p.moments.begin()
	}
	if err != nil {
		return outcome{}, err
	}
	var rows []float32
	for i := range p.count {
		part, err := p.embed.Call(images(i))
		if err != nil {
			return outcome{}, err
		}
		flat, err := tensors.CopyFlatData[float32](part[0])
		if err != nil {
			return outcome{}, err
		}
		rows = append(rows, flat...)
	}
	n := batch.images.Shape().Dim(0)
	embeddings, err := p.ranks.Gather(tensors.FromFlatDataAndDimensions(rows, n, len(rows)/n), p.rows)
	if err != nil {
		return outcome{}, err
	}
	weighed, squares, err := p.weighed(step, embeddings, batch, r)
	if err != nil {
		return outcome{}, err
	}
	loss, similarities, others := weighed[0], weighed[1], weighed[3:]
	gradient, err := split(weighed[2], p.count)
	if err != nil {
		return outcome{}, err
	}
	var sums []*tensors.Tensor
	for i := range p.count {
		sums, err = p.back.Call(append([]*tensors.Tensor{images(i), gradient(i)}, sums...))
		if err != nil {
			return outcome{}, err
		}
	}
	if sums, err = addUp(p.ranks, sums); err == nil {
		err = p.moments.join()
	}
	if err != nil {
		return outcome{}, err
	}
	size, err := p.move.Call(append(append([]*tensors.Tensor{pack(r)}, sums...), others...))
	if err != nil {
		return outcome{}, err
	}
	out := outcomeOf(loss, similarities, size[0])
	out.size += squares
	return out, nil
}

// weighed returns the loss, the similarities, the gradient on this process's embeddings and those of what is not the network. Class
// weights in blocks are moved, and their sum of squares is returned.
func (p *pieceStep) weighed(step int, embeddings *tensors.Tensor, batch batch, r rates[float32]) (
	all []*tensors.Tensor, squares float64, err error) {
	var loss, gradient *tensors.Tensor
	labels := batch.labels
	switch {
	case p.classes != nil:
		loss, gradient, squares, err = p.classes.step(labels, embeddings, r)
	case p.samples != nil:
		loss, gradient, squares, err = p.samples.step(step, batch.rows.classes, embeddings, r)
	case p.stream != nil:
		var value float64
		value, gradient, err = p.streamed(labels, embeddings)
		loss = tensors.FromScalar(float32(value))
	default: // each process has the whole
		if all, err = p.weigh.Call(embeddings, labels); err == nil {
			from, to := ranks.ShareOf(p.ranks, p.rows)
			all[2], err = rowsOf(all[2], from, to)
		}
		return all, 0, err
	}
	if err != nil {
		return nil, 0, err
	}
	similarities, err := p.cosines.Call1(embeddings)
	return []*tensors.Tensor{loss, similarities, gradient}, squares, err
}

// streamed returns the loss in blocks, and its gradient on this process's embeddings.
func (p *pieceStep) streamed(labels, embeddings *tensors.Tensor) (float64, *tensors.Tensor, error) {
	if p.ranks.Size() == 1 {
		return p.stream.ValueAndGradient(labels, embeddings)
	}
	g := p.ranks
	loss, gradient, err := p.stream.ValueAndGradientOf(labels, embeddings, losses.BatchPart{
		Part: g.Rank(), Parts: g.Size(),
		Sum:    func(own []float64) ([]float64, error) { return ranks.Sums(g, own) },
		Gather: func(x *tensors.Tensor) (*tensors.Tensor, error) { return g.Gather(x, g.Size()) },
	})
	if err != nil {
		return 0, nil, err
	}
	own, err := g.ReduceScatter(gradient)
	return loss, own, errors.Join(err, gradient.FinalizeAll())
}

// split returns what gives each of so many parts of a tensor along its first axis.
func split(t *tensors.Tensor, count int) (func(i int) *tensors.Tensor, error) {
	flat, err := tensors.CopyFlatData[float32](t)
	if err != nil {
		return nil, err
	}
	rows := t.Shape().Dim(0)
	size := len(flat) / rows
	return func(i int) *tensors.Tensor {
		from, to := ranks.Share(rows, i, count)
		return tensors.FromFlatDataAndDimensions(flat[from*size:to*size], append([]int{to - from}, t.Shape().Dimensions[1:]...)...)
	}, nil
}

// rowsOf returns some rows of a tensor; all of them are the tensor itself.
func rowsOf(t *tensors.Tensor, from, to int) (*tensors.Tensor, error) {
	rows := t.Shape().Dim(0)
	if to-from == rows {
		return t, nil
	}
	flat, err := tensors.CopyFlatData[float32](t)
	if err != nil {
		return nil, err
	}
	size := len(flat) / rows
	some := tensors.FromFlatDataAndDimensions(flat[from*size:to*size], append([]int{to - from}, t.Shape().Dimensions[1:]...)...)
	return some, t.FinalizeAll()
}
