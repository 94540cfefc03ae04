package explorer

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Training holds what the reader has chosen of a training on a circle: images are vectors of two numbers, and so are the vectors of
// classes.
type Training struct {
	Loss       string            `json:"loss"`
	Parameters map[string]string `json:"parameters"`
	Miner      string            `json:"miner"`
	Pace       float64           `json:"pace"`   // how far the image that is pushed most at the start goes in a step
	Labels     []int32           `json:"labels"` // of the images
	Start      State             `json:"start"`
}

// State holds where images and class vectors are, all of length 1.
type State struct {
	Images  [][]float64 `json:"images"`
	Classes [][]float64 `json:"classes"` // one vector per class, which pair-wise losses leave alone
}

// Seen holds what a loss says of a state.
type Seen struct {
	State
	Value  float64     `json:"value"`  // the mean over the images
	Weight [][]float64 `json:"weight"` // ∂L/∂s of each image with each other, or with each class: below 0 the loss pulls them together
}

// mostImages bounds what a training may cost.
const mostImages = 64

// miner is a way to narrow the pairs, by name.
type miner struct {
	name string
	of   []losses.Miner
}

func miners() []miner {
	return []miner{
		{"every pair", nil},
		{"the hardest of each image", []losses.Miner{losses.HardestPairs}},
		{"semi-hard negatives", []losses.Miner{losses.MineBy(losses.MineHard, losses.MineSemiHard)}},
		{"multi-similarity, ε = 0.1", []losses.Miner{losses.MultiSimilarityPairs(0.1)}},
	}
}

// Miners lists the miners by name.
func Miners() (names []string) {
	for _, m := range miners() {
		names = append(names, m.name)
	}
	return names
}

// Ring trains. It is a loss with its miner and its labels, compiled.
type Ring struct {
	labels  []int32
	classes int
	exec    *graph.Exec
	Rate    float64 // a step goes so many times the gradient
}

// NewRing prepares a training. Its first step moves the image that is pushed most by the pace. The ring must be closed.
func NewRing(b compute.Backend, t Training) (*Ring, error) {
	entry, err := losses.Find(t.Loss)
	if err != nil {
		return nil, err
	}
	loss, err := entry.With(t.Parameters)
	if err != nil {
		return nil, err
	}
	mine, err := findMiner(t.Miner)
	if err != nil {
		return nil, err
	}
	r := &Ring{labels: t.Labels, classes: len(t.Start.Classes)}
	if err := r.check(t.Start); err != nil {
		return nil, err
	}
	switch {
	case !(t.Pace > 0 && t.Pace <= 1):
		return nil, fmt.Errorf("a step must be above 0 and at most 1 long, got %g", t.Pace)
	case losses.CentersOf(loss) > 1:
		return nil, fmt.Errorf("%s has several vectors per class as it is set, and the circle has one", t.Loss)
	}
	r.exec, err = graph.NewExec(b, func(labels, images, classes, rate *graph.Node) []*graph.Node {
		scores := func() losses.Scores {
			if entry.Labels == losses.ClassLabels {
				return losses.Classes(labels, images, classes, losses.Measure(loss, entry.Similarity))
			}
			return losses.Pairs(labels, images, entry.Similarity)
		}
		seen := losses.ByAutodiff(scores()) // the derivative is one by Similarity, too
		mined := seen
		for _, m := range mine.of {
			mined = m(mined)
		}
		value := losses.Mean.Of(loss, mined)
		slopes := graph.Gradient(value, images, classes, seen.Similarity)
		down := func(x, slope *graph.Node) *graph.Node { return losses.Normalize(graph.Sub(x, graph.Mul(slope, rate))) }
		return []*graph.Node{value, down(images, slopes[0]), down(classes, slopes[1]), slopes[2], longest(slopes[0])}
	})
	if err != nil {
		return nil, err
	}
	first, err := r.step(t.Start)
	if err != nil {
		r.Close()
		return nil, err
	}
	if first.push > 0 {
		r.Rate = t.Pace / first.push
	}
	return r, nil
}

// longest returns the length of the longest row.
func longest(x *graph.Node) *graph.Node {
	return graph.Sqrt(graph.ReduceAllMax(graph.ReduceSum(graph.Square(x), -1)))
}

// Close gives back what the ring holds.
func (r *Ring) Close() { r.exec.Finalize() }

// Train goes some steps down the gradient, each followed by a return to the circle, and says what the loss makes of where that ends. With
// 0 steps it only looks.
func (r *Ring) Train(from State, steps int) (Seen, error) {
	if steps < 0 || steps > mostMoves {
		return Seen{}, fmt.Errorf("want 0 to %d steps, got %d", mostMoves, steps)
	}
	if err := r.check(from); err != nil {
		return Seen{}, err
	}
	for range steps {
		next, err := r.step(from)
		if err != nil {
			return Seen{}, err
		}
		from = next.moved
	}
	last, err := r.step(from)
	return Seen{from, last.value, last.weight}, err
}

// step holds what a step finds, and where it goes.
type step struct {
	value, push float64
	moved       State
	weight      [][]float64
}

func (r *Ring) step(at State) (step, error) {
	results, err := r.exec.Call(r.labels, at.Images, at.Classes, r.Rate)
	if err != nil {
		return step{}, err
	}
	rows := func(i int) [][]float64 { return results[i].Value().([][]float64) }
	s := step{results[0].Value().(float64), results[4].Value().(float64), State{rows(1), rows(2)}, rows(3)}
	if math.IsNaN(s.value + s.push) {
		return step{}, fmt.Errorf("the loss is no number")
	}
	return s, nil
}

func (r *Ring) check(s State) error {
	if n := len(r.labels); n < 2 || n > mostImages || len(s.Images) != n {
		return fmt.Errorf("want 2 to %d images and a label for each, got %d and %d", mostImages, len(s.Images), n)
	}
	if len(s.Classes) < 2 || len(s.Classes) != r.classes {
		return fmt.Errorf("want a vector for each of at least 2 classes, got %d for %d", len(s.Classes), r.classes)
	}
	for i, label := range r.labels {
		if label < 0 || int(label) >= r.classes {
			return fmt.Errorf("image %d must have a label of 0 to %d, got %d", i, r.classes-1, label)
		}
	}
	for _, rows := range [][][]float64{s.Images, s.Classes} {
		for i, row := range rows {
			if len(row) != 2 || !(math.Abs(math.Hypot(row[0], row[1])-1) < 1e-6) {
				return fmt.Errorf("vector %d must have two numbers and length 1, got %v", i, row)
			}
		}
	}
	return nil
}

func findMiner(name string) (miner, error) {
	for _, m := range miners() {
		if m.name == name {
			return m, nil
		}
	}
	return miner{}, fmt.Errorf("unknown miner %q", name)
}
