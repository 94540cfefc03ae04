package network

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
)

// Predictor is a network that only training sees: dense, batch normalisation, ReLU, dense. An anchor's vector is what it
// foretells of the embedding, and the candidates are the embeddings themselves, held constant for the gradient. So no image can please its
// partner by going to meet it. A loss that has positives alone then need not collapse to one point. The embeddings are brought to mean 0
// and variance 1 over the batch first, as SimSiam's projection ends: without it they end in few dimensions.
//
//	X. Chen, K. He, "Exploring Simple Siamese Representation Learning", CVPR 2021 (SimSiam).
type Predictor struct {
	first, scale, offset *model.Variable // [dim, hidden], [hidden], [hidden]
	second, bias         *model.Variable // [hidden, dim], [dim]
}

// NewPredictor makes the variables.
func NewPredictor(store *model.Store, dim, hidden int, random Source) *Predictor {
	return &Predictor{
		first:  variable(store, "/predictor/first", random.uniform(dim), dim, hidden),
		scale:  variable(store, "/predictor/scale", constant(1), hidden),
		offset: variable(store, "/predictor/offset", constant(0), hidden),
		second: variable(store, "/predictor/second", random.uniform(hidden), hidden, dim),
		bias:   variable(store, "/predictor/bias", constant(0), dim),
	}
}

// Learnt lists the variables that a gradient moves.
func (p *Predictor) Learnt() []*model.Variable {
	return []*model.Variable{p.first, p.scale, p.offset, p.second, p.bias}
}

// apply foretells, [batch, dim] of [batch, dim].
func (p *Predictor) apply(embeddings *graph.Node) *graph.Node {
	g := embeddings.Graph()
	x := graph.MatMul(embeddings, p.first.NodeValue(g))
	mean, variance := moments(x)
	factor, shift := affine(mean, variance, p.scale.NodeValue(g), p.offset.NodeValue(g))
	row := func(v *graph.Node) *graph.Node { return graph.Reshape(v, 1, -1) }
	x = relu(graph.Add(graph.Mul(x, row(factor)), row(shift)))
	return graph.Add(graph.MatMul(x, p.second.NodeValue(g)), row(p.bias.NodeValue(g)))
}

// Scores compares what is foretold of each image with the embeddings of the others, which moves lets move too.
func (p *Predictor) Scores(related losses.Relation, labels, embeddings *graph.Node, sim losses.Similarity, moves bool) losses.Scores {
	embeddings = standardised(embeddings)
	others := embeddings
	if !moves {
		others = graph.StopGradient(embeddings)
	}
	s := losses.PairsBy(related, labels, others, sim) // which are pairs
	s.AnchorVectors = p.apply(embeddings)
	s.Similarity = sim.Of(s.AnchorVectors, s.CandidateVectors)
	return s
}

// standardised brings each number of the embeddings to mean 0 and variance 1 over the batch. Untrained embeddings are much alike: the
// mean goes first, or float32 would lose the variance beside its square.
func standardised(embeddings *graph.Node) *graph.Node {
	row := func(v *graph.Node) *graph.Node { return graph.Reshape(v, 1, -1) }
	mean, _ := moments(embeddings)
	centred := graph.Sub(embeddings, row(mean))
	_, variance := moments(centred)
	ones := graph.OnesLike(mean)
	factor, _ := affine(graph.ZerosLike(mean), variance, ones, graph.ZerosLike(ones))
	return graph.Mul(centred, row(factor))
}
