package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// syncAll forces the files of a directory, and then itself, to disk.
func syncAll(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := syncFile(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return syncDir(dir)
}

// syncDir forces a directory's entries to disk, where the system knows such a thing.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return syncFile(dir)
}

func syncFile(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// notWritten says what could not be written into a run's directory, and what to do if that is for want of space.
func notWritten(what, dir string, err error) error {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) {
			return fmt.Errorf("train: cannot write %s into %s: %w: make room there and give the same command again, "+
				"it goes on from the checkpoint before", what, dir, full) // without the names of the files that were on their way
		}
	}
	return fmt.Errorf("train: cannot write %s into %s: %w", what, dir, err)
}

// clear removes what matches a pattern in a directory, except one. What is removed gets a partial's name first, so that
// half of it is never taken for a whole.
func clear(dir, pattern, except string) error {
	found, err := filepath.Glob(filepath.Join(globSafe(dir), pattern))
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	for _, path := range found {
		if path == except {
			continue
		}
		doomed := path
		if !strings.HasPrefix(filepath.Base(path), partialPrefix) {
			doomed = filepath.Join(dir, partialPrefix+filepath.Base(path))
			err = os.Rename(path, doomed)
		}
		if err = errors.Join(err, os.RemoveAll(doomed)); err != nil {
			return fmt.Errorf("train: cannot remove an old checkpoint: %w", err)
		}
	}
	return nil
}
