package pml

import (
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/losses"
)

// batch holds what both sides compute.
type batch struct {
	Embeddings [][]float32 `json:"embeddings"`
	Labels     []int32     `json:"labels"`
	Weights    [][]float32 `json:"weights"` // as many rows as the loss of most centers needs
	Classes    int         `json:"classes"`
}

// ours is a loss compiled for a batch, whose tensors stay on the device.
type ours struct {
	exec   *graph.Exec
	inputs []any
}

// newOurs compiles a loss for value and gradients.
func newOurs(device compute.Backend, entry losses.Entry, c counterpart, in batch) (*ours, error) {
	loss, err := entry.With(c.settings)
	if err != nil {
		return nil, err
	}
	sim := entry.Similarity
	classLevel := entry.Labels == losses.ClassLabels
	exec, err := graph.NewExec(device, func(labels, embeddings, weights *graph.Node) []*graph.Node {
		if !classLevel {
			value := c.reduce.Of(loss, pairScores(c, labels, embeddings, sim))
			return append([]*graph.Node{value}, graph.Gradient(value, embeddings)...)
		}
		value := c.reduce.Of(loss, losses.Classes(labels, embeddings, weights, losses.Measure(loss, sim)))
		return append([]*graph.Node{value}, graph.Gradient(value, embeddings, weights)...)
	})
	if err != nil {
		return nil, err
	}
	rows := in.Classes * losses.CentersOf(loss)
	inputs := []*tensors.Tensor{tensors.FromValue(in.Labels), matrix(in.Embeddings), matrix(in.Weights[:rows])}
	o := &ours{exec: exec}
	for _, input := range inputs {
		if err := input.ToDevice(device, 0); err != nil {
			return nil, err
		}
		o.inputs = append(o.inputs, input)
	}
	return o, nil
}

func pairScores(c counterpart, labels, embeddings *graph.Node, sim losses.Similarity) losses.Scores {
	switch c.pairs {
	case firstTwo:
		row := func(x *graph.Node, i int) *graph.Node {
			return graph.SliceAxis(x, 0, graph.AxisRangeToEnd(i).Stride(perClass))
		}
		return losses.PairsAgainst(row(labels, 0), row(embeddings, 0), row(labels, 1), row(embeddings, 1), sim)
	case halves:
		half := embeddings.Shape().Dim(0) / 2
		numbers := graph.Iota(labels.Graph(), shapes.Make(labels.DType(), half), 0)
		view := func(i int) *graph.Node { return graph.SliceAxis(embeddings, 0, graph.AxisRange(i*half, (i+1)*half)) }
		return losses.PairsAgainst(numbers, view(0), numbers, view(1), sim)
	default:
		return losses.Pairs(labels, embeddings, sim)
	}
}

func matrix(rows [][]float32) *tensors.Tensor {
	var flat []float32
	for _, row := range rows {
		flat = append(flat, row...)
	}
	return tensors.FromFlatDataAndDimensions(flat, len(rows), len(rows[0]))
}

// result is a value with its gradients by the embeddings and, where there are any, by the class weights.
type result struct {
	value     float64
	gradients [][]float32
	finite    bool    // value and all gradients
	largest   float64 // of all gradients
}

func (o *ours) value() (result, error) {
	out, err := o.exec.Call(o.inputs...)
	if err != nil {
		return result{}, err
	}
	r := result{value: float64(tensors.ToScalar[float32](out[0]))}
	r.finite = isFinite(r.value)
	for i, t := range out[1:] {
		if t.DType() != dtypes.Float32 {
			return result{}, fmt.Errorf("gradient %d is %s", i, t.Shape())
		}
		gradient := tensors.MustCopyFlatData[float32](t)
		for _, x := range gradient {
			r.largest = max(r.largest, math.Abs(float64(x)))
			r.finite = r.finite && isFinite(float64(x))
		}
		r.gradients = append(r.gradients, gradient)
	}
	return r, nil
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Take implements [turns.Contender]: values with their gradients, which stay on the device.
func (o *ours) Take(runs int) (turns.Turn, error) {
	begin := time.Now()
	for range runs {
		out, err := o.exec.Call(o.inputs...)
		if err != nil {
			return turns.Turn{}, err
		}
		_ = tensors.ToScalar[float32](out[0]) // waits for the whole program
		for _, t := range out {
			t.MustFinalizeAll()
		}
	}
	return turns.Turn{Wall: time.Since(begin).Seconds() / float64(runs)}, nil
}
