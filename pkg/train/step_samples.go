package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// classSamples takes the loss of a batch over a sample of the classes that several processes share. Each samples its own, as many in every
// step, and the loss is over all samples together. Samples are numbered one process after the other.
type classSamples struct {
	table
	sampling losses.ClassSampling
	unbiased bool            // a sampled class stands for others of its process
	sizes    []int           // of each process's sample
	steps    *model.Variable // how many steps looked at a class, float32 [classes]
	blocks   *losses.ClassBlocks
	move     *graph.Exec // gradient on a sample's rows, rates, steps, state → state, steps, sum of squares
}

func newClassSamples(backend compute.Backend, l *learner) (*classSamples, error) {
	o, g := l.objective, l.classShare.ranks
	sample := l.config.ClassSample
	s := &classSamples{table: newTable(l), sampling: sample.sampling(l.config.Seed + uint64(g.Rank())), unbiased: sample.Unbiased}
	most := l.config.Classes
	if l.config.Sampling == SampleRandom {
		most *= l.config.PerClass
	}
	for rank := range g.Size() {
		from, to := ranks.Share(l.classShare.classes, rank, g.Size())
		size := s.sampling.Size(to - from)
		if size < min(most, to-from) {
			return nil, fmt.Errorf("train: rank %d samples %d of its %d classes, and all %d classes of a batch may be among them: raise the ratio "+
				"(--class-ratio), or take smaller batches", rank, size, to-from, most)
		}
		s.sizes = append(s.sizes, size)
	}
	s.steps = network.Zeros(l.store, "/adamw/steps"+s.rows[0].Path(), l.classShare.kept()/l.classShare.centers)
	l.split = append(slices.Clone(s.rows), s.steps)
	var errs [2]error
	s.blocks, errs[0] = losses.NewClassBlocks(backend, o.loss, o.similarity, o.reduction, s.sizes[g.Rank()])
	s.move, errs[1] = graph.NewExec(backend, func(in []*graph.Node) []*graph.Node {
		gradient, r, steps, state := in[0], unpack(in[1]), graph.AddScalar(in[2], 1), in[3:]
		first, second := correctionsOf(steps, l.classShare.centers)
		moved := s.group.moved(state, gradient, r.classes, first, second)
		return append(moved, steps, graph.ReduceAllSum(graph.Square(moved[0])))
	})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("train: cannot build the step over samples of classes: %w", err)
	}
	return s, nil
}

// number returns a batch's labels as numbers within all samples, and those that are this process's as its own classes, in rising order.
func (s *classSamples) number(labels []int32) (numbered, own []int32) {
	size := s.share.ranks.Size()
	present := make([][]int32, size)
	owner := func(label int32) int {
		for rank := range size {
			if _, to := ranks.Share(s.share.classes, rank, size); int(label) < to {
				return rank
			}
		}
		return size - 1
	}
	for _, label := range labels {
		of := owner(label)
		present[of] = append(present[of], label)
	}
	for rank := range present {
		slices.Sort(present[rank])
		present[rank] = slices.Compact(present[rank])
	}
	for _, label := range labels {
		of, first := owner(label), 0
		for rank := range of {
			first += s.sizes[rank]
		}
		place, _ := slices.BinarySearch(present[of], label)
		numbered = append(numbered, int32(first+place))
	}
	for _, label := range present[s.share.ranks.Rank()] {
		own = append(own, label-int32(s.share.from))
	}
	return numbered, own
}

// step does what that of classBlocks does.
func (s *classSamples) step(step int, labels []int32, embeddings *tensors.Tensor, r rates[float32]) (
	loss, gradient *tensors.Tensor, size float64, err error) {
	g, here := s.share.ranks, s.share.classTo-s.share.from
	numbered, own := s.number(labels)
	if len(own) == 0 { // the batch has no class of this process: one in turn is in its sample
		own = []int32{int32(step % here)}
	}
	drawn, err := s.sampling.Draw(own, here, step)
	if err != nil {
		return nil, nil, 0, err
	}
	var rows []int
	for _, class := range drawn.Classes {
		for k := range s.share.centers {
			rows = append(rows, int(class)*s.share.centers+k)
		}
	}
	each := make([]int, len(drawn.Classes))
	for i, class := range drawn.Classes {
		each[i] = int(class)
	}
	state := make([]*tensors.Tensor, len(s.rows))
	for i, v := range s.rows {
		if state[i], err = gather(v, rows); err != nil {
			return nil, nil, 0, err
		}
	}
	seen, err := gather(s.steps, each)
	if err != nil {
		return nil, nil, 0, err
	}
	var squares float32
	of := losses.ClassPart{
		Sum:    g.AllReduce,
		Gather: func(x *tensors.Tensor) (*tensors.Tensor, error) { return g.Gather(x, g.Size()) },
	}
	if s.unbiased {
		of.Present, of.Weight = drawn.Present, drawn.Weight
	}
	for rank, n := range s.sizes {
		of.Classes += n
		if rank < g.Rank() {
			of.From += n
		}
	}
	given := tensors.FromFlatDataAndDimensions(numbered, len(numbered))
	loss, all, err := s.blocks.GradientsOf(given, embeddings, state[0], of, func(block losses.ClassBlock) error {
		inputs := []any{block.Gradient, pack(r), seen}
		for _, t := range state {
			inputs = append(inputs, t)
		}
		moved, err := s.move.Call(inputs...)
		if err != nil {
			return err
		}
		for i, v := range s.rows {
			if err := scatter(v, rows, moved[i]); err != nil {
				return err
			}
		}
		squares = tensors.ToScalar[float32](moved[len(s.rows)+1])
		return scatter(s.steps, each, moved[len(s.rows)])
	})
	if err != nil {
		return nil, nil, 0, err
	}
	if gradient, err = g.ReduceScatter(all); err != nil {
		return nil, nil, 0, err
	}
	sums, err := ranks.Sums(g, []float64{float64(squares)})
	if err != nil {
		return nil, nil, 0, err
	}
	return loss, gradient, sums[0], nil
}
