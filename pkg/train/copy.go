package train

import (
	"fmt"
	"os"
	"path/filepath"
)

// Copy makes a run's directory with nothing but the checkpoint of another that [Load] takes: a network to give away. It cannot be
// resumed where that is not the last of its run.
func Copy(to, from string) error {
	path, err := toUse(from)
	if err != nil {
		return err
	}
	// What is copied is whole even if a training replaces it meanwhile: a file that has gone is an error.
	if err := os.CopyFS(filepath.Join(to, filepath.Base(path)), os.DirFS(path)); err != nil {
		return fmt.Errorf("train: cannot copy checkpoint %s: %w", path, err)
	}
	return nil
}
