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

// rowBlocks computes a loss in blocks of rows against the whole batch, with autodiff inside the block.
type rowBlocks struct {
	programs  *host.Programs
	related   Relation
	loss      Loss
	sim       Similarity
	reduce    streamedReduction
	miners    []Miner
	slabBytes int // of a block, at float32
}

// anchors are the rows of a batch that are taken as anchors, and how what comes of them is added up with what comes of the others.
type anchors struct {
	from, to int
	sum      func([]float64) ([]float64, error)
}

// allRows takes all rows of so many.
func allRows(rows int) anchors {
	return anchors{0, rows, func(own []float64) ([]float64, error) { return own, nil }}
}

// valueAndGradient returns the loss of a batch, and what some rows as anchors have of its gradient.
func (b rowBlocks) valueAndGradient(labels, embeddings *tensors.Tensor, of anchors) (loss float64, gradient *tensors.Tensor, err error) {
	rows := embeddings.Shape().Dim(0)
	height := min(b.height(rows), of.to-of.from)
	var sums, counts []float64
	sweep := func(name string, do func(index *tensors.Tensor) ([]*tensors.Tensor, error)) error {
		sums, counts = nil, nil
		for start := of.from; start < of.to; start += height {
			at := indices(start, height, of.to, rows)
			out, err := do(at)
			if err != nil {
				return err
			}
			sums, counts = host.Add(sums, out[0]), host.Add(counts, out[1])
			if err := errors.Join(at.FinalizeAll(), out[0].FinalizeAll(), out[1].FinalizeAll()); err != nil {
				return err
			}
		}
		all, err := of.sum(append(sums, counts...))
		if err != nil {
			return err
		}
		sums, counts = all[:len(sums)], all[len(sums):]
		return nil
	}
	weights := []float64{1} // of one kind, the sum is divided at the end
	if b.reduce.perTerm {
		if err := sweep("value", func(index *tensors.Tensor) ([]*tensors.Tensor, error) {
			return b.programs.Run("value", func(in []*graph.Node) []*graph.Node {
				sums, counts := b.reduce.of(b.loss, b.block(in[0], in[1], in[2]))
				return []*graph.Node{wide(sums), wide(counts)}
			}, labels, embeddings, index)
		}); err != nil {
			return 0, nil, err
		}
		weights = b.reduce.weights(counts, rows)
	}
	weightsTensor := tensors.FromFlatDataAndDimensions(weights, len(weights))
	defer weightsTensor.MustFinalizeAll()
	if err := sweep("gradient", func(index *tensors.Tensor) ([]*tensors.Tensor, error) {
		inputs := []*tensors.Tensor{labels, embeddings, index, weightsTensor}
		name := "first"
		if gradient != nil {
			inputs, name = append(inputs, gradient), "next"
		}
		out, err := b.programs.Run(name, func(in []*graph.Node) []*graph.Node {
			sums, counts := b.reduce.of(b.loss, b.block(in[0], in[1], in[2]))
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
	final := b.reduce.weights(counts, rows)
	for k := range final {
		loss += sums[k] * final[k]
	}
	scale := 1.0
	if !b.reduce.perTerm {
		scale = final[0]
	}
	gradient, err = b.scaled(gradient, scale, embeddings.DType())
	return loss, gradient, err
}

// height returns how many rows of so many a block has, at most.
func (b rowBlocks) height(rows int) int { return min(rows, max(1, b.slabBytes/(4*rows))) }

// indices returns those of the rows of a block, on from start; before end, since after it they are of none of so many rows.
func indices(start, height, end, rows int) *tensors.Tensor {
	index := make([]int32, height)
	for i := range index {
		index[i] = int32(start + i)
		if start+i >= end {
			index[i] = int32(rows)
		}
	}
	return tensors.FromFlatDataAndDimensions(index, height)
}

// block returns the scores of some rows against the batch; rows after the last have no pairs.
func (b rowBlocks) block(labels, embeddings, row *graph.Node) Scores {
	g, rows, height := embeddings.Graph(), embeddings.Shape().Dim(0), row.Shape().Dim(0)
	index := stable.Column(graph.MinScalar(row, rows-1))
	scores := PairsAgainstBy(b.related, graph.Gather(labels, index), graph.Gather(embeddings, index), labels, embeddings, b.sim)
	column := graph.Iota(g, shapes.Make(dtypes.Int32, 1, rows), 1)
	pair := graph.LogicalAnd(
		graph.NotEqual(stable.Column(row), column),
		graph.BroadcastToDims(stable.Column(graph.LessThan(row, graph.Scalar(g, dtypes.Int32, rows))), height, rows))
	scores.Positive, scores.Negative = graph.LogicalAnd(scores.Positive, pair), graph.LogicalAnd(scores.Negative, pair)
	return mine(scores, b.miners)
}

// scaled multiplies a gradient, which it frees, and converts it.
func (b rowBlocks) scaled(gradient *tensors.Tensor, by float64, dtype dtypes.DType) (*tensors.Tensor, error) {
	factor := tensors.FromValue(by)
	out, err := b.programs.Run("scaled "+dtype.String(), func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.ConvertDType(graph.Mul(in[0], graph.ConvertDType(in[1], in[0].DType())), dtype)}
	}, gradient, factor)
	if err = errors.Join(err, gradient.FinalizeAll(), factor.FinalizeAll()); err != nil {
		return nil, err
	}
	return out[0], nil
}

// perAnchor returns what the loss gives each anchor, and which have what it needs.
func (b rowBlocks) perAnchor(labels, embeddings *tensors.Tensor) (values []float64, has []bool, err error) {
	rows := embeddings.Shape().Dim(0)
	height := b.height(rows)
	for start := 0; start < rows; start += height {
		at := indices(start, height, rows, rows)
		out, err := b.programs.Run("anchors", func(in []*graph.Node) []*graph.Node {
			scores := b.block(in[0], in[1], in[2])
			begin(b.loss, scores)
			return []*graph.Node{wide(perAnchor(b.loss, scores)), wide(anchorsOf(b.loss, scores))}
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
