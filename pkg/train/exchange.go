package train

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// addUp returns the sums of tensors of float32 over the processes, which exchange them as one.
func addUp(g ranks.Group, parts []*tensors.Tensor) ([]*tensors.Tensor, error) {
	if g.Size() == 1 || len(parts) == 0 {
		return parts, nil
	}
	flat, err := joined(parts)
	if err != nil {
		return nil, err
	}
	sum, err := g.AllReduce(tensors.FromFlatDataAndDimensions(flat, len(flat)))
	if err != nil {
		return nil, err
	}
	if flat, err = tensors.CopyFlatData[float32](sum); err != nil {
		return nil, err
	}
	sums := make([]*tensors.Tensor, len(parts))
	for i, part := range parts {
		n := part.Size()
		sums[i] = tensors.FromFlatDataAndDimensions(flat[:n:n], part.Shape().Dimensions...)
		flat = flat[n:]
	}
	return sums, nil
}

// joined returns the numbers of tensors one behind the other.
func joined(parts []*tensors.Tensor) ([]float32, error) {
	var all []float32
	for _, part := range parts {
		if err := tensors.ConstFlatData(part, func(flat []float32) { all = append(all, flat...) }); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// moments joins the running moments of batch normalisation, which each process has moved by its own pieces. It makes what one process has
// that takes all pieces in the order of ranks. Those of a network that does not say how they move are the mean of what the processes have.
type moments struct {
	ranks   ranks.Group
	running []*model.Variable
	kept    float64 // the share that all pieces of a process keep of what was before; NaN if the network does not say
	before  []float32
}

// newMoments returns nil where there is nothing to join.
func newMoments(l *learner, g ranks.Group, pieces int) *moments {
	running := l.layers.Running()
	if g.Size() == 1 || l.config.FrozenNorm || len(running) == 0 {
		return nil
	}
	m := &moments{ranks: g, running: running, kept: math.NaN()}
	if blends, ok := l.layers.(network.Blender); ok {
		m.kept = math.Pow(blends.Kept(), float64(pieces))
	}
	return m
}

// begin takes note of the moments before a step.
func (m *moments) begin() (err error) {
	if m != nil {
		m.before, err = m.values()
	}
	return err
}

func (m *moments) values() ([]float32, error) {
	values := make([]*tensors.Tensor, len(m.running))
	for i, v := range m.running {
		var err error
		if values[i], err = v.Value(); err != nil {
			return nil, err
		}
	}
	return joined(values)
}

// join sets the moments to those of all processes.
func (m *moments) join() error {
	if m == nil {
		return nil
	}
	mine, err := m.values()
	if err != nil {
		return err
	}
	gathered, err := m.ranks.Gather(tensors.FromFlatDataAndDimensions(mine, 1, len(mine)), m.ranks.Size())
	if err != nil {
		return err
	}
	all, err := tensors.CopyFlatData[float32](gathered)
	if err != nil {
		return err
	}
	now := m.joined(slices.Collect(slices.Chunk(all, len(mine))))
	for _, v := range m.running {
		n := v.Shape().Size()
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(now[:n:n], v.Shape().Dimensions...)); err != nil {
			return err
		}
		now = now[n:]
	}
	return nil
}

// joined returns the moments of all processes. Each has kept a part of those before and added its own: v becomes kept·v + own.
func (m *moments) joined(all [][]float32) []float32 {
	now := make([]float32, len(m.before))
	for i, before := range m.before {
		v, sum := float64(before), 0.0
		for _, theirs := range all {
			v = m.kept*v + float64(theirs[i]) - m.kept*float64(before)
			sum += float64(theirs[i])
		}
		if math.IsNaN(m.kept) {
			v = sum / float64(len(all))
		}
		now[i] = float32(v)
	}
	return now
}
