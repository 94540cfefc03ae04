package train

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/ranks"
)

// classShare says which classes are a process's, where class weights are taken in blocks. Rank 0 has room for the rows of all, so that it can
// write and read checkpoints, and its own are the first; the others have their own rows alone. One process has all.
type classShare struct {
	ranks         ranks.Group
	classes       int // of all processes
	centers       int // rows per class
	from, classTo int
}

// newClassShare returns an error if a process would have no class.
func newClassShare(g ranks.Group, classes, centers int) (classShare, error) {
	if classes < g.Size() {
		return classShare{}, fmt.Errorf("train: %d classes are shared by %d processes, so that one would have none: start fewer, or leave ClassBlock "+
			"(--class-block) 0", classes, g.Size())
	}
	s := classShare{ranks: g, classes: classes, centers: centers}
	s.from, s.classTo = ranks.ShareOf(g, classes)
	return s, nil
}

// rows counts the rows of a process's own classes.
func (s classShare) rows() int { return (s.classTo - s.from) * s.centers }

// kept counts the rows that a process has room for.
func (s classShare) kept() int {
	if s.ranks.Rank() == 0 {
		return s.classes * s.centers
	}
	return s.rows()
}

// rowsPerClass counts those of a variable.
func (s classShare) rowsPerClass(v *model.Variable) int {
	return v.Shape().Dim(0) * s.centers / s.kept()
}

// bytesAtOnce bounds what is exchanged at once of class weights, so that they are never whole twice. Tests exchange less.
var bytesAtOnce = 16 << 20

// deal gives each process its own rows of what rank 0 has.
func (s classShare) deal(v *model.Variable) error {
	if s.ranks.Size() == 1 {
		return nil
	}
	width := v.Shape().Size() / v.Shape().Dim(0)
	per := s.rowsPerClass(v)
	all, own, end, height := s.classes*per, s.from*per, s.classTo*per, max(1, bytesAtOnce/(4*width))
	for start := 0; start < all; start += height {
		n := min(height, all-start)
		var block *tensors.Tensor
		var err error
		if s.ranks.Rank() == 0 {
			block, err = gather(v, rowsFrom(start, n))
		} else {
			block = tensors.FromShape(shapes.Make(v.Shape().DType, n, width))
		}
		if err == nil {
			block, err = s.ranks.Broadcast(block)
		}
		if err != nil {
			return err
		}
		first, last := max(start, own), min(start+n, end)
		if s.ranks.Rank() == 0 || first >= last {
			continue
		}
		mine, err := rowsOf(block, first-start, last-start)
		if err == nil {
			err = scatter(v, rowsFrom(first-own, last-first), mine)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// collect gives rank 0 the rows of all processes.
func (s classShare) collect(v *model.Variable) error {
	size := s.ranks.Size()
	if size == 1 {
		return nil
	}
	width := v.Shape().Size() / v.Shape().Dim(0)
	per := s.rowsPerClass(v)
	most := (s.classes + size - 1) / size * per // rows of one process
	height := max(1, min(most, bytesAtOnce/(4*width*size)))
	for start := 0; start < most; start += height {
		n := max(0, min(height, (s.classTo-s.from)*per-start))
		part, err := gather(v, rowsFrom(start, n))
		if err != nil {
			return err
		}
		padded := make([]float32, height*width)
		if err := tensors.ConstFlatData(part, func(flat []float32) { copy(padded, flat) }); err != nil {
			return err
		}
		all, err := s.ranks.Gather(tensors.FromFlatDataAndDimensions(padded, 1, height*width), size)
		if err != nil {
			return err
		}
		if s.ranks.Rank() > 0 {
			continue
		}
		flat, err := tensors.CopyFlatData[float32](all)
		if err != nil {
			return err
		}
		for rank := 1; rank < size; rank++ {
			from, to := ranks.Share(s.classes, rank, size)
			n := min(height, (to-from)*per-start)
			if n <= 0 {
				continue
			}
			theirs := tensors.FromFlatDataAndDimensions(flat[rank*height*width:][:n*width], n, width)
			if err := scatter(v, rowsFrom(from*per+start, n), theirs); err != nil {
				return err
			}
		}
	}
	return nil
}

// collect gives rank 0 what a checkpoint has of other processes.
func (r *running) collect() error {
	for _, v := range r.learner.split {
		if err := r.learner.classShare.collect(v); err != nil {
			return fmt.Errorf("train: class weights of all processes: %w", err)
		}
	}
	return nil
}

// rowsFrom lists so many rows from one on.
func rowsFrom(first, count int) []int {
	rows := make([]int, count)
	for i := range rows {
		rows[i] = first + i
	}
	return rows
}
