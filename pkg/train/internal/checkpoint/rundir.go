package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/unipair/unipair/internal/file"
)

// Hold makes a run's directory and takes it for one training, when [CanBegin] has nothing against it, and removes what a killed run left
// half written or half removed. It returns what gives the directory back.
func Hold(dir string) (release func() error, err error) {
	if err := CanBegin(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("train: cannot make the run's directory: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	if err := removeOwned(dir, func(o owned) bool { return o.partial }); err != nil {
		return nil, errors.Join(err, unlock())
	}
	return unlock, nil
}

// RemoveRun removes what runs have written into a directory: checkpoints, history and lock. What else lies there stays. The error is that
// of [CanBegin] where something is in the way that no run has written.
func RemoveRun(dir string) error {
	if err := CanBegin(dir); err != nil {
		return err
	}
	if err := removeOwned(dir, func(owned) bool { return true }); err != nil {
		return err
	}
	for _, name := range []string{historyName, lockName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("train: cannot remove an old run: %w", err)
		}
	}
	return nil
}

// CanBegin returns an error, before any work, unless a run may write into a directory: its history, its checkpoints and the files
// that the caller keeps beside them. It names the first thing there that no run has written and that a run would write over. A directory
// that is not there yet, or whose checkpoint is to be resumed, is no error.
func CanBegin(dir string, beside ...string) error {
	all, err := ownedBy(dir)
	if err != nil {
		return err
	}
	done := -1 // steps of the newest checkpoint
	for _, o := range all {
		if info, err := os.Stat(o.path); err == nil && info.IsDir() && o.kind == Step && !o.partial {
			done = max(done, o.step)
		}
	}
	for _, o := range all {
		_, none := os.Stat(filepath.Join(o.path, manifestName))
		if !o.partial && none != nil && o.step > done || o.partial && !o.alone() {
			return fmt.Errorf("train: %s is named as a checkpoint and is none: move it away, or give another directory", o.path)
		}
	}
	begun := done >= 0
	if !begun {
		if begun, err = locked(dir); err != nil {
			return err
		}
	}
	for _, name := range append([]string{historyName}, beside...) {
		path := filepath.Join(dir, name)
		_, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		case err != nil:
			return fmt.Errorf("train: %w", err)
		case !begun:
			return fmt.Errorf("train: %s is there, and %s has no checkpoint of a run that wrote it: move it away, or give another directory",
				path, dir)
		default:
			if err := file.CanWrite(path); err != nil {
				return fmt.Errorf("train: %w", err)
			}
		}
	}
	return nil
}
