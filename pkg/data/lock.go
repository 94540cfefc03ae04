package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"

	"github.com/unipair/unipair/internal/file"
)

// leftover matches the name of a file that is being written in the cache, by this version or by those before it. Whoever writes there
// holds the lock of the folder, so that under that lock such a file is what a killed process left.
var leftover = regexp.MustCompile(`^` + file.Partial + `$|^\..+-[0-9a-f]+-[0-9a-f]+\.zip-\d+$|^\..+\.seen\.json-\d+$`)

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

// tidy clears what killed processes left beside a file in the cache, and the part of a download that is of no more use. It does not while
// another process writes there.
func tidy(path string) {
	dir, part := filepath.Dir(path), partOfDownload(path)
	useless := leftovers(dir)
	for _, other := range []string{part, tagOf(part)} {
		if info, err := os.Lstat(other); err == nil && info.Mode().IsRegular() {
			useless = append(useless, other)
		}
	}
	if len(useless) == 0 {
		return
	}
	lock := lockOf(dir)
	if locked, err := lock.TryLock(); err != nil || !locked {
		return
	}
	for _, path := range useless {
		_ = os.Remove(path) // what does not go does no harm
	}
	_ = lock.Unlock()
}

func leftovers(dir string) (paths []string) {
	entries, _ := os.ReadDir(dir) // there need not be a folder
	for _, e := range entries {
		if leftover.MatchString(e.Name()) && e.Type().IsRegular() {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}
