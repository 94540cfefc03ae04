package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// nextName is the folder in which [WriteTogether] has written what a folder's files become. From when it is there, they are.
const nextName = ".unipair-next"

var partial = regexp.MustCompile(`^` + Partial + `$`)

// WriteTogether writes several files into a folder that is there: all are new, or none is, whenever the program is stopped. What write
// makes in the folder that it is given takes the place of the files of the same names. Whoever reads them calls [Complete] first. No other
// program may write into the folder meanwhile: what one that was killed has left is removed.
func WriteTogether(dir string, write func(next string) error) error {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if partial.MatchString(entry.Name()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	if err := errors.Join(err, Complete(dir)); err != nil {
		return err
	}
	if err := WriteDir(filepath.Join(dir, nextName), write); err != nil {
		return err
	}
	return Complete(dir)
}

// Complete ends a [WriteTogether] that wrote all files and was stopped before each was in its place.
func Complete(dir string) error {
	next := filepath.Join(dir, nextName)
	if info, err := os.Lstat(next); err != nil || !info.IsDir() {
		return nil // there is none
	}
	entries, err := os.ReadDir(next)
	if err != nil {
		return gone(err)
	}
	for _, entry := range entries {
		if err := gone(os.Rename(filepath.Join(next, entry.Name()), filepath.Join(dir, entry.Name()))); err != nil {
			return err
		}
	}
	return errors.Join(gone(os.Remove(next)), SyncNames(dir))
}

// gone forgives what another program has done meanwhile that completes the same.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
