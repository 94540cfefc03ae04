package main

import (
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// batch is what both sides compute.
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
	sim, err := losses.FindSimilarity(entry.Similarity)
	if err != nil {
		return nil, err
	}
	classLevel := entry.Labels == losses.ClassLabels
	exec, err := graph.NewExec(device, func(labels, embeddings, weights *graph.Node) []*graph.Node {
		if !classLevel {
			value := c.reduce(loss, pairScores(c, labels, embeddings, sim))
			return append([]*graph.Node{value}, graph.Gradient(value, embeddings)...)
		}
		value := c.reduce(loss, losses.Classes(labels, embeddings, weights, losses.Measure(loss, sim)))
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
	if !c.onePair {
		return losses.Pairs(labels, embeddings, sim)
	}
	row := func(x *graph.Node, i int) *graph.Node {
		return graph.SliceAxis(x, 0, graph.AxisRangeToEnd(i).Stride(perClass))
	}
	return losses.PairsAgainst(row(labels, 0), row(embeddings, 0), row(labels, 1), row(embeddings, 1), sim)
}

func matrix(rows [][]float32) *tensors.Tensor {
	var flat []float32
	for _, row := range rows {
		flat = append(flat, row...)
	}
	return tensors.FromFlatDataAndDimensions(flat, len(rows), len(rows[0]))
}

// result is a value with its gradient by the embeddings.
type result struct {
	value    float64
	gradient []float32
	finite   bool    // value and all gradients
	largest  float64 // of all gradients
}

func (o *ours) value() (result, error) {
	out, err := o.exec.Call(o.inputs...)
	if err != nil {
		return result{}, err
	}
	r := result{value: float64(tensors.ToScalar[float32](out[0])), finite: true}
	for i, t := range out {
		if t.DType() != dtypes.Float32 {
			return result{}, fmt.Errorf("output %d is %s", i, t.Shape())
		}
		for _, x := range tensors.MustCopyFlatData[float32](t) {
			if i > 0 {
				r.largest = max(r.largest, math.Abs(float64(x)))
			}
			r.finite = r.finite && !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0)
		}
	}
	r.gradient = tensors.MustCopyFlatData[float32](out[1])
	return r, nil
}

// time returns the seconds of so many values with their gradients, which stay on the device.
func (o *ours) time(runs int) (float64, error) {
	begin := time.Now()
	for range runs {
		out, err := o.exec.Call(o.inputs...)
		if err != nil {
			return 0, err
		}
		_ = tensors.ToScalar[float32](out[0]) // waits for the whole program
		for _, t := range out {
			t.MustFinalizeAll()
		}
	}
	return time.Since(begin).Seconds(), nil
}
