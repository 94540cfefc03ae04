package workspace

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gofrs/flock"

	"github.com/unipair/unipair/internal/file"
)

// The names of our folders of one run begin with tempPrefix; tempLock is a file in them that the run holds as long as it lives. A folder
// that has no lock yet has another name.
const (
	tempPrefix = "unipair-run-"
	newPrefix  = "unipair-new-"
	tempLock   = ".unipair-lock"
)

// TempDir makes a folder for one run, and remove removes it; what runs that were killed have left goes first. It is not in the workspace
// because the path of a socket, which gopls makes in it, must be short.
func TempDir() (dir string, remove func(), err error) {
	removeLeft(os.TempDir())
	made, err := os.MkdirTemp("", newPrefix)
	if err != nil {
		return "", nil, fmt.Errorf("workspace: %w", err)
	}
	lock, err := lockOf(filepath.Join(made, tempLock))
	if err == nil {
		_, err = lock.TryLock()
	}
	if err == nil {
		parent, name := filepath.Split(made)
		dir = filepath.Join(parent, tempPrefix+strings.TrimPrefix(name, newPrefix))
		err = os.Rename(made, dir)
	}
	if err != nil {
		return "", nil, fmt.Errorf("workspace: %w", errors.Join(err, os.RemoveAll(made)))
	}
	return dir, func() {
		_ = os.RemoveAll(dir) // the next run tries again
		_ = lock.Close()
	}, nil
}

// removeLeft removes from temp the folders of the user's runs that no longer live.
func removeLeft(temp string) {
	folders, _ := filepath.Glob(filepath.Join(temp, tempPrefix+"*")) // where the folder's own name is a pattern, they stay
	for _, folder := range folders {
		info, err := os.Lstat(folder)
		if err != nil || !info.IsDir() {
			continue
		}
		if about, ok := info.Sys().(*syscall.Stat_t); !ok || int(about.Uid) != os.Geteuid() {
			continue
		}
		path := filepath.Join(folder, tempLock)
		if _, err := os.Lstat(path); err != nil {
			continue // not ours
		}
		lock, err := lockOf(path)
		if err != nil {
			continue
		}
		if free, err := lock.TryLock(); err == nil && free {
			_ = os.RemoveAll(folder)
		}
		_ = lock.Close()
	}
}

// lockOf returns the lock at a path, which it makes.
func lockOf(path string) (*flock.Flock, error) {
	opened, err := file.Update(path)
	if err != nil {
		return nil, err
	}
	return flock.New(path), opened.Close()
}
