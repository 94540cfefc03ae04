package train

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// learner is a network in training: its variables, their optimiser and the compiled step.
type learner struct {
	config   Config
	store    *model.Store
	layers   layers
	weights  *model.Variable // [classes · centers, dim], nil under pair-wise labels
	predict  predictor       // its zero value is none
	related  losses.Relation // of the labels of a pair-wise loss
	numbered bool            // batches may have an image twice, which is no pair
	groups   []group
	average  average
	exec     *model.Exec
	spread   *spread   // nil: one device
	pieces   *pieces   // nil: the batch goes through the network at once
	table    tableStep // nil: the class weights are a variable of the step, as the network's are
}

// newLearner makes the variables of a configuration for batches of a data set, and the executor of a step.
func newLearner(backend compute.Backend, config Config, options Options, batches *data.PairBatches) (*learner, error) {
	objective, err := config.objective(options.Loss)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	l := &learner{config: config, store: model.NewStore(), related: losses.SameLabel}
	if l.numbered, err = config.checkPairs(batches, objective.labels); err != nil {
		return nil, err
	}
	if l.numbered {
		l.related = losses.OtherImages
	}
	if l.layers, err = makeLayers(backend, l.store, config.Network, config.Seed, options.Network); err != nil {
		return nil, err
	}
	if config.Precision == BFloat16 {
		l.layers = halved(l.layers)
	}
	learnt := l.layers.learnt()
	if config.Predictor > 0 {
		l.predict = newPredictor(l.store, config.Dim, config.Predictor, newSource(config.Seed, forPredictor))
		learnt = append(learnt, l.predict.learnt()...)
	}
	l.groups = []group{config.newGroup(l.store, config.WeightDecay, learnt...)}
	if objective.labels == losses.ClassLabels {
		l.weights = classWeights(l.store, len(batches.Dataset.Classes())*losses.CentersOf(objective.loss), config.Dim, newSource(config.Seed, forClasses))
		l.groups = append(l.groups, config.newGroup(l.store, 0, l.weights))
		if l.table, err = newTableStep(backend, l.store, l, options, objective); err != nil {
			return nil, err
		}
		if l.table != nil {
			l.groups = l.groups[:1]
		}
	}
	if l.weights == nil && config.ClassBlock != 0 {
		return nil, fmt.Errorf("train: classes are taken in blocks for class-level labels, and %s has %s ones: leave ClassBlock 0", config.Loss, objective.labels)
	}
	if config.Average > 0 {
		if l.average, err = newAverage(l.store, allOf(l.layers)); err != nil {
			return nil, err
		}
	}
	streamed, err := l.streamed(objective, options)
	if err != nil {
		return nil, err
	}
	if config.Pieces > 1 || streamed {
		if options.Devices > 1 || l.table != nil {
			return nil, fmt.Errorf("train: a batch in pieces is for one device, and for class weights that are looked at whole")
		}
		l.pieces, err = newPieces(backend, l, objective, streamed)
		return l, err
	}
	l.exec, err = model.NewExec(backend, l.store, func(_ *model.Scope, inputs []*graph.Node) []*graph.Node {
		if l.table != nil {
			return l.table.build(l, inputs)
		}
		return l.build(objective, inputs[0], inputs[1], inputs[2])
	})
	if err != nil {
		return nil, fmt.Errorf("train: cannot build the step: %w", err)
	}
	return l, nil
}

// build makes the graph of a step: of images float32 [batch, size, size, channels] and labels int32 [batch], or [batch, 2] as [pull] says.
// numbers is float32 [5]: the learning rates of network and class weights, the optimiser's corrections, and how much of the running means
// is kept. It returns the loss; the batch's cosine similarities [batch, batch], whatever the loss measures with, so that histories of all
// losses can be compared; and the sum of squares of all that was learnt. That is not finite once a run has diverged, even where the loss
// does not show it.
func (l *learner) build(o objective, images, labels, numbers *graph.Node) []*graph.Node {
	embeddings := l.embeddings(images)
	loss := o.reduction.Of(o.loss, l.scores(o, labels, embeddings))
	_, size := l.descend(loss, numbers)
	return []*graph.Node{loss, cosines(embeddings), size}
}

