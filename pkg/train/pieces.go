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

// pieces is a step whose batch goes through the network in pieces, for batches whose activations do not fit, with the loss of the
// whole batch: first all embeddings, then the loss and its gradient on them, then the network once more, a piece at a time, each
// carrying back its rows of that gradient. The sum over pieces is the gradient of the whole batch, exactly; accumulating the
// losses of pieces would never compare images of two of them.
//
// Batch normalisation is the one thing that looks beyond an image. It takes the moments of a piece, both times the same, so that
// the gradient is exactly that of a network which normalises by pieces; Config.FrozenNorm normalises by the running moments
// instead, and then, as for networks without it, the number of pieces changes nothing but rounding.
//
//	L. Gao et al., "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup", RepL4NLP 2021 (GradCache).
type pieces struct {
	count  int
	embed  *model.Exec // images of a piece → embeddings
	weigh  *model.Exec // embeddings, labels → loss, cosines, gradient on the embeddings, gradients of what is not the network
	back   *model.Exec // images of a piece, its rows of the gradient, gradients so far → gradients so far
	move   *model.Exec // numbers, all gradients → sum of squares
	others []*model.Variable

	stream  *losses.Stream // where the loss too is taken in blocks, else nil
	cosines *graph.Exec
}

func newPieces(backend compute.Backend, l *learner, o objective, streamed bool) (*pieces, error) {
	network := l.layers.learnt()
	p := &pieces{count: max(1, l.config.Pieces)}
	if streamed {
		var err error
		if p.stream, err = losses.NewStream(backend, l.related, o.loss, o.similarity, o.reduction); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		if p.cosines, err = graph.NewExec(backend, cosines); err != nil {
			return nil, fmt.Errorf("train: cannot build the step in blocks: %w", err)
		}
	}
	for _, group := range l.groups {
		p.others = append(p.others, group.variables...)
	}
	p.others = p.others[len(network):] // the first group begins with the network
	valuesOf := func(g *graph.Graph, variables []*model.Variable) (nodes []*graph.Node) {
		for _, v := range variables {
			nodes = append(nodes, v.NodeValue(g))
		}
		return nodes
	}
	var errs [4]error
	p.embed, errs[0] = model.NewExec(backend, l.store, func(_ *model.Scope, images *graph.Node) *graph.Node {
		running := l.layers.running()
		before := valuesOf(images.Graph(), running)
		embeddings := l.embeddings(images)
		for i, v := range running { // they move the second time
			v.SetNodeValue(before[i])
		}
		return embeddings
	})
	p.weigh, errs[1] = model.NewExec(backend, l.store, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		embeddings, labels := in[0], in[1]
		loss := o.reduction.Of(o.loss, l.scores(o, labels, embeddings))
		gradients := graph.Gradient(loss, append([]*graph.Node{embeddings}, valuesOf(loss.Graph(), p.others)...)...)
		return append([]*graph.Node{loss, cosines(embeddings)}, gradients...)
	})
	p.back, errs[2] = model.NewExec(backend, l.store, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		images, rows, sums := in[0], in[1], in[2:]
		linear := graph.ReduceAllSum(graph.Mul(l.embeddings(images), rows))
		gradients := graph.Gradient(linear, valuesOf(images.Graph(), network)...)
		for i := range gradients {
			if len(sums) > 0 {
				gradients[i] = graph.Add(sums[i], gradients[i])
			}
		}
		return gradients
	})
	p.move, errs[3] = model.NewExec(backend, l.store, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		return l.apply(clip(in[1:], l.config.ClipNorm), in[0])
	})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("train: cannot build the step in pieces: %w", err)
	}
	return p, nil
}

// do takes a step and returns what learner.build says.
func (p *pieces) do(batch batch, numbers []float32) ([]*tensors.Tensor, error) {
	images, err := split(batch.images, p.count)
	if err != nil {
		return nil, err
	}
	var rows []float32
	for i := range p.count {
		part, err := p.embed.Call(images(i))
		if err != nil {
			return nil, err
		}
		flat, err := tensors.CopyFlatData[float32](part[0])
		if err != nil {
			return nil, err
		}
		rows = append(rows, flat...)
	}
	n := batch.images.Shape().Dim(0)
	weighed, err := p.weighed(tensorOf(rows, n, len(rows)/n), batch.labels)
	if err != nil {
		return nil, err
	}
	loss, similarities, others := weighed[0], weighed[1], weighed[3:]
	gradient, err := split(weighed[2], p.count)
	if err != nil {
		return nil, err
	}
	var sums []*tensors.Tensor
	for i := range p.count {
		sums, err = p.back.Call(append([]*tensors.Tensor{images(i), gradient(i)}, sums...))
		if err != nil {
			return nil, err
		}
	}
	inputs := append([]*tensors.Tensor{tensorOf(numbers, len(numbers))}, append(sums, others...)...)
	size, err := p.move.Call(inputs)
	if err != nil {
		return nil, err
	}
	return []*tensors.Tensor{loss, similarities, size[0]}, nil
}

// weighed returns the loss, the similarities, the gradient on the embeddings and those of what is not the network.
func (p *pieces) weighed(embeddings, labels *tensors.Tensor) ([]*tensors.Tensor, error) {
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

// streamed tells whether the loss is taken in blocks of the batch: where that is asked for, and by itself where a batch is so
// large that its similarities, of which a loss makes some matrices, take more than [wholeScores].
func (l *learner) streamed(o objective, options Options) (bool, error) {
	plain := l.weights == nil && l.predict.first == nil && options.Devices <= 1
	if l.config.Streamed && !plain {
		return false, fmt.Errorf("train: a loss in blocks of the batch is pair-wise, on one device and without a predictor: leave Streamed false")
	}
	if rows := l.config.Classes * l.config.PerClass; l.config.Streamed || !plain || 4*rows*rows <= wholeScores {
		return l.config.Streamed, nil
	}
	_, err := losses.NewStream(nil, l.related, o.loss, o.similarity, o.reduction)
	return err == nil, nil // else as a whole, as well as it can
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
