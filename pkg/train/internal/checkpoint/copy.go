package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/internal/file"
)

// Copy makes a run's directory with nothing but the checkpoint of another that is to be used: a network to give away. It cannot be
// resumed where that is not the last of its run. What else lies in the checkpoint's folder is not copied.
func Copy(to, from string) error {
	path, err := ToUse(from)
	if err != nil {
		return err
	}
	// What is copied is whole even if a training replaces it meanwhile: a file that has gone is an error.
	entries, err := os.ReadDir(path)
	for _, entry := range entries {
		if err == nil && ownFile.MatchString(entry.Name()) {
			err = copyFile(filepath.Join(to, filepath.Base(path), entry.Name()), filepath.Join(path, entry.Name()))
		}
	}
	if err != nil {
		return fmt.Errorf("train: cannot copy checkpoint %s: %w", path, err)
	}
	return nil
}

func copyFile(to, from string) error {
	opened, err := file.Open(from)
	if err != nil {
		return err
	}
	err = file.Write(to, func(to io.Writer) error {
		_, err := io.Copy(to, opened)
		return err
	})
	return errors.Join(err, opened.Close())
}
