package losses

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// halves tells whether half of the matrix is enough.
func (s *Stream) halves() bool {
	folding, ok := foldingOf(s.loss)
	_, perTerm := s.loss.(Termwise)
	measure, measured := measureOf(s.sim)
	return ok && len(folding.Folds()) > 0 && len(s.miners) == 0 && !(s.reduce.perTerm && (perTerm || s.reduce.above == 0)) &&
		measured && measure.product == nil && symmetric(s.related)
}

// tiling computes a folding loss in tiles of half of the matrix, block by block: its state is a few numbers an anchor.
type tiling struct {
	*Stream
	folding Folding
	rounds  [][]Fold // of the loss, and last a count of the pairs
	blocks  []*rowBlock
}

// rowBlock is what is known of some rows, on the device.
type rowBlock struct {
	data     []*tensors.Tensor // vectors [height, dim], 0 beyond the last row; labels [height, …]; how many rows are real
	folded   []*tensors.Tensor // what the folds of the rounds so far came to
	pulls    []*tensors.Tensor // the derivatives of the loss for these
	gradient *tensors.Tensor   // of the vectors
}

// byTiles takes tiles.
func (s *Stream) byTiles(labels, embeddings *tensors.Tensor) (loss float64, gradient *tensors.Tensor, err error) {
	t := &tiling{Stream: s, folding: s.loss.(Folding)}
	t.rounds = slices.Clone(t.folding.Folds())
	last := len(t.rounds) - 1
	t.rounds[last] = append(slices.Clone(t.rounds[last]), Fold{Positive: one, Negative: one})
	defer func() { err = errors.Join(err, t.free()) }()
	if err := t.split(labels, embeddings); err != nil {
		return 0, nil, err
	}
	for round := range t.rounds {
		if err := t.fold(round); err != nil {
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

// split makes the blocks of rows.
func (t *tiling) split(labels, embeddings *tensors.Tensor) error {
	rows := embeddings.Shape().Dim(0)
	height := t.height(rows)
	out, err := t.run("split", func(in []*graph.Node) []*graph.Node {
		rows := in[0].Shape().Dim(0)
		return append(padded(in[0], rows, t.height(rows)), padded(t.vectors(in[1]), rows, t.height(rows))...)
	}, labels, embeddings)
	if err != nil {
		return err
	}
	count := len(out) / 2
	for b := range count {
		real := tensors.FromValue(int32(min(height, rows-b*height)))
		t.blocks = append(t.blocks, &rowBlock{data: []*tensors.Tensor{out[count+b], out[b], real}})
	}
	return nil
}

// height is how many rows a block has: of blocks that are about as high as they should be, all as high, a multiple of [stable.Parts] if
// they are high enough.
func (t *tiling) height(rows int) int {
	count := (rows + t.tileRows - 1) / t.tileRows
	height := (rows + count - 1) / count
	if height >= stable.Parts*stable.LeastPart {
		height = (height + stable.Parts - 1) / stable.Parts * stable.Parts
	}
	return height
}

// vectors are those whose products are the similarities.
func (t *tiling) vectors(embeddings *graph.Node) *graph.Node {
	measure, _ := measureOf(t.sim)
	return measure.prepared(precise(embeddings))
}

// padded splits x into blocks of a height, the last filled up with 0.
func padded(x *graph.Node, rows, height int) []*graph.Node {
	var parts []*graph.Node
	for from := 0; from < rows; from += height {
		part := cutRows(x, from, min(from+height, rows))
		if missing := from + height - rows; missing > 0 {
			shape := part.Shape().Clone()
			shape.Dimensions[0] = missing
			part = graph.Concatenate([]*graph.Node{part, graph.Zeros(x.Graph(), shape)}, 0)
		}
		parts = append(parts, part)
	}
	return parts
}

// each calls do with each pair of blocks, a tile; on the diagonal both are the same.
func (t *tiling) each(do func(rows, columns *rowBlock) error) error {
	for i, rows := range t.blocks {
		for _, columns := range t.blocks[i:] {
			if err := do(rows, columns); err != nil {
				return err
			}
		}
	}
	return nil
}

// fold makes what a round comes to.
func (t *tiling) fold(at int) error {
	round, known := t.rounds[at], packing(slices.Concat(t.rounds[:at]...))
	states := make(map[*rowBlock][]*tensors.Tensor, len(t.blocks))
	for _, block := range t.blocks {
		state, err := t.run(fmt.Sprintf("start %d", at), func(in []*graph.Node) []*graph.Node { return packing(round).start(in[0]) }, block.data...)
		if err != nil {
			return err
		}
		states[block] = state
	}
	err := t.each(func(rows, columns *rowBlock) error {
		return t.tile(fmt.Sprintf("fold %d", at), rows, columns,
			func(b *rowBlock) []*tensors.Tensor { return slices.Concat(b.data, states[b], b.folded) },
			func(b *rowBlock, next []*tensors.Tensor) error {
				old := states[b]
				states[b] = next
				return free(old)
			},
			func(t tile, side []*graph.Node, axis int) []*graph.Node {
				state, rest := packing(round).states(side)
				before, _ := known.folded(rest, false)
				return packing(round).stateNodes(mergedFolds(state, t.fold(round, before, axis)))
			})
	})
	if err != nil {
		return err
	}
	for _, block := range t.blocks {
		folded, err := t.run(fmt.Sprintf("join %d", at), func(in []*graph.Node) []*graph.Node {
			state, _ := packing(round).states(in)
			return packing(round).nodes(joined([][]foldState{state}), false)
		}, states[block]...)
		if err = errors.Join(err, free(states[block])); err != nil {
			return err
		}
		block.folded = append(block.folded, folded...)
	}
	return nil
}

// tile runs a function of a tile for the anchors of its columns, axis 0, and, off the diagonal, for those of its rows, axis 1. It
// sees the data of both blocks and what else inputs gives of the side; update is given what it returns.
func (t *tiling) tile(name string, rows, columns *rowBlock, inputs func(*rowBlock) []*tensors.Tensor,
	update func(*rowBlock, []*tensors.Tensor) error, f func(t tile, side []*graph.Node, axis int) []*graph.Node) error {
	return t.tileOfBoth(name, rows, columns, inputs, update, func(t tile, columns, rows []*graph.Node) []*graph.Node {
		out := f(t, columns, 0)
		if !t.diagonal {
			out = append(out, f(t, rows, 1)...)
		}
		return out
	})
}

// tileOfBoth is tile of a function that looks at both sides at once; on the diagonal they are one.
func (t *tiling) tileOfBoth(name string, rows, columns *rowBlock, inputs func(*rowBlock) []*tensors.Tensor,
	update func(*rowBlock, []*tensors.Tensor) error, f func(t tile, columns, rows []*graph.Node) []*graph.Node) error {
	sides := []*rowBlock{columns, rows}
	if rows == columns {
		sides, name = sides[:1], name+" on the diagonal"
	}
	var all []*tensors.Tensor
	for _, side := range sides {
		all = append(all, inputs(side)...)
	}
	out, err := t.run(name, func(in []*graph.Node) []*graph.Node {
		half := len(in) / len(sides)
		columns, rows := in[:half], in[len(in)-half:]
		return f(t.scores(rows[:3], columns[:3], len(sides) == 1), columns[3:], rows[3:])
	}, all...)
	if err != nil {
		return err
	}
	for k, side := range sides {
		if err := update(side, out[k*len(out)/len(sides):(k+1)*len(out)/len(sides)]); err != nil {
			return err
		}
	}
	return nil
}

// scores is the tile of two blocks.
func (t *tiling) scores(rows, columns []*graph.Node, diagonal bool) tile {
	out := tile{similarity: Dot.Of(rows[0], columns[0]), diagonal: diagonal, vectors: [2]*graph.Node{rows[0], columns[0]}}
	out.positive, out.negative = t.related.Of(rows[1], columns[1])
	real := func(side []*graph.Node, axis int) *graph.Node {
		height := side[0].Shape().Dim(0)
		index := graph.Iota(side[0].Graph(), shapes.Make(dtypes.Int32, height), 0)
		return graph.BroadcastToShape(graph.InsertAxes(graph.LessThan(index, side[2]), axis), out.positive.Shape())
	}
	pair := graph.LogicalAnd(real(rows, 1), real(columns, 0))
	if diagonal {
		out.similarity = mirrored(out.similarity, t.rounds)
		pair = graph.LogicalAnd(pair, graph.LogicalNot(graph.Diagonal(pair.Graph(), pair.Shape().Dim(0))))
	}
	out.positive, out.negative = graph.LogicalAnd(out.positive, pair), graph.LogicalAnd(out.negative, pair)
	return out
}

// value is the loss, and what each anchor's is multiplied by in it.
func (t *tiling) value(rows int) (loss, weight float64, err error) {
	folds := packing(slices.Concat(t.rounds...))
	var sums, counts []float64
	for _, block := range t.blocks {
		out, err := t.run("value", func(in []*graph.Node) []*graph.Node {
			folded, _ := folds.folded(in, false)
			total := func(x *graph.Node) *graph.Node { return wide(graph.Reshape(graph.ReduceAllSum(wide(x)), 1)) }
			count := folded[len(folded)-1]
			return []*graph.Node{total(t.folding.Combine(folded)), total(t.folding.Anchors(oneOfEach(count)))}
		}, block.folded...)
		if err != nil {
			return 0, 0, err
		}
		sums, counts = added(sums, out[0]), added(counts, out[1])
		if err := free(out); err != nil {
			return 0, 0, err
		}
	}
	weight = t.reduce.weights(counts, rows)[0]
	return sums[0] * weight, weight, nil
}

// oneOfEach is scores with a positive and a negative of the anchors that have some: what an anchor has does not depend on more.
func oneOfEach(count Folded) Scores {
	has := func(x *graph.Node) *graph.Node { return stable.Column(stable.Positive(x)) }
	no := graph.LogicalAnd(has(count.Positive), graph.LogicalNot(has(count.Positive)))
	return Scores{
		Similarity: graph.ConvertDType(graph.Concatenate([]*graph.Node{no, no}, 1), count.Positive.DType()),
		Positive:   graph.Concatenate([]*graph.Node{has(count.Positive), no}, 1),
		Negative:   graph.Concatenate([]*graph.Node{no, has(count.Negative)}, 1),
	}
}

// pull makes the gradient of each block's vectors.
func (t *tiling) pull(weight float64) error {
	folds := packing(slices.Concat(t.rounds...))
	factor := tensors.FromValue(weight)
	defer factor.MustFinalizeAll()
	for _, block := range t.blocks {
		out, err := t.run("pulls", func(in []*graph.Node) []*graph.Node {
			folded, rest := folds.folded(in[:len(in)-1], false)
			value := graph.Mul(t.folding.Combine(folded), graph.ConvertDType(in[len(in)-1], in[0].DType()))
			return append(graph.Gradient(graph.ReduceAllSum(value), folds.nodes(folded, true)...), graph.ZerosLike(rest[0]))
		}, append(slices.Concat(block.folded, block.data[:1]), factor)...)
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
	known := func(b *rowBlock) []*tensors.Tensor {
		return slices.Concat(b.data, b.folded, b.pulls, []*tensors.Tensor{b.gradient})
	}
	update := func(b *rowBlock, next []*tensors.Tensor) error {
		old := b.gradient
		b.gradient = next[0]
		return old.FinalizeAll()
	}
	return t.each(func(rows, columns *rowBlock) error {
		return t.tileOfBoth("pull", rows, columns, known, update, func(tile tile, columns, rows []*graph.Node) []*graph.Node {
			ofColumns, columns := folds.anchored(columns)
			ofRows, rows := folds.anchored(rows)
			slope := tile.slope(t.rounds, ofRows, ofColumns)
			out := []*graph.Node{graph.Add(columns[0], graph.MatMul(graph.Transpose(slope, 0, 1), tile.vectors[0]))}
			if !tile.diagonal {
				out = append(out, graph.Add(rows[0], graph.MatMul(slope, tile.vectors[1])))
			}
			return out
		})
	})
}

// through adds to the pulls of the rounds before what comes by way of a round that looks at them.
func (t *tiling) through(at int) error {
	folds := packing(slices.Concat(t.rounds...))
	before := packing(slices.Concat(t.rounds[:at]...))
	if !slices.ContainsFunc(before, func(f Fold) bool { return f.By != ByLargest }) {
		return nil
	}
	inputs := func(b *rowBlock) []*tensors.Tensor { return slices.Concat(b.data, b.folded, b.pulls) }
	return t.each(func(rows, columns *rowBlock) error {
		return t.tile(fmt.Sprintf("through %d", at), rows, columns, inputs,
			func(b *rowBlock, next []*tensors.Tensor) error {
				old := b.pulls
				b.pulls = append(slices.Clone(next), old[len(next):]...)
				return free(old[:len(next)])
			},
			func(tile tile, side []*graph.Node, axis int) []*graph.Node {
				known, _ := folds.anchored(side)
				gradients := tile.through(t.rounds[at], len(before), known, axis, before.nodes(known.folded, true))
				for k, pull := range before.nodes(known.pull, true) {
					gradients[k] = graph.Add(gradients[k], pull)
				}
				return gradients
			})
	})
}

// collect makes the gradient of the embeddings of the blocks'.
func (t *tiling) collect(embeddings *tensors.Tensor) (*tensors.Tensor, error) {
	inputs := []*tensors.Tensor{embeddings}
	for _, block := range t.blocks {
		inputs = append(inputs, block.gradient)
	}
	out, err := t.run("collect", func(in []*graph.Node) []*graph.Node {
		gradient := cutRows(concatenated(in[1:]), 0, in[0].Shape().Dim(0))
		total := graph.ReduceAllSum(graph.Mul(t.vectors(in[0]), graph.StopGradient(gradient)))
		return graph.Gradient(total, in[0])
	}, inputs...)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// free gives back what the blocks hold.
func (t *tiling) free() error {
	var err error
	for _, b := range t.blocks {
		err = errors.Join(err, free(b.data), free(b.folded), free(b.pulls))
		if b.gradient != nil {
			err = errors.Join(err, b.gradient.FinalizeAll())
		}
	}
	return err
}
