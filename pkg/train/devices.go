package train

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
)

// spread is how steps go over several devices: each has a part of the batch and of the class weights with their optimiser's means, and
// the whole network. XLA (Shardy) partitions the graph of one device, so that the loss, its gradient and the batch's moments are
// those of the whole batch, and adds the exchange. Its nil is one device.
type spread struct{ mesh *distributed.DeviceMesh }

// newSpread returns nil for one device, and an error unless the backend has that many and they share the batch evenly.
func newSpread(backend compute.Backend, devices int, config Config) (*spread, error) {
	batch, there := config.Classes*config.PerClass, backend.NumDevices()
	switch {
	case devices < 0:
		return nil, fmt.Errorf("train: the number of devices must be 1 or more, got %d", devices)
	case devices <= 1:
		return nil, nil
	case devices > there:
		return nil, fmt.Errorf("train: %d devices are asked for, and the backend %s has %d", devices, backend.Name(), there)
	case batch%devices != 0:
		return nil, fmt.Errorf("train: a batch of %d × %d images does not go evenly over %d devices: change the classes or images of a batch",
			config.Classes, config.PerClass, devices)
	}
	mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{deviceAxis})
	if err != nil {
		return nil, fmt.Errorf("train: %d devices: %w", devices, err)
	}
	return &spread{mesh}, nil
}

// deviceAxis is the one axis of the mesh.
const deviceAxis = "devices"

// over splits the first axis of so many rows over the devices, or leaves them whole on each where they do not split evenly.
func (s *spread) over(rows int) *distributed.ShardingSpec {
	if rows%s.mesh.NumDevices() != 0 {
		return s.whole()
	}
	return &distributed.ShardingSpec{Mesh: s.mesh, Axes: []distributed.AxisSpec{{deviceAxis}}}
}

func (s *spread) whole() *distributed.ShardingSpec {
	return distributed.NewReplicatedShardingSpec(s.mesh)
}

// spreadOut prepares a learner's executor: it splits the class weights, and tells where inputs and outputs are. It must come before
// the first step.
func (l *learner) spreadOut(s *spread) error {
	if s == nil {
		return nil
	}
	l.spread = s
	l.exec.AutoSharding(s.mesh)
	if l.table == nil && l.weights != nil {
		classes := l.groups[len(l.groups)-1]
		for _, v := range classes.state(0) {
			if err := v.SetShardingSpec(s.over(v.Shape().Dim(0))); err != nil {
				return fmt.Errorf("train: %w", err)
			}
		}
	}
	// What a step changes comes out first, in the order of the store; the last specification goes for all that it returns.
	var outputs []*distributed.ShardingSpec
	for v := range l.store.IterVariables() {
		if l.table != nil && l.table.holds(v) || l.config.FrozenNorm && slices.Contains(l.layers.running(), v) {
			continue
		}
		outputs = append(outputs, cmp.Or(v.ShardingSpec(), s.whole()))
	}
	l.exec.WithOutputShardingSpecs(append(outputs, s.whole())...)
	return nil
}

// call runs the step on images, labels, numbers, and rows of class weights if it takes any. It returns what the step gave on the
// first device.
func (l *learner) call(inputs ...*tensors.Tensor) ([]*tensors.Tensor, error) {
	if l.spread == nil {
		return l.exec.Call(inputs)
	}
	var specs []*distributed.ShardingSpec
	var shards []any
	for i, input := range inputs {
		spec := l.spread.whole()
		if i != 2 { // the numbers are for all
			spec = l.spread.over(input.Shape().Dim(0))
		}
		parts, err := dtensor.ShardTensor(spec, input)
		if err != nil {
			return nil, err
		}
		defer parts.FinalizeAll()
		specs, shards = append(specs, spec), append(shards, parts)
	}
	results, err := l.exec.WithInputShardingSpecs(specs...).Call(shards...)
	if err != nil {
		return nil, err
	}
	first := len(results) / l.spread.mesh.NumDevices()
	for _, copied := range results[first:] {
		err = errors.Join(err, copied.FinalizeAll())
	}
	return results[:first], err
}
