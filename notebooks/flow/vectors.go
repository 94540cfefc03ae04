package flow

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// Sphere is a handful of unit vectors in classes, free to go where a loss of their cosines sends them.
type Sphere struct {
	Classes, PerClass, Dim int
	Seed                   uint64  // of where they start
	Rate                   float64 // a step goes Rate times the gradient, and back to the sphere
	Steps                  int
}

// Moment is what a step found before it moved.
type Moment struct {
	Value      float64 // the mean loss of an anchor
	Sp, Sn     float64 // mean cosine within a class, and between classes
	LargestSn  float64 // the largest cosine between classes
	SmallestSp float64 // the smallest within a class
}

// Vectors moves the vectors down the gradient of the mean loss and returns all steps, the start first.
func Vectors(b compute.Backend, loss losses.Loss, s Sphere) ([]Moment, error) {
	if s.Classes < 2 || s.PerClass < 2 || s.Dim < 2 || s.Steps < 1 || !(s.Rate > 0) {
		return nil, fmt.Errorf("flow.Vectors: want at least 2 classes, vectors a class and dimensions, a step, and a rate > 0, got %+v", s)
	}
	labels, vectors := s.start()
	exec, err := graph.NewExec(b, func(labels, vectors *graph.Node) []*graph.Node {
		scores := losses.Pairs(labels, vectors, losses.Cosine)
		value := losses.Mean.Of(loss, scores)
		slope := graph.Gradient(value, vectors)[0]
		moved := losses.Normalize(graph.Sub(vectors, graph.MulScalar(slope, s.Rate)))
		return []*graph.Node{value, scores.Similarity, moved}
	})
	if err != nil {
		return nil, fmt.Errorf("flow.Vectors: %w", err)
	}
	defer exec.Finalize()
	var course []Moment
	for range s.Steps + 1 {
		results, err := exec.Call(labels, vectors)
		if err != nil {
			return nil, fmt.Errorf("flow.Vectors: %T: %w", loss, err)
		}
		m := momentOf(labels, results[1].Value().([][]float64))
		m.Value = results[0].Value().(float64)
		if math.IsNaN(m.Value + m.Sp + m.Sn) {
			return nil, fmt.Errorf("flow.Vectors: %T is not a number at step %d", loss, len(course))
		}
		course = append(course, m)
		vectors = results[2].Value().([][]float64)
	}
	return course, nil
}

func (s Sphere) start() (labels []int32, vectors [][]float64) {
	random := rand.New(rand.NewPCG(s.Seed, 0))
	for i := range s.Classes * s.PerClass {
		labels = append(labels, int32(i/s.PerClass))
		v, square := make([]float64, s.Dim), 0.0
		for j := range v {
			v[j] = random.NormFloat64()
			square += v[j] * v[j]
		}
		for j := range v {
			v[j] /= math.Sqrt(square)
		}
		vectors = append(vectors, v)
	}
	return labels, vectors
}

func momentOf(labels []int32, cosines [][]float64) Moment {
	m := Moment{LargestSn: -1, SmallestSp: 1}
	var within, between float64
	for i, row := range cosines {
		for j, c := range row[:i] {
			if labels[i] == labels[j] {
				m.Sp, within, m.SmallestSp = m.Sp+c, within+1, min(m.SmallestSp, c)
			} else {
				m.Sn, between, m.LargestSn = m.Sn+c, between+1, max(m.LargestSn, c)
			}
		}
	}
	m.Sp, m.Sn = m.Sp/within, m.Sn/between
	return m
}

// Lowest is the step of a course at which the value is least.
func Lowest(course []Moment) int {
	lowest := 0
	for i, m := range course {
		if m.Value < course[lowest].Value {
			lowest = i
		}
	}
	return lowest
}
