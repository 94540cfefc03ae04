package fold

import (
	"errors"
	"slices"

	"github.com/gomlx/compute/dtypes"
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
	// Count counts an anchor's positives and negatives: its last round does, after those by which the formula too chooses among the pairs.
	// Anchors tells from the counts which anchors have what the loss needs, bool [anchors].
	Count   [][]Sum
	Anchors func(count Result) *graph.Node
	// Weight returns what the sum over the anchors is multiplied by, of so many rows of which so many have what the loss needs.
	Weight func(anchors float64, rows int) float64
}

// ValueAndGradient returns the loss of a batch and its gradient by the embeddings, float [rows, dim]. Of a part of the tiles it is the loss of
// the batch too, and what these tiles have of the gradient.
func (s Stream) ValueAndGradient(labels, embeddings *tensors.Tensor) (loss float64, gradient *tensors.Tensor, err error) {
	t := &batch{Stream: s, tiling: tiling{programs: s.Programs, related: s.Related, rounds: s.counted(), share: s.Share}}
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

// counted returns the rounds of the formula with the count at the end of the first that can have it: a later one may look at positives alone.
// The terms of the later ones do not see it.
func (s Stream) counted() [][]Sum {
	hidden := func(term Term) Term {
		if term == nil {
			return nil
		}
		return func(similarity *graph.Node, before []Result) *graph.Node {
			return term(similarity, s.countLast(before)[:len(before)-1])
		}
	}
	last := len(s.Count) - 1
	rounds := slices.Clone(s.Formula.Rounds)
	rounds[last] = slices.Concat(rounds[last], s.Count[last])
	for at := last + 1; at < len(rounds); at++ {
		rounds[at] = slices.Clone(rounds[at])
		for k, sum := range rounds[at] {
			rounds[at][k].Positive, rounds[at][k].Negative = hidden(sum.Positive), hidden(sum.Negative)
		}
	}
	return rounds
}

// countLast returns what the sums came to in the order of the formula's, and then the count.
func (s Stream) countLast(results []Result) []Result {
	at := len(packed(s.Formula.Rounds[:len(s.Count)]))
	return slices.Concat(results[:at], results[at+1:], results[at:at+1])
}

// batch is the stream of one batch.
type batch struct {
	Stream
	tiling
}

// split makes the blocks of rows, one after the other: all at once would need room for a copy of the batch beside them.
func (t *batch) split(labels, embeddings *tensors.Tensor) error {
	order, err := t.orderOf(labels)
	if err != nil {
		return err
	}
	height := t.height(len(order))
	for places := range slices.Chunk(order, height) {
		rows := tensors.FromFlatDataAndDimensions(filled(places, height), height, 1)
		out, err := t.programs.Run("split", func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{t.Vectors(graph.Gather(in[1], in[2])), graph.Gather(in[0], in[2])}
		}, labels, embeddings, rows)
		if err != nil {
			return errors.Join(err, rows.FinalizeAll())
		}
		t.blocks = append(t.blocks, &rowBlock{places: places, rows: rows, data: append(out, tensors.FromValue(int32(len(places))))})
	}
	return nil
}

// orderOf returns the rows by their labels, so that few tiles have a positive, where a round looks at positives alone; else as they are.
func (t *batch) orderOf(labels *tensors.Tensor) ([]int32, error) {
	order := make([]int32, labels.Shape().Dim(0))
	for row := range order {
		order[row] = int32(row)
	}
	if !slices.ContainsFunc(t.rounds, positivesAlone) {
		return order, nil
	}
	out, err := t.programs.Run("labels", func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.ConvertDType(in[0], dtypes.Int64)}
	}, labels)
	if err != nil {
		return nil, err
	}
	all := tensors.MustCopyFlatData[int64](out[0])
	each := len(all) / len(order)
	of := func(row int32) []int64 { return all[int(row)*each:][:each] }
	slices.SortStableFunc(order, func(a, b int32) int { return slices.Compare(of(a), of(b)) })
	return order, host.Free(out)
}

// filled returns rows for a whole block: the last stands for those beyond it.
func filled(rows []int32, height int) []int32 {
	return slices.Concat(rows, slices.Repeat(rows[len(rows)-1:], height-len(rows)))
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
			results = t.countLast(results)
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
			value := graph.Mul(t.Formula.Combine(t.countLast(results)), graph.ConvertDType(in[len(in)-1], in[0].DType()))
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
	return t.each(allPairs, func(rows, columns *rowBlock) error {
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
	for _, block := range t.blocks {
		out, err := t.programs.Run("collect", func(in []*graph.Node) []*graph.Node {
			own := graph.Gather(in[0], in[1])
			return graph.Gradient(graph.ReduceAllSum(graph.Mul(t.Vectors(own), graph.StopGradient(in[2]))), own)
		}, embeddings, block.rows, block.gradient)
		places := block.places
		if err = errors.Join(err, block.free()); err == nil {
			err = errors.Join(host.PutRows(gradient, places, out[0]), host.Free(out))
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
