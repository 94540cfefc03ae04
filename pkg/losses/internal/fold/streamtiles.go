package fold

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/internal/host"
)

// tiling is the tiles of a batch, of which each block of rows is on the device.
type tiling struct {
	programs *host.Programs
	related  func(labels, others *graph.Node) (positive, negative *graph.Node)
	rounds   [][]Sum // of the formula, with a count of the pairs
	blocks   []*rowBlock
	share    Share
	positive map[[2]*rowBlock]bool // which tiles have a positive pair, once a round asks for it
}

// rowBlock holds what is known of some rows, on the device.
type rowBlock struct {
	places   []int32           // which of the batch they are
	rows     *tensors.Tensor   // the same on the device, filled up to a whole block, [height, 1]
	data     []*tensors.Tensor // vectors [height, dim]; labels [height, …]; how many rows are real
	results  []*tensors.Tensor // what the sums of the rounds so far came to
	pulls    []*tensors.Tensor // the derivatives of the loss for these
	gradient *tensors.Tensor   // of the vectors
}

// free gives back what a block holds.
func (b *rowBlock) free() error {
	all := slices.Concat(b.data, b.results, b.pulls)
	for _, x := range []*tensors.Tensor{b.rows, b.gradient} {
		if x != nil {
			all = append(all, x)
		}
	}
	*b = rowBlock{}
	return host.Free(all)
}

// allPairs is a round that looks at every pair.
var allPairs = []Sum{{Positive: One, Negative: One}}

// each calls do with each pair of blocks, a tile, of this part; on the diagonal both are the same. It passes over tiles where a round sees no
// pair: those without a positive, of one that looks at positives alone.
func (t *tiling) each(round []Sum, do func(rows, columns *rowBlock) error) error {
	alone := positivesAlone(round)
	if alone && t.positive == nil {
		if err := t.lookForPositives(); err != nil {
			return err
		}
	}
	tile := 0
	for i, rows := range t.blocks {
		for _, columns := range t.blocks[i:] {
			if t.share.has(tile) && (!alone || t.positive[[2]*rowBlock{rows, columns}]) {
				if err := do(rows, columns); err != nil {
					return err
				}
			}
			tile++
		}
	}
	return nil
}

// positivesAlone tells whether a round looks at no negative.
func positivesAlone(round []Sum) bool {
	return !slices.ContainsFunc(round, func(s Sum) bool { return s.Negative != nil })
}

// lookForPositives finds out which tiles have a positive pair, by their labels.
func (t *tiling) lookForPositives() error {
	t.positive = map[[2]*rowBlock]bool{}
	return t.each(allPairs, func(rows, columns *rowBlock) error {
		return t.tile("positives", rows, columns, func(b *rowBlock) []*tensors.Tensor { return b.data },
			func(_ *rowBlock, some []*tensors.Tensor) error {
				t.positive[[2]*rowBlock{rows, columns}] = host.Add(nil, some[0])[0] > 0
				return host.Free(some)
			},
			func(t tile, _ []*graph.Node, _ int) []*graph.Node {
				return []*graph.Node{graph.ConvertDType(graph.Reshape(graph.ReduceLogicalOr(t.positive), 1), dtypes.Float64)}
			})
	})
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

// tileOfBoth runs, as tile does, a function that looks at both sides at once; on the diagonal they are one.
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
	out, err := t.programs.Run(name, func(in []*graph.Node) []*graph.Node {
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
	out := tile{similarity: product, diagonal: diagonal, vectors: [2]*graph.Node{rows[0], columns[0]}, terms: newTerms()}
	out.positive, out.negative = t.related(rows[1], columns[1])
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

// through adds to the pulls of the rounds before what comes by way of a round that looks at them.
func (t *tiling) through(at int) error {
	sums, before := packed(t.rounds), packed(t.rounds[:at])
	if !slices.ContainsFunc(before, func(s Sum) bool { return s.By != Largest }) {
		return nil
	}
	count := before.learnt()
	if t.share.Part > 0 {
		if err := t.clearPulls(count); err != nil {
			return err
		}
	}
	inputs := func(b *rowBlock) []*tensors.Tensor { return slices.Concat(b.data, b.results, b.pulls) }
	name := fmt.Sprintf("through %d", at)
	err := t.each(t.rounds[at], func(rows, columns *rowBlock) error {
		return t.tile(name, rows, columns, inputs,
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
	if err != nil || !t.share.shared() {
		return err
	}
	return t.addUpPulls(name, count)
}

// sumUp makes what a round comes to.
func (t *tiling) sumUp(at int) error {
	round, before := packing(t.rounds[at]), packed(t.rounds[:at])
	states := make(map[*rowBlock][]*tensors.Tensor, len(t.blocks))
	for _, block := range t.blocks {
		state, err := t.programs.Run(fmt.Sprintf("start %d", at), func(in []*graph.Node) []*graph.Node {
			return round.start(in[0])
		}, block.data...)
		if err != nil {
			return err
		}
		states[block] = state
	}
	err := t.each(t.rounds[at], func(rows, columns *rowBlock) error {
		return t.tile(fmt.Sprintf("sum up %d", at), rows, columns,
			func(b *rowBlock) []*tensors.Tensor { return slices.Concat(b.data, states[b], b.results) },
			func(b *rowBlock, next []*tensors.Tensor) error {
				old := states[b]
				states[b] = next
				return host.Free(old)
			},
			func(t tile, side []*graph.Node, axis int) []*graph.Node {
				state, rest := round.states(side)
				results, _ := before.results(rest, false)
				return round.stateNodes(merge(state, t.sumUp(round, results, axis)))
			})
	})
	if err != nil {
		return err
	}
	name, join := fmt.Sprintf("join %d", at), func(parts [][]*graph.Node) []*graph.Node {
		var total []sumState
		for _, nodes := range parts {
			state, _ := round.states(nodes)
			total = merge(total, state)
		}
		return round.nodes(joined(total), false)
	}
	if t.share.shared() {
		all, err := t.exchange(name, func(b *rowBlock) []*tensors.Tensor { return states[b] }, join)
		for block, results := range all {
			t.blocks[block].results = append(t.blocks[block].results, results...)
		}
		return err
	}
	for _, block := range t.blocks {
		results, err := t.programs.Run(name, func(in []*graph.Node) []*graph.Node {
			return join([][]*graph.Node{in})
		}, states[block]...)
		if err = errors.Join(err, host.Free(states[block])); err != nil {
			return err
		}
		block.results = append(block.results, results...)
	}
	return nil
}
