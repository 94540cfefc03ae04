package train

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
)

// learner is a network in training: its variables, their optimiser and the compiled step.
type learner struct {
	config  Config
	store   *model.Store
	layers  layers
	weights *model.Variable // [classes · centers, dim], nil under pair-wise labels
	predict predictor       // its zero value is none
	groups  []group
	exec    *model.Exec
	spread  *spread // nil: one device
}

// newLearner makes the variables of a configuration for a data set of so many classes, and the executor of a step. The loss
// is own unless that is nil.
func newLearner(backend compute.Backend, config Config, own losses.Loss, classes int) (*learner, error) {
	objective, err := config.objective(own)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	l := &learner{config: config, store: model.NewStore()}
	l.layers = newLayers(l.store, config.Network, newSource(config.Seed, forLayers))
	learnt := l.layers.learnt()
	if config.Predictor > 0 {
		l.predict = newPredictor(l.store, config.Dim, config.Predictor, newSource(config.Seed, forPredictor))
		learnt = append(learnt, l.predict.learnt()...)
	}
	l.groups = []group{newGroup(l.store, config.WeightDecay, learnt...)}
	if objective.labels == losses.ClassLabels {
		l.weights = classWeights(l.store, classes*losses.CentersOf(objective.loss), config.Dim, newSource(config.Seed, forClasses))
		l.groups = append(l.groups, newGroup(l.store, 0, l.weights))
	}
	l.exec, err = model.NewExec(backend, l.store, func(_ *model.Scope, inputs []*graph.Node) []*graph.Node {
		return l.build(objective, inputs[0], inputs[1], inputs[2])
	})
	if err != nil {
		return nil, fmt.Errorf("train: cannot build the step: %w", err)
	}
	return l, nil
}

// build makes the graph of a step: images float32 [batch, size, size, 1], labels int32 [batch], and float32 [4] with the
// learning rates of network and class weights and the optimiser's corrections. It returns the loss; the batch's cosine
// similarities [batch, batch], whatever the loss measures with, so that histories of all losses can be compared; and the sum
// of squares of all that was learnt, which is not finite once a run has diverged, even where the loss does not show it.
func (l *learner) build(o objective, images, labels, numbers *graph.Node) []*graph.Node {
	number := func(i int) *graph.Node { return graph.Reshape(graph.Slice(numbers, graph.AxisElem(i))) }
	embeddings := l.layers.embeddings(images, true)
	loss := o.reduction(o.loss, l.scores(o, labels, embeddings))

	var learnt []*graph.Node
	for _, group := range l.groups {
		for _, v := range group.variables {
			learnt = append(learnt, v.NodeValue(images.Graph()))
		}
	}
	gradients := graph.Gradient(loss, learnt...)
	size := graph.ScalarZero(images.Graph(), loss.DType())
	for i, group := range l.groups {
		n := len(group.variables)
		group.update(gradients[:n], number(i), number(2), number(3))
		for _, v := range group.variables {
			size = graph.Add(size, graph.ReduceAllSum(graph.Square(v.NodeValue(images.Graph()))))
		}
		gradients = gradients[n:]
	}
	fixed := graph.StopGradient(embeddings)
	return []*graph.Node{loss, losses.Cosine(fixed, fixed), size}
}

// scores compares a batch with itself, with what the predictor makes of it, or with the class weights.
func (l *learner) scores(o objective, labels, embeddings *graph.Node) losses.Scores {
	switch {
	case l.weights != nil:
		return losses.Classes(labels, embeddings, l.weights.NodeValue(labels.Graph()), losses.Measure(o.loss, o.similarity))
	case l.predict.first != nil:
		return l.predict.scores(labels, embeddings, o.similarity)
	}
	return losses.Pairs(labels, embeddings, o.similarity)
}

// outcome is what a step gave.
type outcome struct {
	loss         float64
	size         float64         // sum of squares of all that was learnt
	similarities *tensors.Tensor // float32 [batch, batch]
}

// do takes one step, counted from 1, on a batch. It frees the batch.
func (l *learner) do(step int, images, labels *tensors.Tensor) (outcome, error) {
	c := l.config
	factor := schedule(step, c.Warmup, c.Steps)
	first, second := corrections(step)
	numbers := []float32{float32(c.LearningRate * factor), float32(c.ClassLearningRate * factor), float32(first), float32(second)}
	results, err := l.call(images, labels, tensorOf(numbers, len(numbers)))
	for _, batch := range []*tensors.Tensor{images, labels} {
		if err == nil {
			err = batch.FinalizeAll()
		}
	}
	if err != nil {
		return outcome{}, fmt.Errorf("train: step %d: %w", step, err)
	}
	if !slices.Equal(results[1].Shape().Dimensions, []int{c.Classes * c.PerClass, c.Classes * c.PerClass}) {
		return outcome{}, fmt.Errorf("train: step %d: the batch must have %d × %d images, got %s", step, c.Classes, c.PerClass, results[1].Shape())
	}
	return outcome{
		loss: float64(tensors.ToScalar[float32](results[0])), size: float64(tensors.ToScalar[float32](results[2])), similarities: results[1],
	}, nil
}
