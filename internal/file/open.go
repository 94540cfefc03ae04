package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrNotRegular is wrapped by the errors for what is there and is no regular file: a folder, a pipe, a device, a socket.
var ErrNotRegular = errors.New("not a regular file")

// ErrTooLarge is wrapped by the errors for files that have more bytes than their kind may.
var ErrTooLarge = errors.New("too large")

// Open opens a regular file for reading, or what a link leads to. The error wraps [fs.ErrNotExist], or [ErrNotRegular].
func Open(path string) (*os.File, error) { return open(path, os.O_RDONLY) }

// Update opens a regular file for reading and writing, and makes an empty one where there is none.
func Update(path string) (*os.File, error) { return open(path, os.O_RDWR|os.O_CREATE) }

// open looks before it opens, since opening may itself have an effect on a device, and once more after, since another program may have
// put something else there. It never waits: a pipe is opened without its other end.
func open(path string, flags int) (*os.File, error) {
	if info, err := os.Stat(path); err == nil {
		if err := regular(path, info); err != nil {
			return nil, err
		}
	}
	opened, err := os.OpenFile(path, flags|syscall.O_NONBLOCK, 0o666)
	if err != nil {
		return nil, err
	}
	info, err := opened.Stat()
	if err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}

// regular returns an error that says what a file is, unless it is a regular one.
func regular(path string, info fs.FileInfo) error {
	switch {
	case info.Mode().IsRegular():
		return nil
	case info.IsDir():
		return refuse(path, "is a folder, %w", ErrNotRegular)
	}
	return refuse(path, "is %s, %w: remove it or give another", Kind(info.Mode()), ErrNotRegular)
}

// refusal is an [fs.PathError] that reads as a sentence about the file.
type refusal struct{ fs.PathError }

func refuse(path, words string, values ...any) error {
	return &refusal{fs.PathError{Op: "open", Path: path, Err: fmt.Errorf(words, values...)}}
}

func (r *refusal) Error() string { return r.Path + " " + r.Err.Error() }
func (r *refusal) Unwrap() error { return &r.PathError }

// Kind says what a file is.
func Kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a regular file"
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "a file of a kind that is not read"
}

// Read reads all of a regular file that has at most so many bytes.
func Read(path string, most int64) ([]byte, error) {
	opened, err := Open(path)
	if err != nil {
		return nil, err
	}
	content, err := ReadAll(opened, path, most)
	return content, errors.Join(err, opened.Close())
}

// ReadAll reads all of an opened file that has at most so many bytes. The name is for errors.
func ReadAll(opened fs.File, name string, most int64) ([]byte, error) {
	info, err := opened.Stat()
	if err == nil {
		err = regular(name, info)
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > most { // before any room is made for it
		return nil, tooLarge(name, most)
	}
	var content bytes.Buffer
	content.Grow(int(info.Size()) + bytes.MinRead)            // what grows step by step takes several times its size
	_, err = content.ReadFrom(io.LimitReader(opened, most+1)) // it may have grown
	if err == nil && int64(content.Len()) > most {
		err = tooLarge(name, most)
	}
	if err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

// Named puts a file's name before an error, unless the error names the file itself, by this name or by a path that ends in it.
func Named(name string, err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok && strings.HasSuffix(at.Path, name) {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

func tooLarge(name string, most int64) error {
	return refuse(name, "has more than %s, the most that is read of its kind: it is %w", Size(most), ErrTooLarge)
}

// Size says a number of bytes as a person reads it.
func Size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.3g GB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.3g MB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.3g kB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// Dir returns a tree of files as [os.DirFS] does, whose files are opened by [Open].
func Dir(dir string) fs.FS { return folder{os.DirFS(dir), dir} }

type folder struct {
	fs.FS
	dir string
}

// Open implements [fs.FS]. A folder is opened as one, to be listed.
func (f folder) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return f.FS.Open(name)
	}
	return Open(path)
}
