package fold

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/internal/host"
)

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

// tile runs a function of a tile for the anchors of its columns, axis 0, and, off the diagonal, for those of its rows, axis 1. It sees the
// data of both blocks and what else inputs gives of the side; update is given what it returns.
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
	out, err := t.Programs.Run(name, func(in []*graph.Node) []*graph.Node {
		half := len(in) / len(sides)
		columns, rows := in[:half], in[len(in)-half:]
		return f(t.tileOf(rows[:3], columns[:3], len(sides) == 1), columns[3:], rows[3:])
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

// tileOf returns the tile of two blocks, given by their data.
func (t *tiling) tileOf(rows, columns []*graph.Node, diagonal bool) tile {
	product := graph.MatMul(rows[0], graph.Transpose(columns[0], 0, 1))
	out := tile{similarity: product, diagonal: diagonal, vectors: [2]*graph.Node{rows[0], columns[0]}}
	out.positive, out.negative = t.Related(rows[1], columns[1])
	real := func(side []*graph.Node, axis int) *graph.Node {
		height := side[0].Shape().Dim(0)
		index := graph.Iota(side[0].Graph(), shapes.Make(dtypes.Int32, height), 0)
		return graph.BroadcastToShape(graph.InsertAxes(graph.LessThan(index, side[2]), axis), out.positive.Shape())
	}
	pair := graph.LogicalAnd(real(rows, 1), real(columns, 0))
	if diagonal {
		out.similarity = mirrored(out.similarity, t.rounds)
		pair = graph.LogicalAnd(pair, offDiagonal(pair.Graph(), pair.Shape().Dim(0)))
	}
	out.positive, out.negative = graph.LogicalAnd(out.positive, pair), graph.LogicalAnd(out.negative, pair)
	return out
}

// pull makes the gradient of each block's vectors.
func (t *tiling) pull(weight float64) error {
	sums := packed(t.rounds)
	factor := tensors.FromValue(weight)
	defer factor.MustFinalizeAll()
	for _, block := range t.blocks {
		out, err := t.Programs.Run("pulls", func(in []*graph.Node) []*graph.Node {
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

// through adds to the pulls of the rounds before what comes by way of a round that looks at them.
func (t *tiling) through(at int) error {
	sums, before := packed(t.rounds), packed(t.rounds[:at])
	if !slices.ContainsFunc(before, func(s Sum) bool { return s.By != Largest }) {
		return nil
	}
	inputs := func(b *rowBlock) []*tensors.Tensor { return slices.Concat(b.data, b.results, b.pulls) }
	return t.each(func(rows, columns *rowBlock) error {
		return t.tile(fmt.Sprintf("through %d", at), rows, columns, inputs,
			func(b *rowBlock, next []*tensors.Tensor) error {
				old := b.pulls
				b.pulls = append(slices.Clone(next), old[len(next):]...)
				return host.Free(old[:len(next)])
			},
			func(tile tile, side []*graph.Node, axis int) []*graph.Node {
				all, _ := sums.known(side)
				gradients := tile.through(t.rounds[at], len(before), all, axis, before.nodes(all.results, true))
				for k, pull := range before.nodes(all.pulls, true) {
					gradients[k] = graph.Add(gradients[k], pull)
				}
				return gradients
			})
	})
}
