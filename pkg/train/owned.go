package train

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"

	"github.com/unipair/unipair/internal/file"
)

// A run's directory may hold what its user put there. A run's own are its history, its lock, and the folders and files with these names,
// matched whole; of a folder that holds anything else nothing is removed.
var (
	ownFolder = regexp.MustCompile(`^(\.partial-)?(step-|best-)(\d{8}|[1-9]\d{8,17})$`)
	ownFile   = regexp.MustCompile(`^(manifest\.json|checkpoint-n\d+-[\w-]+\.(json|bin)|` + file.Partial + `)$`) // the last is a manifest on its way
)

// owned is an entry of a run's directory that is named as a checkpoint.
type owned struct {
	path    string
	kind    string // stepPrefix or bestPrefix
	partial bool   // half written or half removed
	step    int
	folder  bool // a link to one is none
}

// ownedBy lists the entries of a directory that are named as checkpoints. A directory that is not there has none.
func ownedBy(dir string) (all []owned, err error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("train: checkpoint: %w", err)
	}
	for _, entry := range entries {
		if parts := ownFolder.FindStringSubmatch(entry.Name()); parts != nil {
			step, err := strconv.Atoi(parts[3])
			if err != nil {
				return nil, fmt.Errorf("train: checkpoint %s: %w", entry.Name(), err)
			}
			all = append(all, owned{filepath.Join(dir, entry.Name()), parts[2], parts[1] != "", step, entry.IsDir()})
		}
	}
	return all, nil
}

// alone reports whether a folder holds nothing but files of a checkpoint, so that it may be removed.
func (o owned) alone() bool {
	entries, err := os.ReadDir(o.path)
	if err != nil || !o.folder {
		return false
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !ownFile.MatchString(entry.Name()) {
			return false
		}
	}
	return true
}

// remove removes a folder that holds files of a checkpoint alone. It gets a partial's name first, so that half of it is never taken
// for a whole.
func (o owned) remove() error {
	path := o.path
	if !o.partial {
		path = filepath.Join(filepath.Dir(o.path), partialPrefix+filepath.Base(o.path))
		if err := os.Rename(o.path, path); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if ownFile.MatchString(entry.Name()) { // else the user has just put it there, and the folder stays
			err = errors.Join(err, os.Remove(filepath.Join(path, entry.Name())))
		}
	}
	return errors.Join(err, os.Remove(path))
}

// clear removes the checkpoints of a kind but one.
func clear(dir, kind, except string) error {
	return removeOwned(dir, func(o owned) bool { return !o.partial && o.kind == kind && o.path != except })
}

// clearPartials removes what a killed run left half written or half removed.
func clearPartials(dir string) error {
	return removeOwned(dir, func(o owned) bool { return o.partial })
}

func removeOwned(dir string, which func(owned) bool) error {
	all, err := ownedBy(dir)
	if err != nil {
		return err
	}
	for _, o := range all {
		if which(o) && o.alone() {
			if err := o.remove(); err != nil {
				return fmt.Errorf("train: cannot remove an old checkpoint: %w", err)
			}
		}
	}
	return nil
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
		if info, err := os.Stat(o.path); err == nil && info.IsDir() && o.kind == stepPrefix && !o.partial {
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
			return fmt.Errorf("train: %s is there, and %s has no checkpoint of a run that wrote it: move it away, or give another directory", path, dir)
		default:
			if err := file.CanWrite(path); err != nil {
				return fmt.Errorf("train: %w", err)
			}
		}
	}
	return nil
}
