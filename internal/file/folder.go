package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// WriteDir writes a folder that must not be there yet: under a temporary name beside it, forced to disk and renamed. It is whole or absent.
func WriteDir(path string, write func(dir string) error) error {
	path = filepath.Clean(path)
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	temporary := partialIn(filepath.Dir(path))
	if err := os.Mkdir(temporary, 0o777); err != nil {
		return err
	}
	unfinished.Store(temporary, nil)
	defer discard(temporary) // after the rename there is none
	if err := write(temporary); err != nil {
		return err
	}
	if err := Sync(temporary); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// Sync forces all that a folder holds, and the folder itself, to disk.
func Sync(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && (entry.IsDir() || entry.Type().IsRegular()) {
			err = syncOne(path, entry.IsDir())
		}
		return err
	})
}

// SyncNames forces to disk which files a folder holds.
func SyncNames(dir string) error { return syncOne(dir, true) }

func syncOne(path string, dir bool) error {
	if dir && runtime.GOOS == "windows" { // which knows no such thing
		return nil
	}
	opened, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}
