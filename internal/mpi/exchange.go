//go:build mpi

package mpi

// #include "rank.h"
import "C"

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"unsafe"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/ranks"
)

// Rank implements [ranks.Group].
func (m *member) Rank() int { return m.rank }

// Size implements [ranks.Group].
func (m *member) Size() int { return m.size }

// Gather implements [ranks.Group].
func (m *member) Gather(part *tensors.Tensor, rows int) (*tensors.Tensor, error) {
	if err := ranks.CheckPart(m, part, rows); err != nil {
		return nil, err
	}
	shape := withRows(part.Shape(), rows)
	// MPI counts rows, not bytes, of which there may be more than it counts.
	row, err := counted(int(shape.ByteSize()) / max(1, rows))
	if err != nil {
		return nil, err
	}
	counts, err := m.counts(rows, 1)
	if err != nil {
		return nil, err
	}
	from := make([]C.int, m.size)
	for i := range m.size - 1 {
		from[i+1] = from[i] + counts[i]
	}
	return m.exchanged(part, shape, func(in, out *byte) C.int {
		return C.rank_gather(unsafe.Pointer(in), counts[m.rank], unsafe.Pointer(out), &counts[0], &from[0], row)
	}, counts, from)
}

// ReduceScatter implements [ranks.Group].
func (m *member) ReduceScatter(whole *tensors.Tensor) (*tensors.Tensor, error) {
	kind, err := kindOf(whole)
	if err != nil {
		return nil, err
	}
	rows := whole.Shape().Dim(0)
	counts, err := m.counts(rows, whole.Size()/rows)
	if err != nil {
		return nil, err
	}
	from, to := ranks.ShareOf(m, rows)
	return m.exchanged(whole, withRows(whole.Shape(), to-from), func(in, out *byte) C.int {
		return C.rank_reduce_scatter(unsafe.Pointer(in), unsafe.Pointer(out), &counts[0], kind)
	}, counts)
}

// AllReduce implements [ranks.Group].
func (m *member) AllReduce(whole *tensors.Tensor) (*tensors.Tensor, error) {
	kind, err := kindOf(whole)
	if err != nil {
		return nil, err
	}
	count, err := counted(whole.Size())
	if err != nil {
		return nil, err
	}
	return m.exchanged(whole, whole.Shape(), func(in, out *byte) C.int {
		return C.rank_all_reduce(unsafe.Pointer(in), unsafe.Pointer(out), count, kind)
	})
}

// Broadcast implements [ranks.Group].
func (m *member) Broadcast(whole *tensors.Tensor) (*tensors.Tensor, error) {
	bytes, words := int(whole.ByteSize()), 1
	if bytes%8 == 0 { // MPI counts words of 8, so that there may be more bytes than it counts
		words = 8
	}
	count, err := counted(bytes / words)
	if err != nil {
		return nil, err
	}
	return m.exchanged(whole, whole.Shape(), func(in, out *byte) C.int {
		copy(unsafe.Slice(out, bytes), unsafe.Slice(in, bytes))
		return C.rank_broadcast(unsafe.Pointer(out), count, C.int(words))
	})
}

// exchanged begins an exchange of the bytes of a tensor, and returns what came of it, of another shape, once it is done. The numbers are what
// MPI reads meanwhile.
func (m *member) exchanged(
	given *tensors.Tensor, shape shapes.Shape, begin func(in, out *byte) C.int, numbers ...[]C.int,
) (*tensors.Tensor, error) {
	// A byte more: there is one to point at where a rank has no rows.
	in, out := make([]byte, given.ByteSize()+1), make([]byte, shape.ByteSize()+1)
	if err := given.ConstBytes(func(data []byte) { copy(in, data) }); err != nil {
		return nil, err
	}
	var pinned runtime.Pinner
	defer pinned.Unpin()
	pinned.Pin(&in[0])
	pinned.Pin(&out[0])
	for _, n := range numbers {
		pinned.Pin(&n[0])
	}
	if err := m.exchange(func() C.int { return begin(&in[0], &out[0]) }); err != nil {
		// MPI may still read and write what it was given: it is not to be anything else's.
		abandoned = append(abandoned, in, out, numbers)
		return nil, err
	}
	result := tensors.FromShape(shape)
	return result, result.MutableBytes(func(data []byte) { copy(data, out) })
}

// abandoned is the memory of an exchange that has not ended.
var abandoned []any

// counts returns how much of so many rows each rank has, with so much in a row.
func (m *member) counts(rows, row int) ([]C.int, error) {
	if _, err := counted(rows * row); err != nil {
		return nil, err
	}
	counts := make([]C.int, m.size)
	for i := range counts {
		from, to := ranks.Share(rows, i, m.size)
		counts[i] = C.int((to - from) * row)
	}
	return counts, nil
}

func counted(n int) (C.int, error) {
	if n > math.MaxInt32 {
		return 0, fmt.Errorf("MPI exchanges at most %d numbers of a sum, rows, or bytes of a row at once, got %d: take one process", math.MaxInt32, n)
	}
	return C.int(n), nil
}

// kindOf returns what MPI calls the numbers that it adds.
func kindOf(t *tensors.Tensor) (C.int, error) {
	switch {
	case t.Rank() == 0 || t.Size() == 0:
		return 0, errors.New("ranks add the rows of tensors that have some")
	case t.DType() == dtypes.Float32:
		return C.FLOAT32, nil
	case t.DType() == dtypes.Float64:
		return C.FLOAT64, nil
	}
	return 0, fmt.Errorf("ranks add float32 and float64, got %s", t.DType())
}

// withRows returns a shape with another number of rows.
func withRows(shape shapes.Shape, rows int) shapes.Shape {
	dims := slices.Clone(shape.Dimensions)
	dims[0] = rows
	return shapes.Make(shape.DType, dims...)
}
