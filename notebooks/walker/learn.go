package walker

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/pkg/losses"
)

// Time says what is made of it: which frames of a clip are a positive pair, and which frames are negative.
type Time struct {
	Window int  // frames of a clip so many apart, or fewer, are positive
	Others bool // frames of other clips are negatives too, and not those of the same clip alone
	Reach  int  // frames of a clip farther apart than this are no negatives; 0: however far
}

const (
	dim    = 32 // numbers of an embedding
	clips  = 8  // of a batch
	frames = 16 // of each, out of twice as many in a row
	rate   = 2e-3
)

// Steps returns how many a training has: 400, and 40 in a quick run.
func Steps() int {
	if quick.Asked() {
		return 40
	}
	return 400
}

// Seeds returns how many seeds a setting is trained with: 5, and 1 in a quick run.
func Seeds() int {
	if quick.Asked() {
		return 1
	}
	return 5
}

// Learner trains the same network under one loss, again and again: another time, another seed. It compiles once.
type Learner struct {
	Name  string
	store *model.Store
	step  *model.Exec
	look  *model.Exec
}

// NewLearner makes a learner. Finalize it.
func NewLearner(b compute.Backend, name string, loss losses.Loss) (*Learner, error) {
	if err := loss.Validate(); err != nil {
		return nil, fmt.Errorf("walker: %s: %w", name, err)
	}
	l := &Learner{Name: name, store: model.NewStore()}
	if err := l.begin(0); err != nil {
		return nil, err
	}
	adam := optimizer.Adam().LearningRate(rate).Done()
	var err error
	l.step, err = model.NewExec(b, l.store, func(scope *model.Scope, in []*graph.Node) *graph.Node {
		value := losses.Mean.Of(loss, scores(l.embed(in[0]), in[1], in[2], in[3]))
		adam.UpdateGraph(scope, value.Graph(), value)
		return value
	})
	if err == nil {
		l.look, err = model.NewExec(b, l.store, func(_ *model.Scope, images *graph.Node) *graph.Node { return l.embed(images) })
	}
	if err != nil {
		return nil, fmt.Errorf("walker: %s: %w", name, err)
	}
	return l, nil
}

// Finalize frees what the learner has compiled.
func (l *Learner) Finalize() {
	l.step.Finalize()
	l.look.Finalize()
}

var layers = [][2]int{{pixel, 256}, {256, 128}, {128, dim}}

// begin gives the network its first values, drawn on the host, and the optimiser none.
func (l *Learner) begin(seed uint64) error {
	var failed error
	random := rand.New(rand.NewPCG(seed, 3))
	set := func(path string, deviation float64, dims ...int) {
		size := 1
		for _, d := range dims {
			size *= d
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(deviation * random.NormFloat64())
		}
		t := tensors.FromFlatDataAndDimensions(values, dims...)
		if v := l.store.GetVariable(path); v != nil {
			failed = errors.Join(failed, v.SetValue(t))
		} else {
			l.store.VariableWithValue(path, t)
		}
	}
	for i, layer := range layers {
		set(fmt.Sprintf("/layers/%d", i), math.Sqrt(2/float64(layer[0])), layer[0], layer[1])
		set(fmt.Sprintf("/biases/%d", i), 0, layer[1])
	}
	for v := range l.store.IterVariables() {
		if path := v.Path(); !strings.HasPrefix(path, "/layers/") && !strings.HasPrefix(path, "/biases/") && !strings.Contains(path, "learning_rate") {
			failed = errors.Join(failed, v.SetValue(tensors.FromShape(v.Shape()))) // a mean of the optimiser's, or its count
		}
	}
	if failed != nil {
		return fmt.Errorf("walker: %s: %w", l.Name, failed)
	}
	return nil
}

// embed builds the network, [images, pixels] to [images, dim] of length 1.
func (l *Learner) embed(x *graph.Node) *graph.Node {
	value := func(path string) *graph.Node { return l.store.GetVariable(path).NodeValue(x.Graph()) }
	for i := range layers {
		x = graph.Add(graph.MatMul(x, value(fmt.Sprintf("/layers/%d", i))), graph.Reshape(value(fmt.Sprintf("/biases/%d", i)), 1, -1))
		if i+1 < len(layers) {
			x = graph.Max(x, graph.ZerosLike(x))
		}
	}
	return losses.Normalize(x)
}

