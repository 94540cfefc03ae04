package fold

import (
	"errors"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/internal/host"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Stream computes a formula over half of a matrix whose similarity is the inner product, tile by tile, by a loop in the host. Its state is
// a few numbers per anchor.
type Stream struct {
	Programs *host.Programs // compiles and runs what a tile is made by
	Formula  Formula        // of the loss
	TileRows int            // of a tile, about
	Share    Share          // of the tiles

	// Vectors returns what is compared, made of the embeddings, and Related is as in [Pairs].
	Vectors func(embeddings *graph.Node) *graph.Node
	Related func(labels, others *graph.Node) (positive, negative *graph.Node)
	// Count counts an anchor's positives and negatives, and Anchors tells from the counts which anchors have what the loss needs, bool [anchors].
	Count   Sum
	Anchors func(count Result) *graph.Node
	// Weight returns what the sum over the anchors is multiplied by, of so many rows of which so many have what the loss needs.
	Weight func(anchors float64, rows int) float64
}

// ValueAndGradient returns the loss of a batch and its gradient by the embeddings, float [rows, dim]. Of a part of the tiles it is the loss of
// the batch too, and what these tiles have of the gradient.
func (s Stream) ValueAndGradient(labels, embeddings *tensors.Tensor) (loss float64, gradient *tensors.Tensor, err error) {
	rounds := slices.Clone(s.Formula.Rounds)
	last := len(rounds) - 1
	rounds[last] = append(slices.Clone(rounds[last]), s.Count)
	t := &batch{Stream: s, tiling: tiling{programs: s.Programs, related: s.Related, rounds: rounds, share: s.Share}}
	defer func() { err = errors.Join(err, t.free()) }()
	if err := t.split(labels, embeddings); err != nil {
		return 0, nil, err
	}
	for round := range t.rounds {
		if err := t.sumUp(round); err != nil {
			return 0, nil, err
		}
	}
	loss, weight, err := t.value(embeddings.Shape().Dim(0))
	if err != nil {
		return 0, nil, err
	}
	if err := t.pull(weight); err != nil {
		return 0, nil, err
	}
	gradient, err = t.collect(embeddings)
	return loss, gradient, err
}

// batch is the stream of one batch.
type batch struct {
	Stream
	tiling
}

// split makes the blocks of rows, one after the other: all at once would need room for a copy of the batch beside them.
func (t *batch) split(labels, embeddings *tensors.Tensor) error {
	rows := embeddings.Shape().Dim(0)
	height := t.height(rows)
	for from := 0; from < rows; from += height {
		at := tensors.FromValue(int32(from))
		out, err := t.programs.Run("split", func(in []*graph.Node) []*graph.Node {
			index := t.rowsFrom(in[2], in[1])
			return []*graph.Node{t.Vectors(graph.Gather(in[1], index)), graph.Gather(in[0], index)}
		}, labels, embeddings, at)
		if err != nil {
			return errors.Join(err, at.FinalizeAll())
		}
		real := tensors.FromValue(int32(min(height, rows-from)))
		t.blocks = append(t.blocks, &rowBlock{from: at, data: append(out, real)})
	}
	return nil
}

// rowsFrom returns which rows of x a block has, [height, 1]; the last stands for those beyond it.
func (t *batch) rowsFrom(from, x *graph.Node) *graph.Node {
	rows := x.Shape().Dim(0)
	index := graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, t.height(rows), 1), 0)
	return graph.MinScalar(graph.Add(index, from), rows-1)
}

// height returns how many rows a block has. All blocks are as high, about as they should be, and a multiple of [stable.Parts] if they are
// high enough.
func (t *batch) height(rows int) int {
	count := (rows + t.TileRows - 1) / t.TileRows
	height := (rows + count - 1) / count
	if height >= stable.Parts*stable.LeastPart {
		height = (height + stable.Parts - 1) / stable.Parts * stable.Parts
	}
	return height
}

