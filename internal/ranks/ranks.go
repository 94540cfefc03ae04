// Package ranks is what the processes of a job say to each other: six functions, which MPI has, and which one process answers by itself.
//
// All that a rank exchanges is tensors on the host. Rows that are shared out are so by [Share], on every rank in the same way.
package ranks

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
)

// Group is the processes of a job, of which this one has a rank. The last four functions are for all ranks together. Each calls them in the
// same order, with tensors of the same type and the same size of a row, and waits for the others. Arguments are left as they are. Of a
// group of one a result is the argument itself.
//
// An error says which rank is to blame where that is known. After one, a rank calls none of the four any more.
type Group interface {
	Rank() int // from 0
	Size() int // how many ranks there are, at least 1

	// Gather returns the rows of all ranks, in the order of ranks. Part has this rank's [Share] of so many rows in all.
	Gather(part *tensors.Tensor, rows int) (*tensors.Tensor, error)
	// ReduceScatter returns this rank's [Share] of the rows of the sum over the ranks.
	ReduceScatter(whole *tensors.Tensor) (part *tensors.Tensor, err error)
	// AllReduce returns the sum over the ranks, which has the same bits on each.
	AllReduce(whole *tensors.Tensor) (*tensors.Tensor, error)
	// Broadcast returns what rank 0 gave.
	Broadcast(whole *tensors.Tensor) (*tensors.Tensor, error)
}

// Alone is a group of one.
type Alone struct{}

// Rank implements [Group].
func (Alone) Rank() int { return 0 }

// Size implements [Group].
func (Alone) Size() int { return 1 }

// Gather implements [Group].
func (Alone) Gather(part *tensors.Tensor, rows int) (*tensors.Tensor, error) {
	return part, CheckPart(Alone{}, part, rows)
}

// ReduceScatter implements [Group].
func (Alone) ReduceScatter(whole *tensors.Tensor) (*tensors.Tensor, error) { return whole, nil }

// AllReduce implements [Group].
func (Alone) AllReduce(whole *tensors.Tensor) (*tensors.Tensor, error) { return whole, nil }

// Broadcast implements [Group].
func (Alone) Broadcast(whole *tensors.Tensor) (*tensors.Tensor, error) { return whole, nil }

// Share returns which of so many rows are those of part i of so many, from the first to before the second. The sizes of parts differ by one at
// most, and their order is that of the rows.
func Share(rows, i, parts int) (from, to int) { return rows * i / parts, rows * (i + 1) / parts }

// ShareOf returns which of so many rows are those of this rank, as [Share] has them.
func ShareOf(g Group, rows int) (from, to int) { return Share(rows, g.Rank(), g.Size()) }

// CheckPart returns an error unless a tensor has the rows of this rank, of so many in all.
func CheckPart(g Group, part *tensors.Tensor, rows int) error {
	from, to := ShareOf(g, rows)
	if shape := part.Shape(); shape.Rank() == 0 || shape.Dim(0) != to-from {
		return fmt.Errorf("rank %d has rows %d to %d of %d to give, got %s", g.Rank(), from, to, rows, shape)
	}
	return nil
}
