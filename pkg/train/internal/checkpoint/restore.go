package checkpoint

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Restore gives every variable of the store the value that a checkpoint has for it. Where instead is not empty, and the checkpoint has a
// variable of this path before the other's, it takes the value of that. Variables of the store that have no value yet get none before all
// that the checkpoint declares fits.
func Restore(path string, store *model.Store, instead string) error {
	var h header
	if err := ReadManifest(path, &h); err != nil {
		return err
	}
	there, err := readVariables(path, h.Sums)
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
		if _, ok := declared[instead+name]; ok {
			name = instead + name
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
