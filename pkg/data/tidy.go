package data

import (
	"os"
	"path/filepath"
	"regexp"

	"github.com/unipair/unipair/internal/file"
)

// leftover matches the name of a file that is being written in the cache, by this version or by those before it. Whoever writes there
// holds the lock of the folder, so that under that lock such a file is what a killed process left.
var leftover = regexp.MustCompile(`^` + file.Partial + `$|^\..+-[0-9a-f]+-[0-9a-f]+\.zip-\d+$|^\..+\.seen\.json-\d+$`)

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
