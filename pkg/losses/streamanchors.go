package losses

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// PerAnchor returns what the loss gives each anchor of a batch, before any reduction, and which anchors have what the loss needs: one
// of each a row, in the order of the rows. Inputs and errors are those of [Stream.ValueAndGradient].
func (s *Stream) PerAnchor(labels, embeddings *tensors.Tensor) (values []float64, has []bool, err error) {
	if err := refuseBatch(labels, embeddings); err != nil {
		return nil, nil, err
	}
	rows := embeddings.Shape().Dim(0)
	height := s.BlockRows(rows)
	for start := 0; start < rows; start += height {
		at := indices(start, height)
		out, err := s.run("anchors", func(in []*graph.Node) []*graph.Node {
			scores := s.block(in[0], in[1], in[2])
			begin(s.loss, scores)
			return []*graph.Node{wide(s.loss.PerAnchor(scores)), wide(s.loss.Anchors(scores))}
		}, labels, embeddings, at)
		if err != nil {
			return nil, nil, err
		}
		real := min(height, rows-start) // rows after the last are none
		values = append(values, tensors.MustCopyFlatData[float64](out[0])[:real]...)
		for _, x := range tensors.MustCopyFlatData[float64](out[1])[:real] {
			has = append(has, x != 0)
		}
		if err := errors.Join(at.FinalizeAll(), out[0].FinalizeAll(), out[1].FinalizeAll()); err != nil {
			return nil, nil, err
		}
	}
	return values, has, nil
}

// refuseBatch returns an error for what is no batch.
func refuseBatch(labels, embeddings *tensors.Tensor) error {
	shape := embeddings.Shape()
	if shape.Rank() != 2 || !shape.DType.IsFloat() || shape.Size() == 0 {
		return fmt.Errorf("losses.Stream: embeddings must be float [rows, dim] with at least one of each, got %s", shape)
	}
	if labels.Shape().Rank() < 1 || labels.Shape().Dim(0) != shape.Dim(0) {
		return fmt.Errorf("losses.Stream: labels must be one a row of the embeddings %s, got %s", shape, labels.Shape())
	}
	return nil
}
