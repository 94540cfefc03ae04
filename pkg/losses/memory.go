package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Memory is a cross-batch memory: the embeddings and labels of the last batches, as they were then, to compare a batch with. It
// gives a small batch many negatives. What it holds is variables of the model, so that a checkpoint keeps it whole.
//
// X. Wang et al., "Cross-Batch Memory for Embedding Learning", CVPR 2020.
type Memory struct {
	scope   *model.Scope
	vectors *model.Variable // float [slots, dim]
	labels  *model.Variable // int64 [slots]
	written *model.Variable // int64: rows written so far; the next goes to the slot written mod slots
	batches *model.Variable // int64: batches seen so far
	warmUp  int
}

// NewMemory returns a memory in a scope of the model, made on first use and then found again. slots is its shape, float [slots,
// dim], at least a batch. For the first warmUp batches it is filled but not looked at: embeddings that still change fast are no
// company for those of now.
func NewMemory(scope *model.Scope, slots shapes.Shape, warmUp int) Memory {
	if slots.Rank() != 2 || !slots.DType.IsFloat() || slots.Size() == 0 || warmUp < 0 {
		exceptions.Panicf("losses.NewMemory: slots must be float [slots, dim] and warmUp ≥ 0, got %s and %d", slots, warmUp)
	}
	scope = scope.In("memory").WithInitializer(func(g *graph.Graph, shape shapes.Shape) *graph.Node { return graph.Zeros(g, shape) })
	state := func(name string, shape shapes.Shape) *model.Variable {
		return scope.VariableWithShape(name, shape).SetTrainable(false)
	}
	return Memory{
		scope:   scope,
		vectors: state("vectors", slots),
		labels:  state("labels", shapes.Make(dtypes.Int64, slots.Dim(0))),
		written: state("written", shapes.Make(dtypes.Int64)),
		batches: state("batches", shapes.Make(dtypes.Int64)),
		warmUp:  warmUp,
	}
}

// Scores writes the batch into the memory, over what is oldest there, and compares the batch with all of it; a row's own slot is
// left out. Only the anchors' side has a gradient. labels is integer [batch], embeddings float [batch, dim].
//
// An image that comes again meets its own older embedding, which is then a positive of it. With labels integer [batch, 2], as
// [OtherImages] takes them, it is none.
func (m Memory) Scores(labels, embeddings *graph.Node, sim Similarity) Scores {
	assertVectors("Memory", "embeddings", embeddings)
	related, columns := SameLabel, []*graph.Node{labels}
	if labels.Rank() == 2 && labels.Shape().Dim(1) == 2 {
		column := func(i int) *graph.Node { return graph.Squeeze(graph.SliceAxis(labels, 1, graph.AxisElem(i)), 1) }
		related, columns = OtherImages, []*graph.Node{column(0), column(1)}
	}
	assertLabels("Memory", columns[0], embeddings)
	g, shape, rows := embeddings.Graph(), m.vectors.Shape(), embeddings.Shape().Dim(0)
	slots := shape.Dim(0)
	if rows > slots || embeddings.Shape().Dim(1) != shape.Dim(1) {
		exceptions.Panicf("losses.Memory: a memory %s does not hold a batch %s", shape, embeddings.Shape())
	}
	written, batches := m.written.NodeValue(g), m.batches.NodeValue(g)
	slot := graph.Iota(g, shapes.Make(dtypes.Int64, slots), 0)
	// The batch's row that goes to a slot: 0 at the next slot, and on round the ring.
	row := graph.Mod(graph.Sub(graph.AddScalar(slot, slots), graph.ModScalar(written, slots)), graph.Scalar(g, dtypes.Int64, slots))
	fresh := graph.LessThan(row, graph.Scalar(g, dtypes.Int64, rows))
	from := graph.InsertAxes(graph.MinScalar(row, rows-1), -1)
	vectors := graph.Where(graph.BroadcastToShape(stable.Column(fresh), shape),
		graph.Gather(graph.StopGradient(graph.ConvertDType(embeddings, shape.DType)), from), m.vectors.NodeValue(g))
	var known *graph.Node
	for i, state := range m.states(len(columns)) {
		slots := graph.Where(fresh, graph.Gather(graph.ConvertDType(columns[i], dtypes.Int64), from), state.NodeValue(g))
		state.SetNodeValue(slots)
		if known == nil {
			known = slots
		} else {
			known = graph.Stack([]*graph.Node{known, slots}, -1)
		}
	}
	written = graph.AddScalar(written, rows)
	m.vectors.SetNodeValue(vectors)
	m.written.SetNodeValue(written)
	m.batches.SetNodeValue(graph.AddScalar(batches, 1))

	s := PairsAgainstBy(related, graph.ConvertDType(labels, dtypes.Int64), embeddings, known, vectors, sim)
	filled := graph.LessThan(slot, written)
	warm := graph.GreaterOrEqual(batches, graph.Scalar(g, dtypes.Int64, m.warmUp))
	used := graph.LogicalAnd(filled, graph.LogicalOr(fresh, graph.BroadcastToShape(warm, fresh.Shape())))
	self := graph.LogicalAnd(graph.InsertAxes(fresh, 0),
		graph.Equal(graph.InsertAxes(row, 0), graph.Iota(g, shapes.Make(dtypes.Int64, rows, 1), 0)))
	pair := graph.LogicalAnd(graph.InsertAxes(used, 0), graph.LogicalNot(self))
	s.Positive, s.Negative = graph.LogicalAnd(s.Positive, pair), graph.LogicalAnd(s.Negative, pair)
	return s
}

// states returns what is kept of each slot's labels: the class, and the number of the image where labels say it.
func (m Memory) states(columns int) []*model.Variable {
	if columns == 1 {
		return []*model.Variable{m.labels}
	}
	return []*model.Variable{m.labels, m.scope.VariableWithShape("images", m.labels.Shape()).SetTrainable(false)}
}

// PairWise binds a loss as the package's [PairWise] does, against the memory. Outside of training it leaves the memory alone and compares
// the batch with itself.
func (m Memory) PairWise(l Loss, sim Similarity, reduce Reduction, miners ...Miner) loss.LossFn {
	return func(labels, predictions []*graph.Node) *graph.Node {
		assertCount("Memory.PairWise", labels, predictions, "embeddings")
		if !m.scope.IsTraining(predictions[0].Graph()) {
			related := SameLabel
			if labels[0].Rank() == 2 {
				related = OtherImages
			}
			return PairWiseBy(related, l, sim, reduce, miners...)(labels, predictions)
		}
		return reduce.Of(l, mine(m.Scores(labels[0], predictions[0], sim), miners))
	}
}
