package train

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// learner holds a network in training: its variables, their optimiser, and the parts of which the graph of a step is made.
type learner struct {
	config    Config
	objective objective
	store     *model.Store
	layers    network.Layers
	weights   *model.Variable    // [classes · centers, dim], nil under pair-wise labels
	predictor *network.Predictor // nil: none
	related   losses.Relation    // of the labels of a pair-wise loss
	numbered  bool               // batches, or a batch and the memory, may have an image twice, which is no pair
	hard      *model.Variable    // the classes that each is taken for, int32 [classes, near]; nil: none are looked for
	average   average

	// What a step's graph moves: the layers with their predictor, and the class weights unless a [table] has taken them.
	layerGroup group
	classGroup *group
	block      int               // of classes that the loss looks at at a time; 0 is all, or a sample
	classShare classShare        // of class weights in blocks
	split      []*model.Variable // of which each process has the rows of its own classes
}

// newLearner makes the variables of a configuration for batches of a data set.
func newLearner(backend compute.Backend, config Config, options Options, batches *data.PairBatches) (*learner, error) {
	objective, err := config.objective(options.Loss)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	l := &learner{config: config, objective: objective, store: model.NewStore(), related: losses.SameLabel}
	if l.numbered, err = config.checkPairs(batches, objective.labels); err != nil {
		return nil, err
	}
	l.numbered = l.numbered || config.CrossBatch > 0 && !config.ViewPairs
	if l.numbered {
		l.related = losses.OtherImages
	}
	if _, _, several := data.Labels(batches.Dataset); several {
		l.related = losses.SharedLabels
	}
	random := network.NewSource(config.Seed, network.ForLayers)
	if l.layers, err = makeLayers(backend, l.store, config.Network, config.Precision, random, options.Network); err != nil {
		return nil, err
	}
	learnt := l.layers.Learnt()
	if config.Predictor > 0 {
		l.predictor = network.NewPredictor(l.store, config.Dim, config.Predictor, network.NewSource(config.Seed, network.ForPredictor))
		learnt = append(learnt, l.predictor.Learnt()...)
	}
	l.layerGroup = config.newGroup(l.store, config.WeightDecay, learnt...)
	if config.trainsBackbone() {
		l.layerGroup.slow, l.layerGroup.part = len(network.Below(l.layers)), config.Backbone.Rate(config.LearningRate)/config.LearningRate
	}
	if err := l.newClassWeights(options, len(batches.Dataset.Classes())); err != nil {
		return nil, err
	}
	if err := l.newMemory(); err != nil {
		return nil, err
	}
	if err := l.newHardClasses(batches.Dataset); err != nil {
		return nil, err
	}
	if config.Average > 0 {
		l.average, err = newAverage(l.store, network.All(l.layers))
	}
	return l, err
}

// newClassWeights makes the class weights of a class-level loss, of so many classes: of those that this process has, where it has some.
func (l *learner) newClassWeights(options Options, classes int) (err error) {
	centers := losses.CentersOf(l.objective.loss)
	rows := classes * centers
	if l.block, err = l.blockOfClasses(options, rows); err != nil || l.objective.labels != losses.ClassLabels {
		return err
	}
	if l.block > 0 || l.config.ClassSample.Ratio > 0 && options.Ranks.Size() > 1 {
		if l.classShare, err = newClassShare(options.Ranks, classes, centers); err != nil {
			return err
		}
		rows = l.classShare.kept()
	}
	l.weights = network.ClassWeights(l.store, rows, l.config.Dim, network.NewSource(l.config.Seed, network.ForClasses))
	group := l.config.newGroup(l.store, 0, l.weights)
	group.ofClasses, l.classGroup = true, &group
	return nil
}

// learnt lists all that a gradient moves.
func (l *learner) learnt() (all []*model.Variable) {
	all = l.layers.Learnt()
	if l.predictor != nil {
		all = append(all, l.predictor.Learnt()...)
	}
	if l.weights != nil {
		all = append(all, l.weights)
	}
	return all
}

// moves reports whether a step changes a variable, unless it is in a [table].
func (l *learner) moves(v *model.Variable) bool {
	return v != l.hard && (!l.config.FrozenNorm || !slices.Contains(l.layers.Running(), v))
}

// embeddings builds the network as it is in training.
func (l *learner) embeddings(images *graph.Node) *graph.Node {
	return l.layers.Embeddings(images, !l.config.FrozenNorm)
}

// embeddingsOnly builds the network for a step that runs it twice: the running moments are put back, and move the second time.
func (l *learner) embeddingsOnly(images *graph.Node) *graph.Node {
	running := l.layers.Running()
	before := valuesOf(images.Graph(), running)
	embeddings := l.embeddings(images)
	for i, v := range running {
		v.SetNodeValue(before[i])
	}
	return embeddings
}

// loss builds the loss: it compares a batch with itself, with what the predictor makes of it, with a memory, or with the class weights.
func (l *learner) loss(labels, embeddings *graph.Node) *graph.Node {
	o := l.objective
	var scores losses.Scores
	switch {
	case l.weights != nil:
		scores = losses.Classes(labels, embeddings, l.weights.NodeValue(labels.Graph()), losses.Measure(o.loss, o.similarity))
	case l.predictor != nil:
		scores = l.predictor.Scores(l.related, labels, embeddings, o.similarity, l.config.PredictorMoves)
	case l.config.CrossBatch > 0:
		scores = l.memory().Scores(labels, embeddings, o.similarity)
	default:
		scores = losses.PairsBy(l.related, labels, embeddings, o.similarity)
	}
	return o.reduction.Of(o.loss, scores)
}

// groups lists what a step's graph moves.
func (l *learner) groups() []group {
	if l.classGroup == nil {
		return []group{l.layerGroup}
	}
	return []group{l.layerGroup, *l.classGroup}
}

// descend moves all groups against the gradient of a loss. It returns the gradients on more nodes, and the sum of squares of what was
// moved. That is not finite once a run has diverged, even where the loss does not show it.
func (l *learner) descend(loss *graph.Node, r rates[*graph.Node], more ...*graph.Node) (gradients []*graph.Node, size *graph.Node) {
	var learnt []*graph.Node
	for _, group := range l.groups() {
		learnt = append(learnt, valuesOf(loss.Graph(), group.variables)...)
	}
	gradients = graph.Gradient(loss, append(learnt, more...)...)
	mine := len(learnt)
	return gradients[mine:], l.apply(gradients[:mine], r)
}

// apply moves all groups against their gradients, which it clips, and the running means after them. It returns the sum of squares of
// what was moved.
func (l *learner) apply(gradients []*graph.Node, r rates[*graph.Node]) (size *graph.Node) {
	gradients = clip(gradients, l.config.ClipNorm)
	size = graph.ScalarZero(r.network.Graph(), r.network.DType())
	for _, group := range l.groups() {
		n := len(group.variables)
		group.update(gradients[:n], r)
		for _, v := range valuesOf(size.Graph(), group.variables) {
			size = graph.Add(size, graph.ReduceAllSum(graph.Square(v)))
		}
		gradients = gradients[n:]
	}
	l.average.follow(r.kept)
	return size
}

// network copies the values that embed: the running means where there are any.
func (l *learner) network() (network.Values, error) {
	if l.average.of == nil {
		return network.CopyOf(network.All(l.layers))
	}
	return l.average.values()
}

// valuesOf returns the nodes of variables in a graph.
func valuesOf(g *graph.Graph, variables []*model.Variable) []*graph.Node {
	nodes := make([]*graph.Node, len(variables))
	for i, v := range variables {
		nodes[i] = v.NodeValue(g)
	}
	return nodes
}
