// Package whole writes files that are whole or absent, whenever the program is killed.
package whole

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Write writes a file, and the folder it lies in, under a temporary name, forces it to disk and renames it. What was there before
// stays if that fails.
func Write(path string, write func(to io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // after the rename there is none
	err = write(temporary)
	if err := errors.Join(err, temporary.Chmod(0o644), temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
