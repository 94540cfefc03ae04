// Package scoreplane asks a loss what it makes of points of the plane (s_n, s_p). These are the numbers behind the figures of pkg/viz and
// behind the explorer, which runs it in a browser. It draws nothing and imports no backend, so that it stays small there.
package scoreplane

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses"
)

// Gradients differentiates a loss at points of the plane. Point i is an anchor with one positive, of score sp[i], and one negative, of
// score sn[i], beside further negatives with the given scores. It returns the value and both derivatives at each point, float64, by
// automatic differentiation. The loss must look at its own row alone, see [losses.LooksBeyondRow].
func Gradients(b compute.Backend, loss losses.Loss, sp, sn []float64, others ...float64) (value, dsp, dsn []float64, err error) {
	plane, err := Open(b, loss, others...)
	if err != nil {
		return nil, nil, nil, err
	}
	defer plane.Close()
	return plane.Gradients(sp, sn)
}

// Plane asks one loss again and again. Its graph is built once for each number of points, which costs more than they do.
type Plane struct {
	loss losses.Loss
	exec *graph.Exec
}

// Open prepares a loss to be asked beside further negatives with the given scores. The plane must be closed.
func Open(b compute.Backend, loss losses.Loss, others ...float64) (*Plane, error) {
	exec, err := graph.NewExec(b, func(sp, sn *graph.Node) []*graph.Node { return Differentiate(loss, sp, sn, others) })
	return &Plane{loss, exec}, err
}

// Close gives back what the plane holds.
func (p *Plane) Close() { p.exec.Finalize() }

// Gradients differentiates the plane's loss, as the function of the same name does.
func (p *Plane) Gradients(sp, sn []float64) (value, dsp, dsn []float64, err error) {
	results, err := p.exec.Call(tensors.FromFlatDataAndDimensions(sp, len(sp), 1), tensors.FromFlatDataAndDimensions(sn, len(sn), 1))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%T: %w", p.loss, err)
	}
	flat := make([][]float64, len(results))
	for i, result := range results {
		if flat[i], err = tensors.CopyFlatData[float64](result); err != nil {
			return nil, nil, nil, fmt.Errorf("%T: %w", p.loss, err)
		}
		result.MustFinalizeAll()
	}
	return flat[0], flat[1], flat[2], nil
}

// Differentiate builds the graph of [Gradients]: from sp and sn, float [points, 1], the value, ∂L/∂s_p and ∂L/∂s_n. The scores
// are made out of the similarities themselves, so that no embedding stands between the loss and them; a loss that looks at
// vectors' lengths finds 1.
func Differentiate(loss losses.Loss, sp, sn *graph.Node, others []float64) []*graph.Node {
	parts := []*graph.Node{sp, sn}
	if len(others) > 0 {
		parts = append(parts, graph.BroadcastToDims(graph.Const(sp.Graph(), [][]float64{others}), sp.Shape().Dim(0), len(others)))
	}
	similarity := graph.Concatenate(parts, 1)
	column := graph.Iota(sp.Graph(), similarity.Shape(), 1)
	positive := graph.Equal(column, graph.ZerosLike(column))
	values := loss.PerAnchor(losses.Scores{
		Similarity: similarity, Positive: positive, Negative: graph.LogicalNot(positive),
		AnchorVectors: graph.OnesLike(sp), CandidateVectors: graph.Ones(sp.Graph(), shapes.Make(sp.DType(), similarity.Shape().Dim(1), 1)),
	})
	values.AssertDims(sp.Shape().Dim(0)) // a loss of the user's own may not be one per anchor
	return append([]*graph.Node{values}, graph.Gradient(graph.ReduceAllSum(values), sp, sn)...)
}
