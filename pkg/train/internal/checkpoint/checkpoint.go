// Package checkpoint keeps a run in its directory: checkpoints of its variables, its history, and the lock by which it holds the
// directory. What a run is of, its manifest, is the caller's.
//
// A run's directory holds history.jsonl and a folder step-00000700 with the checkpoint of that step: manifest.json and GoMLX's own
// files. If the run validates, best-00000650 is the checkpoint that did best. A checkpoint is written under a temporary name, forced to
// disk and renamed; only then is the one before removed. Whenever the program is killed, the newest folder of each kind is whole. What
// else is in the directory is the user's, see owned.go.
package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/file"
)

// ToUse returns the checkpoint of a run's directory that is to be used: the best where the run validates, else the newest.
func ToUse(dir string) (string, error) {
	best, err := Newest(dir, Best)
	if errors.Is(err, fs.ErrNotExist) {
		return Newest(dir, Step)
	}
	return best, err
}

// Save writes a checkpoint of all variables of the store after a step, and removes older ones of its kind. The manifest is what
// [ReadManifest] is to read: a function makes it, with the sums of the files for its last field, sha256.
func Save(dir string, kind Kind, step int, store *model.Store, manifest func(file.Sums) any) error {
	final := filepath.Join(dir, fmt.Sprintf("%s%08d", kind, step))
	if _, err := os.Stat(final); err == nil {
		return nil // a step is the same whenever it is reached
	}
	partial := filepath.Join(dir, partialPrefix+filepath.Base(final)) // the run's alone: it holds the directory
	err := os.Mkdir(partial, 0o777)
	if err == nil {
		err = saveAll(partial, store, manifest)
		if err == nil {
			err = os.Rename(partial, final)
		}
		if err != nil {
			err = errors.Join(err, os.RemoveAll(partial))
		}
	}
	if err != nil {
		return notWritten(fmt.Sprintf("the checkpoint of step %d", step), dir, err)
	}
	if err := file.SyncNames(dir); err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	return removeOwned(dir, func(o owned) bool { return !o.partial && o.kind == kind && o.path != final })
}

// saveAll writes the files of a checkpoint into its folder and forces them to disk.
func saveAll(dir string, store *model.Store, manifest func(file.Sums) any) error {
	if err := saveVariables(dir, store); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	sums := file.Sums{manifestName: file.NoSum}
	for _, entry := range entries {
		err = errors.Join(err, sums.Add(dir, entry.Name()))
	}
	text, tooMuch := seal(manifest(sums))
	if err := errors.Join(err, tooMuch); err != nil {
		return err
	}
	if err := file.WriteBytes(filepath.Join(dir, manifestName), text); err != nil {
		return err
	}
	return file.Sync(dir)
}
