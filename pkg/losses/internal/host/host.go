// Package host drives graphs from the host: functions of tensors that are compiled once, and what lies between their calls.
package host

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Programs are functions of tensors by their names, each compiled once per shapes of its inputs.
type Programs struct {
	backend compute.Backend
	where   string // whose errors they are
	byName  map[string]*graph.Exec
}

// NewPrograms returns programs for a backend; where begins their errors.
func NewPrograms(backend compute.Backend, where string) *Programs {
	return &Programs{backend: backend, where: where, byName: map[string]*graph.Exec{}}
}

// Run computes a function of tensors. One name is one function.
func (p *Programs) Run(name string, f func(inputs []*graph.Node) []*graph.Node, inputs ...*tensors.Tensor) ([]*tensors.Tensor, error) {
	exec := p.byName[name]
	if exec == nil {
		var err error
		if exec, err = graph.NewExec(p.backend, f); err != nil {
			return nil, fmt.Errorf("%s: %w", p.where, err)
		}
		p.byName[name] = exec.SetMaxCache(-1)
	}
	out, err := exec.Call(Anys(inputs)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.where, err)
	}
	return out, nil
}

// Empty returns a tensor to be filled from the host, in memory that the device has too where the backend lets it.
func (p *Programs) Empty(shape shapes.Shape) (*tensors.Tensor, error) {
	empty, err := tensors.FromShapeForBackend(p.backend, 0, shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.where, err)
	}
	return empty, nil
}

// PutRows copies rows of a part, of which it may have more, to their places in a tensor.
func PutRows(whole *tensors.Tensor, places []int32, part *tensors.Tensor) error {
	var failed error
	err := whole.MutableBytes(func(to []byte) {
		size := len(to) / whole.Shape().Dim(0)
		failed = part.ConstBytes(func(from []byte) {
			for row, place := range places {
				copy(to[int(place)*size:][:size], from[row*size:])
			}
		})
	})
	return errors.Join(err, failed)
}

// Finalize frees what is compiled.
func (p *Programs) Finalize() {
	for _, exec := range p.byName {
		exec.Finalize()
	}
	clear(p.byName)
}

// Anys returns tensors as the arguments of a call.
func Anys(list []*tensors.Tensor) []any {
	all := make([]any, len(list))
	for i, t := range list {
		all[i] = t
	}
	return all
}

// Free gives back the memory of tensors at once, without waiting for the collector.
func Free(lists ...[]*tensors.Tensor) error {
	var err error
	for _, list := range lists {
		for _, t := range list {
			err = errors.Join(err, t.FinalizeAll())
		}
	}
	return err
}

// Add adds the numbers of a float64 tensor to sums, which are nil before the first.
func Add(sums []float64, x *tensors.Tensor) []float64 {
	values := tensors.MustCopyFlatData[float64](x)
	if sums == nil {
		return values
	}
	for k, value := range values {
		sums[k] += value
	}
	return sums
}
