package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/unipair/unipair/internal/file"
)

// lockName is the file by which a training holds its directory. The system lets go of it when the process ends, however it ends. The file
// itself stays, and tells by its words that what a run keeps in the directory is a run's, also before the first checkpoint.
const (
	lockName  = ".lock"
	lockWords = "a training of unipair holds this directory by this file\n"
)

// lock takes a run's directory, so that no second training writes into it, and returns what gives it back.
func lock(dir string) (unlock func() error, err error) {
	path := filepath.Join(dir, lockName)
	before, err := locked(dir)
	if err != nil {
		return nil, err
	}
	opened, err := file.Update(path) // which never waits, as opening a pipe does
	if err != nil {
		return nil, cannotLock(err)
	}
	held := flock.New(path)
	free, err := held.TryLock()
	if err != nil {
		return nil, cannotLock(errors.Join(err, opened.Close()))
	}
	if !free {
		err := fmt.Errorf("train: another training is writing into %s: wait for it to end, or give another directory", dir)
		return nil, errors.Join(err, opened.Close())
	}
	if !before {
		_, err = opened.WriteString(lockWords)
	}
	if err := errors.Join(err, opened.Close()); err != nil {
		return nil, cannotLock(errors.Join(err, held.Unlock()))
	}
	return held.Unlock, nil
}

func cannotLock(err error) error {
	return fmt.Errorf("train: cannot lock the run's directory: %w", err)
}

// locked reports whether a training has ever held a directory. The error is that for a file of the lock's name that no training wrote.
// One that is empty is of a program from before it had words.
func locked(dir string) (bool, error) {
	path := filepath.Join(dir, lockName)
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 { // what it leads to would be written
		return false, fmt.Errorf("train: %s is a link, which no training makes: move it away, or give another directory", path)
	}
	words, err := file.Read(path, int64(len(lockWords)))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(words) == 0:
		return false, nil
	case errors.Is(err, file.ErrTooLarge), err == nil && string(words) != lockWords:
		return false, fmt.Errorf("train: %s is of another program: move it away, or give another directory", path)
	case err != nil:
		return false, cannotLock(err)
	}
	return true, nil
}