// scores compares a batch with itself. clip and at say which frame of which clip each is; rules are those of a Time, as numbers.
func scores(embeddings, clip, at, rules *graph.Node) losses.Scores {
	column := func(x *graph.Node) *graph.Node { return graph.Reshape(x, -1, 1) }
	row := func(x *graph.Node) *graph.Node { return graph.Reshape(x, 1, -1) }
	rule := func(i int) *graph.Node { return graph.Reshape(graph.Slice(rules, graph.AxisElem(i)), 1, 1) }
	same := graph.Equal(column(clip), row(clip))
	apart := graph.Abs(graph.Sub(column(at), row(at)))
	no := graph.ZerosLike(apart)
	near := graph.LogicalAnd(same, graph.LessOrEqual(apart, graph.BroadcastToShape(rule(0), apart.Shape())))
	reached := graph.LessOrEqual(apart, graph.BroadcastToShape(rule(2), apart.Shape()))
	others := graph.GreaterThan(graph.BroadcastToShape(rule(1), apart.Shape()), no)
	return losses.Scores{
		Similarity: losses.Cosine.Of(embeddings, embeddings),
		Positive:   graph.LogicalAnd(near, graph.GreaterThan(apart, no)),
		Negative: graph.LogicalOr(
			graph.LogicalAnd(graph.LogicalAnd(same, graph.LogicalNot(near)), reached),
			graph.LogicalAnd(graph.LogicalNot(same), others)),
	}
}

// Learn trains from the first values of a seed and returns what the network makes of other clips.
func (l *Learner) Learn(learn []Clip, time Time, seed uint64, others []Clip) (Embedded, error) {
	if time.Window < 1 || time.Window >= 2*frames-1 || len(learn) < clips {
		return Embedded{}, fmt.Errorf("walker: want a window of 1 to %d frames and at least %d clips, got %d and %d", 2*frames-2, clips,
			time.Window, len(learn))
	}
	if err := l.begin(seed); err != nil {
		return Embedded{}, err
	}
	rules := []int32{int32(time.Window), 0, int32(time.Reach)}
	if time.Others {
		rules[1] = 1
	}
	if time.Reach == 0 {
		rules[2] = Long
	}
	random := rand.New(rand.NewPCG(seed, 4))
	for step := range Steps() {
		images, clip, at := batch(random, learn)
		results, err := l.step.Call(images, clip, at, rules)
		if err != nil {
			return Embedded{}, fmt.Errorf("walker: %s: step %d: %w", l.Name, step+1, err)
		}
		if value := results[0].Value().(float32); value != value {
			return Embedded{}, fmt.Errorf("walker: %s: step %d: the loss is not a number", l.Name, step+1)
		}
	}
	return l.Embed(others)
}

// batch draws clips, a stretch of each, and half of its frames.
func batch(random *rand.Rand, learn []Clip) (images *tensors.Tensor, clip, at []int32) {
	var flat []float32
	for _, c := range random.Perm(len(learn))[:clips] {
		start := random.IntN(Long - 2*frames + 1)
		for _, t := range random.Perm(2 * frames)[:frames] {
			flat = append(flat, learn[c].Frames[start+t]...)
			clip, at = append(clip, int32(c)), append(at, int32(start+t))
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, clips*frames, pixel), clip, at
}

// Embed returns what the network makes of clips as it is.
func (l *Learner) Embed(some []Clip) (Embedded, error) {
	var flat []float32
	for _, c := range some {
		for _, frame := range c.Frames {
			flat = append(flat, frame...)
		}
	}
	results, err := l.look.Call(tensors.FromFlatDataAndDimensions(flat, len(some)*Long, pixel))
	if err != nil {
		return Embedded{}, fmt.Errorf("walker: %s: %w", l.Name, err)
	}
	return newEmbedded(some, dim, tensors.MustCopyFlatData[float32](results[0])), nil
}

// Untrained returns what the network of a seed makes of clips before it has learnt.
func (l *Learner) Untrained(seed uint64, some []Clip) (Embedded, error) {
	if err := l.begin(seed); err != nil {
		return Embedded{}, err
	}
	return l.Embed(some)
}
