package losses

import (
	"errors"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/internal/host"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// byRows takes blocks of rows with autodiff inside.
func (s *Stream) byRows(labels, embeddings *tensors.Tensor) (loss float64, gradient *tensors.Tensor, err error) {
	rows := embeddings.Shape().Dim(0)
	height := s.BlockRows(rows)
	var sums, counts []float64
	sweep := func(name string, do func(index *tensors.Tensor) ([]*tensors.Tensor, error)) error {
		sums, counts = nil, nil
		for start := 0; start < rows; start += height {
			at := indices(start, height)
			out, err := do(at)
			if err != nil {
				return err
			}
			sums, counts = host.Add(sums, out[0]), host.Add(counts, out[1])
			if err := errors.Join(at.FinalizeAll(), out[0].FinalizeAll(), out[1].FinalizeAll()); err != nil {
				return err
			}
		}
		return nil
	}
	weights := []float64{1} // of one kind, the sum is divided at the end
	if s.reduce.perTerm {
		if err := sweep("value", func(index *tensors.Tensor) ([]*tensors.Tensor, error) {
			return s.programs.Run("value", func(in []*graph.Node) []*graph.Node {
				sums, counts := s.reduce.of(s.loss, s.block(in[0], in[1], in[2]))
				return []*graph.Node{wide(sums), wide(counts)}
			}, labels, embeddings, index)
		}); err != nil {
			return 0, nil, err
		}
		weights = s.reduce.weights(counts, rows)
	}
	weightsTensor := tensors.FromFlatDataAndDimensions(weights, len(weights))
	defer weightsTensor.MustFinalizeAll()
	if err := sweep("gradient", func(index *tensors.Tensor) ([]*tensors.Tensor, error) {
		inputs := []*tensors.Tensor{labels, embeddings, index, weightsTensor}
		name := "first"
		if gradient != nil {
			inputs, name = append(inputs, gradient), "next"
		}
		out, err := s.programs.Run(name, func(in []*graph.Node) []*graph.Node {
			sums, counts := s.reduce.of(s.loss, s.block(in[0], in[1], in[2]))
			pulled := graph.Gradient(graph.ReduceAllSum(graph.Mul(sums, graph.ConvertDType(in[3], sums.DType()))), in[1])[0]
			pulled = precise(pulled)
			if len(in) > 4 {
				pulled = graph.Add(pulled, in[4])
			}
			return []*graph.Node{wide(sums), wide(counts), pulled}
		}, inputs...)
		if err != nil {
			return nil, err
		}
		if gradient != nil {
			err = gradient.FinalizeAll()
		}
		gradient = out[2]
		return out, err
	}); err != nil {
		return 0, nil, err
	}
	final := s.reduce.weights(counts, rows)
	for k := range final {
		loss += sums[k] * final[k]
	}
	scale := 1.0
	if !s.reduce.perTerm {
		scale = final[0]
	}
	gradient, err = s.scaled(gradient, scale, embeddings.DType())
	return loss, gradient, err
}

// BlockRows is how many rows of so many, at least 1, are taken at a time, at most, with all that the loss makes of them.
func (s *Stream) BlockRows(rows int) int { return min(rows, max(1, s.slabBytes/(4*rows))) }

// indices are those of the rows of a block, on from start.
func indices(start, height int) *tensors.Tensor {
	index := make([]int32, height)
	for i := range index {
		index[i] = int32(start + i)
	}
	return tensors.FromFlatDataAndDimensions(index, height)
}

// block is the scores of some rows against the batch; rows after the last have no pairs.
func (s *Stream) block(labels, embeddings, row *graph.Node) Scores {
	g, rows, height := embeddings.Graph(), embeddings.Shape().Dim(0), row.Shape().Dim(0)
	held := stable.Column(graph.MinScalar(row, rows-1))
	scores := PairsAgainstBy(s.related, graph.Gather(labels, held), graph.Gather(embeddings, held), labels, embeddings, s.sim)
	column := graph.Iota(g, shapes.Make(dtypes.Int32, 1, rows), 1)
	pair := graph.LogicalAnd(
		graph.NotEqual(stable.Column(row), column),
		graph.BroadcastToDims(stable.Column(graph.LessThan(row, graph.Scalar(g, dtypes.Int32, rows))), height, rows))
	scores.Positive, scores.Negative = graph.LogicalAnd(scores.Positive, pair), graph.LogicalAnd(scores.Negative, pair)
	return mine(scores, s.miners)
}

// scaled multiplies a gradient, which it frees, and converts it.
func (s *Stream) scaled(gradient *tensors.Tensor, by float64, dtype dtypes.DType) (*tensors.Tensor, error) {
	factor := tensors.FromValue(by)
	out, err := s.programs.Run("scaled "+dtype.String(), func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.ConvertDType(graph.Mul(in[0], graph.ConvertDType(in[1], in[0].DType())), dtype)}
	}, gradient, factor)
	if err = errors.Join(err, gradient.FinalizeAll(), factor.FinalizeAll()); err != nil {
		return nil, err
	}
	return out[0], nil
}

// PerAnchor returns what the loss gives each anchor of a batch, before any reduction, and which anchors have what the loss needs: one
// of each per row, in the order of the rows. Inputs and errors are those of [Stream.ValueAndGradient].
func (s *Stream) PerAnchor(labels, embeddings *tensors.Tensor) (values []float64, has []bool, err error) {
	if err := refuseBatch(labels, embeddings); err != nil {
		return nil, nil, err
	}
	rows := embeddings.Shape().Dim(0)
	height := s.BlockRows(rows)
	for start := 0; start < rows; start += height {
		at := indices(start, height)
		out, err := s.programs.Run("anchors", func(in []*graph.Node) []*graph.Node {
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
