package checkpoint

import (
	"errors"
	"fmt"
	"syscall"
)

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
