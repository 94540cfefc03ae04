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

// pieceStep takes the batch through the network in pieces, for batches whose activations do not fit, with the loss of the whole batch.
// All embeddings come first, then the loss and its gradient on them, then the network once more, a piece at a time, each carrying back
// its rows of that gradient. The sum over pieces is the gradient of the whole batch, exactly; accumulating the losses of pieces would
// never compare images of two of them.
//
// Batch normalisation is the one thing that looks beyond an image. It takes the moments of a piece, both times the same, so that
// the gradient is exactly that of a network which normalises by pieces; Config.FrozenNorm normalises by the running moments
// instead, and then, as for networks without it, the number of pieces changes nothing but rounding.
//
//	L. Gao et al., "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup", RepL4NLP 2021 (GradCache).
type pieceStep struct {
	count int
	embed *model.Exec // images of a piece → embeddings
	weigh *model.Exec // embeddings, labels → loss, cosines, gradient on the embeddings, gradients of what is not the network
	back  *model.Exec // images of a piece, its rows of the gradient, gradients so far → gradients so far
	move  *model.Exec // rates, all gradients → sum of squares

	stream  *losses.Stream // where the loss too is taken in blocks, else nil
	cosines *graph.Exec
}

// newPieceStep prepares a step in so many pieces, whose loss too is taken in blocks of the batch if streamed.
func newPieceStep(backend compute.Backend, l *learner, streamed bool) (*pieceStep, error) {
	o, learnt := l.objective, l.layers.Learnt()
	p := &pieceStep{count: max(1, l.config.Pieces)}
	if streamed {
		var err error
		if p.stream, err = losses.NewStream(backend, l.related, o.loss, o.similarity, o.reduction); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		if p.cosines, err = graph.NewExec(backend, cosines); err != nil {
			return nil, fmt.Errorf("train: cannot build the step in blocks: %w", err)
		}
	}
	others := l.learnt()[len(learnt):]
	var errs [4]error
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

func (p *pieceStep) step(_ int, batch batch, r rates[float32]) (outcome, error) {
	images, err := split(batch.images, p.count)
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
	weighed, err := p.weighed(tensors.FromFlatDataAndDimensions(rows, n, len(rows)/n), batch.labels)
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
	size, err := p.move.Call(append(append([]*tensors.Tensor{pack(r)}, sums...), others...))
	if err != nil {
		return outcome{}, err
	}
	return outcomeOf(loss, similarities, size[0]), nil
}

// weighed returns the loss, the similarities, the gradient on the embeddings and those of what is not the network.
func (p *pieceStep) weighed(embeddings, labels *tensors.Tensor) ([]*tensors.Tensor, error) {
	if p.stream == nil {
		return p.weigh.Call(embeddings, labels)
	}
	loss, gradient, err := p.stream.ValueAndGradient(labels, embeddings)
	if err != nil {
		return nil, err
	}
	similarities, err := p.cosines.Call1(embeddings)
	if err != nil {
		return nil, err
	}
	return []*tensors.Tensor{tensors.FromScalar(float32(loss)), similarities, gradient}, nil
}

// split returns what gives each of so many equal parts of a tensor along its first axis.
func split(t *tensors.Tensor, count int) (func(i int) *tensors.Tensor, error) {
	flat, err := tensors.CopyFlatData[float32](t)
	if err != nil {
		return nil, err
	}
	dims := append([]int{t.Shape().Dim(0) / count}, t.Shape().Dimensions[1:]...)
	size := len(flat) / count
	return func(i int) *tensors.Tensor {
		return tensors.FromFlatDataAndDimensions(flat[i*size:(i+1)*size], dims...)
	}, nil
}
