package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/unipair/unipair/internal/file"
)

// Kind says what a checkpoint is of: the beginning of its folder's name.
type Kind string

// The kinds of checkpoint.
const (
	Step Kind = "step-" // the last steps that were done
	Best Kind = "best-" // the step that validated best
)

// partialPrefix is before the name of a folder that is half written or half removed.
const partialPrefix = ".partial-"

// A run's directory may hold what its user put there. A run's own are its history, its lock, and the folders and files with these names,
// matched whole; of a folder that holds anything else nothing is removed.
var (
	ownFolder = regexp.MustCompile(`^(\.partial-)?(step-|best-)(\d{8}|[1-9]\d{8,17})$`)
	// ownFile matches the files in it; the last kind is a manifest on its way.
	ownFile = regexp.MustCompile(`^(manifest\.json|checkpoint-n\d+-[\w-]+\.(json|bin)|` + file.Partial + `)$`)
)

// owned is an entry of a run's directory that is named as a checkpoint.
type owned struct {
	path    string
	kind    Kind
	partial bool // half written or half removed
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
			all = append(all, owned{filepath.Join(dir, entry.Name()), Kind(parts[2]), parts[1] != "", step, entry.IsDir()})
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

// Newest returns the newest checkpoint of a kind in a run's directory. The error wraps [fs.ErrNotExist] if there is none.
func Newest(dir string, kind Kind) (string, error) {
	all, err := ownedBy(dir)
	if err != nil {
		return "", err
	}
	path, step := "", -1
	for _, o := range all {
		if info, err := os.Stat(o.path); o.kind == kind && !o.partial && o.step > step && err == nil && info.IsDir() {
			path, step = o.path, o.step
		}
	}
	if step < 0 {
		return "", fmt.Errorf("train: %s holds no checkpoint (%w): give the directory that `unipair train --out` wrote", dir, fs.ErrNotExist)
	}
	return path, nil
}

// removeOwned removes those checkpoints that hold nothing else.
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
