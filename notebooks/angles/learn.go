package angles

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// Recipe is a class-level loss with what it measures by.
type Recipe struct {
	Name       string
	Loss       losses.Loss
	Similarity losses.Similarity
}

// Wide is the numbers of an embedding where it need not be drawn.
const Wide = 32

// Learnt is a network after some steps: where it puts the drawings, and its class vectors.
type Learnt struct {
	Recipe
	Step        int
	Value       float64 // of the loss, over the drawings to learn from
	Learn, Test Embedded
	Weights     [][]float64 // [classes][2]
}

// Embedded is drawings in the plane.
type Embedded struct {
	Points    []viz.Point
	Labels    []int32
	Predicted []int32 // the class whose vector is most similar, as the loss measures
}

const (
	hidden = 64   // units
	rate   = 0.01 // of Adam
)

// Learn trains a network of one hidden layer to embeddings of two numbers, on all drawings at once, and returns it after each
// of some numbers of steps, rising. The first values are the same for every recipe. A quick run has a tenth of the steps.
func Learn(b compute.Backend, d Drawings, r Recipe, steps ...int) ([]Learnt, error) {
	if len(steps) == 0 || !slices.IsSorted(steps) || steps[0] < 0 {
		return nil, fmt.Errorf("angles: %s: the steps to stop at must rise from 0 or more, got %v", r.Name, steps)
	}
	store := newNetwork(len(d.Names), 2)
	images, labels := tensors.FromValue(d.Learn.Pixels), tensors.FromValue(d.Learn.Labels)
	adam := optimizer.Adam().LearningRate(rate).Done()
	step, err := model.NewExec(b, store, func(scope *model.Scope, images, labels *graph.Node) *graph.Node {
		loss := losses.ClassLevel(r.Loss, r.Similarity, losses.Mean)([]*graph.Node{labels}, predictions(store, images))
		adam.UpdateGraph(scope, loss.Graph(), loss)
		return loss
	})
	if err != nil {
		return nil, fmt.Errorf("angles: %s: %w", r.Name, err)
	}
	defer step.Finalize()
	look, err := model.NewExec(b, store, func(_ *model.Scope, images *graph.Node) []*graph.Node {
		made := predictions(store, images)
		return append(made, graph.ArgMax(r.Similarity.Of(made[0], made[1]), -1))
	})
	if err != nil {
		return nil, fmt.Errorf("angles: %s: %w", r.Name, err)
	}
	defer look.Finalize()
	var all []Learnt
	done, value := 0, math.NaN()
	for _, stop := range steps {
		for ; done < stop/quicker(); done++ {
			results, err := step.Call(images, labels)
			if err != nil {
				return nil, fmt.Errorf("angles: %s: step %d: %w", r.Name, done+1, err)
			}
			value = float64(tensors.ToScalar[float32](results[0]))
		}
		l, err := snapshot(look, d)
		if err != nil {
			return nil, fmt.Errorf("angles: %s: step %d: %w", r.Name, done, err)
		}
		l.Recipe, l.Step, l.Value = r, stop, value
		all = append(all, l)
	}
	return all, nil
}

// quicker returns what the steps of a run are divided by.
func quicker() int {
	if quick.Asked() {
		return 10
	}
	return 1
}

// newNetwork makes the variables: drawn on the host, so that a seed means the same on every backend.
func newNetwork(classes, dim int) *model.Store {
	random := rand.New(rand.NewPCG(7, 0))
	store := model.NewStore()
	normal := func(path string, deviation float64, dims ...int) {
		values := make([]float32, dims[0]*dims[1])
		for i := range values {
			values[i] = float32(deviation * random.NormFloat64())
		}
		store.VariableWithValue(path, tensors.FromFlatDataAndDimensions(values, dims...))
	}
	normal("/hidden/weights", math.Sqrt(2.0/(side*side)), side*side, hidden)
	normal("/plane/weights", math.Sqrt(1.0/hidden), hidden, dim)
	normal("/classes/weights", 1, classes, dim)
	return store
}

// predictions builds the network: the embeddings, and the class vectors beside them.
func predictions(store *model.Store, images *graph.Node) []*graph.Node {
	value := func(path string) *graph.Node { return store.GetVariable(path).NodeValue(images.Graph()) }
	x := graph.MatMul(images, value("/hidden/weights"))
	x = graph.Max(x, graph.ZerosLike(x))
	return []*graph.Node{graph.MatMul(x, value("/plane/weights")), value("/classes/weights")}
}

// snapshot embeds all drawings.
func snapshot(look *model.Exec, d Drawings) (Learnt, error) {
	var l Learnt
	for _, part := range []struct {
		set  Set
		into *Embedded
	}{{d.Learn, &l.Learn}, {d.Test, &l.Test}} {
		results, err := look.Call(part.set.Pixels)
		if err != nil {
			return Learnt{}, err
		}
		for i, e := range results[0].Value().([][]float32) {
			if s := e[0] + e[1]; s != s || math.IsInf(float64(s), 0) {
				return Learnt{}, fmt.Errorf("the embedding of drawing %d is (%g, %g): the training has diverged", i, e[0], e[1])
			}
			part.into.Points = append(part.into.Points, viz.Point{X: float64(e[0]), Y: float64(e[1])})
		}
		part.into.Labels, part.into.Predicted = part.set.Labels, results[2].Value().([]int32)
		l.Weights = nil
		for _, w := range results[1].Value().([][]float32) {
			l.Weights = append(l.Weights, []float64{float64(w[0]), float64(w[1])})
		}
	}
	return l, nil
}
