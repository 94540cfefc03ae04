package train

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
)

// spread says how steps go over several devices: each has a part of the batch and of the class weights with their optimiser's means, and
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

// share splits variables over the devices by their rows.
func (s *spread) share(variables ...*model.Variable) error {
	if s == nil {
		return nil
	}
	for _, v := range variables {
		if err := v.SetShardingSpec(s.over(v.Shape().Dim(0))); err != nil {
			return fmt.Errorf("train: %w", err)
		}
	}
	return nil
}

// executor runs the graph of a step, on one device or several.
type executor struct {
	exec   *model.Exec
	spread *spread
}

// newExecutor prepares a graph that changes those variables of the store that moves reports.
func newExecutor(
	backend compute.Backend, store *model.Store, s *spread, moves func(*model.Variable) bool, build func([]*graph.Node) []*graph.Node,
) (*executor, error) {
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, inputs []*graph.Node) []*graph.Node { return build(inputs) })
	if err != nil {
		return nil, fmt.Errorf("train: cannot build the step: %w", err)
	}
	if s == nil {
		return &executor{exec, nil}, nil
	}
	exec.AutoSharding(s.mesh)
	// What a step changes comes out first, in the order of the store; the last specification goes for all that it returns.
	var outputs []*distributed.ShardingSpec
	for v := range store.IterVariables() {
		if moves(v) {
			outputs = append(outputs, cmp.Or(v.ShardingSpec(), s.whole()))
		}
	}
	exec.WithOutputShardingSpecs(append(outputs, s.whole())...)
	return &executor{exec, s}, nil
}

// shared are the first inputs of a graph, which every device gets whole.
type shared []*tensors.Tensor

// call runs the graph on inputs that all devices get, and on others that are split over them by rows. It frees the former, and returns
// what the graph gave on the first device.
func (e *executor) call(all shared, split ...*tensors.Tensor) (results []*tensors.Tensor, err error) {
	defer func() {
		for _, input := range all {
			err = errors.Join(err, input.FinalizeAll())
		}
	}()
	inputs := append(append([]*tensors.Tensor{}, all...), split...)
	if e.spread == nil {
		return e.exec.Call(inputs)
	}
	var specs []*distributed.ShardingSpec
	var shards []any
	for i, input := range inputs {
		spec := e.spread.whole()
		if i >= len(all) {
			spec = e.spread.over(input.Shape().Dim(0))
		}
		parts, err := dtensor.ShardTensor(spec, input)
		if err != nil {
			return nil, err
		}
		defer parts.FinalizeAll()
		specs, shards = append(specs, spec), append(shards, parts)
	}
	results, err = e.exec.WithInputShardingSpecs(specs...).Call(shards...)
	if err != nil {
		return nil, err
	}
	first := len(results) / e.spread.mesh.NumDevices()
	for _, copied := range results[first:] {
		err = errors.Join(err, copied.FinalizeAll())
	}
	return results[:first], err
}
