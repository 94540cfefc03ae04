package data

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// lockOf returns the lock of a folder: on the folder itself, so that nothing stays behind.
func lockOf(dir string) *flock.Flock { return flock.New(dir, flock.SetFlag(os.O_RDONLY)) }

// lockFolder makes the folder of a data set in the cache and waits until no other process writes there.
func lockFolder(ctx context.Context, o Options, dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	lock := lockOf(dir)
	locked, err := lock.TryLock()
	if err == nil && !locked {
		o.tell("waiting for another process that writes to %s", dir)
		_, err = lock.TryLockContext(ctx, 100*time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be locked: %w", dir, err)
	}
	return lock.Unlock, nil
}
