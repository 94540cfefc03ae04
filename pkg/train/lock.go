package train

import (
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockName is the file by which a training holds its directory. The system lets go of it when the process ends, however it
// ends; the file itself stays.
const lockName = ".lock"

// lock takes a run's directory, so that no second training writes into it, and returns what gives it back.
func lock(dir string) (unlock func() error, err error) {
	held := flock.New(filepath.Join(dir, lockName))
	free, err := held.TryLock()
	if err != nil {
		return nil, fmt.Errorf("train: cannot lock the run's directory: %w", err)
	}
	if !free {
		return nil, fmt.Errorf("train: another training is writing into %s: wait for it to end, or give another directory", dir)
	}
	return held.Unlock, nil
}