// value returns the loss, and what that of each anchor is multiplied by in it.
func (t *batch) value(rows int) (loss, weight float64, err error) {
	sums := packed(t.rounds)
	var values, counts []float64
	for _, block := range t.blocks {
		out, err := t.programs.Run("value", func(in []*graph.Node) []*graph.Node {
			results, _ := sums.results(in, false)
			wide := func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtypes.Float64) }
			total := func(x *graph.Node) *graph.Node { return wide(graph.Reshape(graph.ReduceAllSum(wide(x)), 1)) }
			return []*graph.Node{total(t.Formula.Combine(results)), total(t.Anchors(results[len(results)-1]))}
		}, block.results...)
		if err != nil {
			return 0, 0, err
		}
		values, counts = host.Add(values, out[0]), host.Add(counts, out[1])
		if err := host.Free(out); err != nil {
			return 0, 0, err
		}
	}
	weight = t.Weight(counts[0], rows)
	return values[0] * weight, weight, nil
}

// pull makes the gradient of each block's vectors.
func (t *batch) pull(weight float64) error {
	sums := packed(t.rounds)
	factor := tensors.FromValue(weight)
	defer factor.MustFinalizeAll()
	for _, block := range t.blocks {
		out, err := t.programs.Run("pulls", func(in []*graph.Node) []*graph.Node {
			results, rest := sums.results(in[:len(in)-1], false)
			value := graph.Mul(t.Formula.Combine(results), graph.ConvertDType(in[len(in)-1], in[0].DType()))
			return append(graph.Gradient(graph.ReduceAllSum(value), sums.nodes(results, true)...), graph.ZerosLike(rest[0]))
		}, append(slices.Concat(block.results, block.data[:1]), factor)...)
		if err != nil {
			return err
		}
		last := len(out) - 1
		block.pulls, block.gradient = out[:last], out[last]
	}
	for at := len(t.rounds) - 1; at > 0; at-- {
		if err := t.through(at); err != nil {
			return err
		}
	}
	inputs := func(b *rowBlock) []*tensors.Tensor {
		return slices.Concat(b.data, b.results, b.pulls, []*tensors.Tensor{b.gradient})
	}
	update := func(b *rowBlock, next []*tensors.Tensor) error {
		old := b.gradient
		b.gradient = next[0]
		return old.FinalizeAll()
	}
	return t.each(func(rows, columns *rowBlock) error {
		return t.tileOfBoth("pull", rows, columns, inputs, update, func(tile tile, columns, rows []*graph.Node) []*graph.Node {
			ofColumns, columns := sums.known(columns)
			ofRows, rows := sums.known(rows)
			slope := tile.slope(t.rounds, ofRows, ofColumns)
			out := []*graph.Node{graph.Add(columns[0], graph.MatMul(graph.Transpose(slope, 0, 1), tile.vectors[0]))}
			if !tile.diagonal {
				out = append(out, graph.Add(rows[0], graph.MatMul(slope, tile.vectors[1])))
			}
			return out
		})
	})
}

// collect makes the gradient of the embeddings of the blocks', one after the other, each of which frees what is known of its rows. Their
// parts go to their places at once: a program that joined them would need room for the gradient twice.
func (t *batch) collect(embeddings *tensors.Tensor) (*tensors.Tensor, error) {
	gradient, err := t.programs.Empty(embeddings.Shape())
	if err != nil {
		return nil, err
	}
	put := 0 // bytes that are in their place
	for _, block := range t.blocks {
		out, err := t.programs.Run("collect", func(in []*graph.Node) []*graph.Node {
			own := graph.Gather(in[0], t.rowsFrom(in[1], in[0]))
			return graph.Gradient(graph.ReduceAllSum(graph.Mul(t.Vectors(own), graph.StopGradient(in[2]))), own)
		}, embeddings, block.from, block.gradient)
		if err = errors.Join(err, block.free()); err == nil {
			put, err = host.Put(gradient, put, out[0])
			err = errors.Join(err, host.Free(out))
		}
		if err != nil {
			return nil, errors.Join(err, gradient.FinalizeAll())
		}
	}
	return gradient, nil
}

// free gives back what the blocks hold.
func (t *batch) free() error {
	var err error
	for _, b := range t.blocks {
		err = errors.Join(err, b.free())
	}
	return err
}