// embeddings builds the network as it is in training.
func (l *learner) embeddings(images *graph.Node) *graph.Node {
	return l.layers.embeddings(images, !l.config.FrozenNorm)
}

// descend moves all variables against the gradient of a loss, and returns its gradients on more nodes, and the sum of squares of
// the variables.
func (l *learner) descend(loss, numbers *graph.Node, more ...*graph.Node) (gradients []*graph.Node, size *graph.Node) {
	g := loss.Graph()
	var learnt []*graph.Node
	for _, group := range l.groups {
		for _, v := range group.variables {
			learnt = append(learnt, v.NodeValue(g))
		}
	}
	gradients = graph.Gradient(loss, append(learnt, more...)...)
	mine := len(learnt)
	return gradients[mine:], l.apply(clip(gradients[:mine], l.config.ClipNorm), numbers)
}

// apply moves all variables against their gradients and the running means after them. It returns the sum of squares of the variables.
func (l *learner) apply(gradients []*graph.Node, numbers *graph.Node) (size *graph.Node) {
	g := numbers.Graph()
	size = graph.ScalarZero(g, numbers.DType())
	for i, group := range l.groups {
		n := len(group.variables)
		group.update(gradients[:n], number(numbers, i), number(numbers, 2), number(numbers, 3))
		for _, v := range group.variables {
			size = graph.Add(size, graph.ReduceAllSum(graph.Square(v.NodeValue(g))))
		}
		gradients = gradients[n:]
	}
	l.average.follow(number(numbers, 4))
	return size
}

// number is one of those that a step is given.
func number(numbers *graph.Node, i int) *graph.Node {
	return graph.Reshape(graph.Slice(numbers, graph.AxisElem(i)))
}

// cosines are the similarities among a batch, for the history: of the first [watched] images of a larger one.
func cosines(embeddings *graph.Node) *graph.Node {
	fixed := graph.StopGradient(embeddings)
	if fixed.Shape().Dim(0) > watched {
		fixed = graph.SliceAxis(fixed, 0, graph.AxisRangeFromStart(watched))
	}
	return losses.Cosine.Of(fixed, fixed)
}

// scores compares a batch with itself, with what the predictor makes of it, or with the class weights.
func (l *learner) scores(o objective, labels, embeddings *graph.Node) losses.Scores {
	switch {
	case l.weights != nil:
		return losses.Classes(labels, embeddings, l.weights.NodeValue(labels.Graph()), losses.Measure(o.loss, o.similarity))
	case l.predict.first != nil:
		return l.predict.scores(l.related, labels, embeddings, o.similarity)
	}
	return losses.PairsBy(l.related, labels, embeddings, o.similarity)
}

// outcome is what a step gave.
type outcome struct {
	loss         float64
	size         float64         // sum of squares of all that was learnt
	similarities *tensors.Tensor // float32 [batch, batch]
}

// do takes one step, counted from 1, on a batch. It frees the batch.
func (l *learner) do(step int, batch batch) (outcome, error) {
	c := l.config
	if shape := batch.images.Shape(); shape.Dim(0) != c.Classes*c.PerClass {
		return outcome{}, fmt.Errorf("train: step %d: the batch must have %d × %d images, got %s", step, c.Classes, c.PerClass, shape)
	}
	factor := c.factor(step)
	first, second := corrections(step)
	numbers := []float32{float32(c.LearningRate * factor), float32(c.ClassLearningRate * factor), float32(first), float32(second), float32(c.kept(step))}
	var results []*tensors.Tensor
	var err error
	if l.pieces != nil {
		results, err = l.pieces.do(batch, numbers)
	} else if l.table != nil {
		results, err = l.table.do(l, step, batch, numbers)
	} else {
		results, err = l.call(batch.images, batch.labels, tensorOf(numbers, len(numbers)))
	}
	for _, input := range []*tensors.Tensor{batch.images, batch.labels} {
		if err == nil {
			err = input.FinalizeAll()
		}
	}
	if err != nil {
		return outcome{}, fmt.Errorf("train: step %d: %w", step, err)
	}
	return outcome{
		loss: float64(tensors.ToScalar[float32](results[0])), size: float64(tensors.ToScalar[float32](results[2])), similarities: results[1],
	}, nil
}
