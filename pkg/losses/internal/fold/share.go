package fold

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/losses/internal/host"
)

// Share is the tiles of one part of several that share a batch, of which each has all rows. The zero value is all tiles.
//
// What the parts know of the anchors, from their tiles alone, they exchange after each round: a few numbers per anchor.
type Share struct {
	Part, Parts int // the number of this part, from 0, and how many there are
	// Gather returns the tensors of all parts, [1, …] each, one after the other: [parts, …].
	Gather func(*tensors.Tensor) (*tensors.Tensor, error)
}

// shared tells whether there are other parts.
func (s Share) shared() bool { return s.Parts > 1 }

// has tells whether a tile, counted from 0, is of this part.
func (s Share) has(tile int) bool { return !s.shared() || tile%s.Parts == s.Part }

// exchange gives merge what each part knows of the anchors, [blocks, height] each, and returns what it makes of that, block by block. This part's
// is what of lists, which is freed.
func (t *tiling) exchange(name string, of func(*rowBlock) []*tensors.Tensor, merge func(parts [][]*graph.Node) []*graph.Node) (
	[][]*tensors.Tensor, error) {
	var mine []*tensors.Tensor
	for _, block := range t.blocks {
		mine = append(mine, of(block)...)
	}
	blocks, each := len(t.blocks), len(mine)/len(t.blocks)
	name = fmt.Sprintf("%s, %d parts", name, t.share.Parts)
	packed, err := t.programs.Run("pack for "+name, func(in []*graph.Node) []*graph.Node {
		height := in[0].Shape().Dim(0)
		return []*graph.Node{graph.Reshape(graph.Stack(in, 0), 1, blocks, each, height)}
	}, mine...)
	if err = errors.Join(err, host.Free(mine)); err != nil {
		return nil, err
	}
	all, err := t.share.Gather(packed[0])
	if err = errors.Join(err, host.Free(packed)); err != nil {
		return nil, err
	}
	out, err := t.programs.Run(name, func(in []*graph.Node) []*graph.Node {
		height := in[0].Shape().Dim(3)
		parts := make([][]*graph.Node, t.share.Parts)
		for p := range parts {
			for k := range each {
				known := graph.Slice(in[0], graph.AxisElem(p), graph.AxisRange(), graph.AxisElem(k))
				parts[p] = append(parts[p], graph.Reshape(known, blocks, height))
			}
		}
		merged := merge(parts)
		var rows []*graph.Node
		for block := range blocks {
			for _, x := range merged {
				rows = append(rows, graph.Reshape(cutRows(x, block, block+1), height))
			}
		}
		return rows
	}, all)
	if err = errors.Join(err, all.FinalizeAll()); err != nil {
		return nil, err
	}
	byBlock := make([][]*tensors.Tensor, blocks)
	for block := range byBlock {
		byBlock[block] = out[block*len(out)/blocks : (block+1)*len(out)/blocks]
	}
	return byBlock, nil
}

// addUpPulls makes the first pulls of each block, to which the tiles of this part have added, the sums over all parts.
func (t *tiling) addUpPulls(name string, count int) error {
	all, err := t.exchange(name, func(b *rowBlock) []*tensors.Tensor { return b.pulls[:count] }, func(parts [][]*graph.Node) []*graph.Node {
		sums := parts[0]
		for _, part := range parts[1:] {
			for k := range sums {
				sums[k] = graph.Add(sums[k], part[k])
			}
		}
		return sums
	})
	for block, sums := range all {
		copy(t.blocks[block].pulls, sums)
	}
	return err
}

// clearPulls makes the first pulls of each block 0, of parts but the first: what all know already counts once.
func (t *tiling) clearPulls(count int) error {
	for _, block := range t.blocks {
		none, err := t.programs.Run("no pull", func(in []*graph.Node) []*graph.Node {
			var none []*graph.Node
			for _, x := range in {
				none = append(none, graph.ZerosLike(x))
			}
			return none
		}, block.pulls[:count]...)
		if err = errors.Join(err, host.Free(block.pulls[:count])); err != nil {
			return err
		}
		copy(block.pulls, none)
	}
	return nil
}
