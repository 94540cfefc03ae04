package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
)

// Partial matches, in a regular expression, the names of what [Write] and [WriteDir] have not finished: a killed program leaves them.
const Partial = `\.unipair-[0-9a-f]{8}\.partial`

// partialIn returns such a name in a folder.
func partialIn(dir string) string {
	return filepath.Join(dir, fmt.Sprintf(".unipair-%08x.partial", rand.Uint32()))
}

// unfinished are the temporary files and folders that are being written.
var unfinished sync.Map

// Write writes a file, and the folder it lies in, under a temporary name, forces it to disk and renames it. What was there before
// stays if that fails. A new file gets the permissions that the user's umask leaves, an old one keeps its own.
func Write(path string, write func(to io.Writer) error) error {
	temporary, err := beside(path)
	if err != nil {
		return err
	}
	defer discard(temporary.Name()) // after the rename there is none
	err = write(temporary)
	if info, old := os.Stat(path); old == nil {
		err = errors.Join(err, temporary.Chmod(info.Mode().Perm()))
	}
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// WriteBytes writes bytes to a file, as [Write] does.
func WriteBytes(path string, content []byte) error {
	return Write(path, func(to io.Writer) error {
		_, err := to.Write(content)
		return err
	})
}

// CanWrite returns the error that [Write] would end with before it writes anything: for use before long work.
func CanWrite(path string) error {
	temporary, err := beside(path)
	if err != nil {
		return err
	}
	defer discard(temporary.Name())
	return temporary.Close()
}

// beside makes an empty temporary file in the folder of a path that is to be written.
func beside(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil {
		if err := regular(path, info); err != nil {
			return nil, err
		}
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	for {
		name := partialIn(dir)
		temporary, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil {
			unfinished.Store(name, nil)
		}
		return temporary, err
	}
}

func discard(name string) {
	_ = os.RemoveAll(name) // it may be gone
	unfinished.Delete(name)
}

// DiscardUnfinished removes what every [Write] and [WriteDir] that is going on has written so far. It is for a program that is about to
// end.
func DiscardUnfinished() {
	unfinished.Range(func(name, _ any) bool {
		discard(name.(string))
		return true
	})
}
