package train

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// restore gives every variable of the store the value that a checkpoint has for it.
func restore(path string, store *model.Store) error { return restoreAs(path, store, false) }

// restoreAs is restore, or takes running means for the variables that the checkpoint has them of. Variables of the store that have no
// value yet get none before all that the checkpoint declares fits.
func restoreAs(path string, store *model.Store, means bool) error {
	m, err := manifestOf(path)
	if err != nil {
		return err
	}
	there, err := readVariables(path, m)
	if err != nil {
		return damaged(path, "%w", err)
	}
	declared := make(map[string]stored)
	for _, s := range there.all {
		declared[s.path()] = s
	}
	wanted := make(map[string]*model.Variable)
	for v := range store.IterVariables() {
		name := v.Path()
		if _, ok := declared[averagePrefix+name]; ok && means {
			name = averagePrefix + name
		}
		saved, ok := declared[name]
		if !ok {
			return fmt.Errorf("train: checkpoint %s is of another model: it has no variable %s: %s", path, v.Path(), ifAnother)
		}
		if !saved.shape().Equal(v.Shape()) {
			return fmt.Errorf("train: checkpoint %s is of another model: its variable %s is %s, want %s: %s",
				path, v.Path(), saved.shape(), v.Shape(), ifAnother)
		}
		wanted[name] = v
	}
	err = there.read(path, func(name string) func(*tensors.Tensor) error {
		if v := wanted[name]; v != nil {
			return v.SetValue
		}
		return nil
	})
	if err != nil {
		return damaged(path, "%w", err)
	}
	return nil
}

// values are those of variables, by path, on the host.
type values map[string]*tensors.Tensor

// copyOf copies the values of variables to the host.
func copyOf(variables []*model.Variable) (values, error) {
	all := make(values, len(variables))
	for _, v := range variables {
		value, err := v.Value()
		if err == nil {
			all[v.Path()], err = value.LocalClone()
		}
		if err != nil {
			return nil, fmt.Errorf("train: cannot copy variable %s: %w", v.Path(), err)
		}
	}
	return all, nil
}

// give sets each of the variables to a copy of its value.
func (all values) give(variables []*model.Variable) error {
	for _, v := range variables {
		value, err := all[v.Path()].LocalClone()
		if err == nil {
			err = v.SetValue(value)
		}
		if err != nil {
			return fmt.Errorf("train: cannot set variable %s: %w", v.Path(), err)
		}
	}
	return nil
}
