// Package compiled keeps what XLA compiled in a folder of the user's, so that the next process that has the same graph compiles nothing.
package compiled

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/repository"
)

// store is a folder of executables. Each is a file whose name is the sum of what it was compiled of and for; it begins with the sum of
// what follows. As executables are run, the folder must be such that nobody else can write to it. What cannot be read is as none, and what
// cannot be written is not kept: the graph is compiled.
type store struct {
	dir     string
	machine string // what an executable is for: another plugin, other flags or another processor have others
	most    int64  // bytes; where there are more, those go that were not asked for the longest
}

// mostBytes bounds what the executables of a folder take: thousands of graphs of losses and trainings, of some hundred kilobytes each.
const mostBytes = 256 << 20

// openStore makes the folder unless it is there, and returns an error if it is not the user's alone.
func openStore(dir, machine string) (store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return store{}, err
	}
	if err := repository.Ours(dir); err != nil {
		return store{}, err
	}
	return store{dir, machine, mostBytes}, nil
}

// path returns where an executable is kept.
func (s store) path(program, options []byte) string {
	sum := sha256.New()
	for _, part := range [][]byte{[]byte(s.machine), options, program} {
		fmt.Fprintf(sum, "%d ", len(part))
		sum.Write(part)
	}
	return filepath.Join(s.dir, hex.EncodeToString(sum.Sum(nil)))
}

// find returns an executable that is kept whole, or nil.
func (s store) find(program, options []byte) []byte {
	path := s.path(program, options)
	if repository.Ours(path) != nil {
		return nil
	}
	kept, err := file.Read(path, s.most)
	if err != nil || len(kept) < sha256.Size || sha256.Sum256(kept[sha256.Size:]) != [sha256.Size]byte(kept[:sha256.Size]) {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // it goes the sooner if that fails
	return kept[sha256.Size:]
}

// ours matches the names of executables, and of what a killed program left of them: nothing else of a folder is counted or removed.
var ours = regexp.MustCompile(`^([0-9a-f]{64}|` + file.Partial + `)$`)

// keep keeps an executable, and makes room for it.
func (s store) keep(program, options, executable []byte) error {
	sum := sha256.Sum256(executable)
	if err := file.WriteBytes(s.path(program, options), append(sum[:], executable...)); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	var all []fs.FileInfo
	var bytes int64
	for _, entry := range entries {
		if !ours.MatchString(entry.Name()) {
			continue
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() { // else another process took it away
			all, bytes = append(all, info), bytes+info.Size()
		}
	}
	slices.SortFunc(all, func(a, b fs.FileInfo) int { return cmp.Compare(a.ModTime().UnixNano(), b.ModTime().UnixNano()) })
	for _, info := range all {
		if bytes <= s.most {
			break
		}
		if err := os.Remove(filepath.Join(s.dir, info.Name())); err == nil {
			bytes -= info.Size()
		}
	}
	return nil
}
