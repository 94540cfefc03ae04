// Package rankstest has ranks in one process, for tests, and the contract that every group of ranks keeps.
package rankstest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/ranks"
)

// Together runs f on each of so many ranks, each in a goroutine of its own, and returns when all have. Once the function of a rank has returned
// an error, or has ended before the others, those that wait for it get one.
func Together(t *testing.T, size int, f func(g ranks.Group) error) {
	t.Helper()
	for rank, err := range Errors(size, f) {
		if err != nil {
			t.Errorf("rank %d of %d: %v", rank, size, err)
		}
	}
}

// Errors does what [Together] does, and returns what each rank did.
func Errors(size int, f func(g ranks.Group) error) []error {
	m := &meeting{size: size, parts: make([]*tensors.Tensor, size)}
	m.met.L = &m.mu
	errs := make([]error, size)
	var running sync.WaitGroup
	for rank := range size {
		running.Go(func() {
			errs[rank] = f(member{m, rank})
			m.leave(rank, errs[rank])
		})
	}
	running.Wait()
	return errs
}

// meeting lets ranks in goroutines wait for each other.
type meeting struct {
	mu      sync.Mutex
	met     sync.Cond
	size    int
	arrived int
	times   int // how often all have met
	parts   []*tensors.Tensor
	last    []*tensors.Tensor // of the last time
	gone    error             // why nobody meets any more
}

// exchange returns the tensors of all ranks.
func (m *meeting) exchange(rank int, mine *tensors.Tensor) ([]*tensors.Tensor, error) {
	copied, err := mine.LocalClone() // a rank may free it while others still read it
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parts[rank] = copied
	m.arrived++
	if m.arrived == m.size {
		m.last, m.parts = m.parts, make([]*tensors.Tensor, m.size)
		m.arrived = 0
		m.times++
		m.met.Broadcast()
		return m.last, nil
	}
	for now := m.times; m.times == now; m.met.Wait() {
		if m.gone != nil {
			return nil, m.gone
		}
	}
	return m.last, nil
}

// leave takes note that a rank is done.
func (m *meeting) leave(rank int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone == nil {
		m.gone = fmt.Errorf("rank %d is done", rank)
		if err != nil {
			m.gone = fmt.Errorf("rank %d: %w", rank, err)
		}
	}
	m.met.Broadcast()
}

// member is a rank at a meeting.
type member struct {
	*meeting
	rank int
}

func (m member) Rank() int { return m.rank }
func (m member) Size() int { return m.size }

func (m member) Gather(part *tensors.Tensor, rows int) (*tensors.Tensor, error) {
	if err := ranks.CheckPart(m, part, rows); err != nil {
		return nil, err
	}
	parts, err := m.exchange(m.rank, part)
	if err != nil {
		return nil, err
	}
	dims := append([]int{rows}, part.Shape().Dimensions[1:]...)
	whole := tensors.FromShape(shapes.Make(part.DType(), dims...))
	var inner error
	err = whole.MutableBytes(func(to []byte) {
		for _, part := range parts {
			inner = errors.Join(inner, part.ConstBytes(func(from []byte) { to = to[copy(to, from):] }))
		}
	})
	return whole, errors.Join(err, inner)
}

func (m member) AllReduce(whole *tensors.Tensor) (*tensors.Tensor, error) {
	all, err := m.exchange(m.rank, whole)
	if err != nil {
		return nil, err
	}
	switch whole.DType() {
	case dtypes.Float32:
		return sum[float32](all)
	case dtypes.Float64:
		return sum[float64](all)
	}
	return nil, fmt.Errorf("ranks add float32 and float64, got %s", whole.DType())
}

func sum[T float32 | float64](all []*tensors.Tensor) (*tensors.Tensor, error) {
	total := make([]T, all[0].Size())
	for _, t := range all {
		if err := tensors.ConstFlatData(t, func(flat []T) {
			for i, x := range flat {
				total[i] += x
			}
		}); err != nil {
			return nil, err
		}
	}
	return tensors.FromFlatDataAndDimensions(total, all[0].Shape().Dimensions...), nil
}

func (m member) ReduceScatter(whole *tensors.Tensor) (*tensors.Tensor, error) {
	total, err := m.AllReduce(whole)
	if err != nil {
		return nil, err
	}
	shape := whole.Shape().Clone()
	from, to := ranks.ShareOf(m, shape.Dim(0))
	row := int(total.ByteSize()) / shape.Dim(0)
	shape.Dimensions[0] = to - from
	part := tensors.FromShape(shape)
	var inner error
	err = part.MutableBytes(func(into []byte) {
		inner = total.ConstBytes(func(all []byte) { copy(into, all[from*row:]) })
	})
	return part, errors.Join(err, inner)
}

func (m member) Broadcast(whole *tensors.Tensor) (*tensors.Tensor, error) {
	all, err := m.exchange(m.rank, whole)
	if err != nil {
		return nil, err
	}
	return all[0].LocalClone()
}
