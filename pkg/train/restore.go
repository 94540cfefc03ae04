package train

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
	"github.com/gomlx/gomlx/support/exceptions"
)

// restore gives every variable of the store the value that a checkpoint has for it.
func restore(path string, store *model.Store) error { return restoreAs(path, store, false) }

// restoreAs is restore, or takes running means for the variables that the checkpoint has them of.
func restoreAs(path string, store *model.Store, means bool) error {
	loaded := model.NewStore()
	err := exceptions.TryCatch[error](func() {
		if _, err := checkpoint.Load(loaded).Dir(path).ExcludeAllParams().Immediate().Done(); err != nil {
			panic(err)
		}
	})
	if err != nil {
		return fmt.Errorf("train: checkpoint %s is damaged (%w): %s", path, err, ifDamaged)
	}
	for v := range store.IterVariables() {
		saved := loaded.GetVariable(v.Path())
		if mean := loaded.GetVariable(averagePrefix + v.Path()); means && mean != nil {
			saved = mean
		}
		if saved == nil {
			return fmt.Errorf("train: checkpoint %s is of another model: it has no variable %s: %s", path, v.Path(), ifAnother)
		}
		if !saved.Shape().Equal(v.Shape()) {
			return fmt.Errorf("train: checkpoint %s is of another model: its variable %s is %s, want %s: %s",
				path, v.Path(), saved.Shape(), v.Shape(), ifAnother)
		}
		value, err := saved.Value()
		if err == nil {
			err = v.SetValue(value)
		}
		if err != nil {
			return fmt.Errorf("train: checkpoint %s: %w", path, err)
		}
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
