// Package journal keeps what was measured in a file of one JSON object per line, each on disk before the next is begun. So a program that
// was stopped or killed goes on where it was.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/unipair/unipair/internal/file"
)

// largest bounds the bytes of a journal that is read.
const largest = 1 << 30

// Journal holds the entries of a file. One that is open for writing holds the file, so that no second program writes to it.
type Journal[T any] struct {
	Entries []T

	name   string
	length int64 // bytes of whole lines
	lock   *flock.Flock
}

// Read reads a journal; one that is not there is empty. A last line without an end was cut off by a kill, and is left out.
func Read[T any](name string) (*Journal[T], error) {
	text, err := file.Read(name, largest)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	j := &Journal[T]{name: name}
	for {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return j, nil
		}
		var entry T
		if err := json.Unmarshal(line, &entry); err != nil {
			return nil, fmt.Errorf("%s line %d is damaged: %w; take the line out to go on without it", name, len(j.Entries)+1, err)
		}
		j.Entries, j.length, text = append(j.Entries, entry), j.length+int64(len(line))+1, rest
	}
}

// ErrHeld is wrapped by the error of [Open] where another program writes the journal.
var ErrHeld = errors.New("another program writes it")

// Open reads a journal to go on with it, and holds it until Close.
func Open[T any](name string) (*Journal[T], error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, err
	}
	lock := flock.New(name, flock.SetPermissions(0o644))
	free, err := lock.TryLock()
	if err == nil && !free {
		err = fmt.Errorf("%s: %w", name, ErrHeld)
	}
	if err != nil {
		return nil, err
	}
	j, err := Read[T](name)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	j.lock = lock
	return j, nil
}

// Close lets go of the file.
func (j *Journal[T]) Close() error { return j.lock.Close() }

// Append writes an entry over what may be left of a line that was cut off, and forces it to disk.
func (j *Journal[T]) Append(entry T) error {
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	opened, err := file.Update(j.name)
	if err != nil {
		return err
	}
	err = opened.Truncate(j.length)
	if err == nil {
		_, err = opened.WriteAt(line, j.length)
	}
	if err == nil {
		err = opened.Sync()
	}
	if err := errors.Join(err, opened.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w; give the same command again when that is mended: what is in it stays done", j.name, err)
	}
	j.Entries, j.length = append(j.Entries, entry), j.length+int64(len(line))
	return nil
}
