package fold

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/internal/host"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Stream computes a formula over half of a matrix whose similarity is the inner product, tile by tile, by a loop in the host. Its state is a
// few numbers per anchor.
type Stream struct {
	Programs *host.Programs
	Formula  Formula
	TileRows int // of a tile, about

	// Vectors returns what is compared, made of the embeddings, and Related is as in [Pairs].
	Vectors func(embeddings *graph.Node) *graph.Node
	Related func(labels, others *graph.Node) (positive, negative *graph.Node)
	// Anchors tells from the counts of its positives and negatives which anchors have what the loss needs, bool [anchors].
	Anchors func(count Result) *graph.Node
	// Weight returns what the sum over the anchors is multiplied by, of so many rows of which so many have what the loss needs.
	Weight func(anchors float64, rows int) float64
}

// ValueAndGradient returns the loss of a batch and its gradient by the embeddings, float [rows, dim].
func (s Stream) ValueAndGradient(labels, embeddings *tensors.Tensor) (loss float64, gradient *tensors.Tensor, err error) {
	t := &tiling{Stream: s, rounds: slices.Clone(s.Formula.Rounds)}
	last := len(t.rounds) - 1
	t.rounds[last] = append(slices.Clone(t.rounds[last]), Sum{Positive: One, Negative: One})
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

// tiling is the stream of one batch.
type tiling struct {
	Stream
	rounds [][]Sum // of the formula, and last a count of the pairs
	blocks []*rowBlock
}

// rowBlock is what is known of some rows, on the device.
type rowBlock struct {
	data     []*tensors.Tensor // vectors [height, dim], 0 beyond the last row; labels [height, …]; how many rows are real
	results  []*tensors.Tensor // what the sums of the rounds so far came to
	pulls    []*tensors.Tensor // the derivatives of the loss for these
	gradient *tensors.Tensor   // of the vectors
}

// split makes the blocks of rows.
func (t *tiling) split(labels, embeddings *tensors.Tensor) error {
	rows := embeddings.Shape().Dim(0)
	height := t.height(rows)
	out, err := t.Programs.Run("split", func(in []*graph.Node) []*graph.Node {
		rows := in[0].Shape().Dim(0)
		return append(padded(in[0], rows, t.height(rows)), padded(t.Vectors(in[1]), rows, t.height(rows))...)
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

// height returns how many rows a block has: of blocks that are about as high as they should be, all as high, a multiple of [stable.Parts]
// if they are high enough.
func (t *tiling) height(rows int) int {
	count := (rows + t.TileRows - 1) / t.TileRows
	height := (rows + count - 1) / count
	if height >= stable.Parts*stable.LeastPart {
		height = (height + stable.Parts - 1) / stable.Parts * stable.Parts
	}
	return height
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

// sumUp makes what a round comes to.
func (t *tiling) sumUp(at int) error {
	round, before := packing(t.rounds[at]), packed(t.rounds[:at])
	states := make(map[*rowBlock][]*tensors.Tensor, len(t.blocks))
	for _, block := range t.blocks {
		state, err := t.Programs.Run(fmt.Sprintf("start %d", at), func(in []*graph.Node) []*graph.Node { return round.start(in[0]) }, block.data...)
		if err != nil {
			return err
		}
		states[block] = state
	}
	err := t.each(func(rows, columns *rowBlock) error {
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
	for _, block := range t.blocks {
		results, err := t.Programs.Run(fmt.Sprintf("join %d", at), func(in []*graph.Node) []*graph.Node {
			state, _ := round.states(in)
			return round.nodes(joined(state), false)
		}, states[block]...)
		if err = errors.Join(err, host.Free(states[block])); err != nil {
			return err
		}
		block.results = append(block.results, results...)
	}
	return nil
}

// value returns the loss, and what that of each anchor is multiplied by in it.
func (t *tiling) value(rows int) (loss, weight float64, err error) {
	sums := packed(t.rounds)
	var values, counts []float64
	for _, block := range t.blocks {
		out, err := t.Programs.Run("value", func(in []*graph.Node) []*graph.Node {
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

// collect makes the gradient of the embeddings of the blocks'.
func (t *tiling) collect(embeddings *tensors.Tensor) (*tensors.Tensor, error) {
	inputs := []*tensors.Tensor{embeddings}
	for _, block := range t.blocks {
		inputs = append(inputs, block.gradient)
	}
	out, err := t.Programs.Run("collect", func(in []*graph.Node) []*graph.Node {
		gradient := cutRows(concatenated(in[1:]), 0, in[0].Shape().Dim(0))
		total := graph.ReduceAllSum(graph.Mul(t.Vectors(in[0]), graph.StopGradient(gradient)))
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
		err = errors.Join(err, host.Free(b.data, b.results, b.pulls))
		if b.gradient != nil {
			err = errors.Join(err, b.gradient.FinalizeAll())
		}
	}
	return err
}
