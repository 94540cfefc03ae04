package repository

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/unipair/unipair/internal/file"
)

// source is a folder of the repository that the program was built from, or empty.
var source string

// LookRound lets [Installed] look round a folder that the program was built from, too, so that a program in Go's bin folder finds what its
// clone has. It does nothing where that is no path, as after go build -trimpath.
func LookRound(dir string) {
	if filepath.IsAbs(dir) {
		source = dir
	}
}

// Installed returns where a workspace has a library: that of the repository round the working directory, round the program itself, or
// round what it was built from: see [LookRound]. The pattern is that of [fs.Glob] below the folder of Python's packages; the first by name
// is taken. The error names the library. It wraps [fs.ErrNotExist] where there is none; it is another one where others could have put it
// there.
func Installed(name, pattern string) (path string, err error) {
	err = fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	if runtime.GOOS != "linux" {
		return "", err
	}
	var dirs []string
	if dir, err := os.Getwd(); err == nil {
		dirs = append(dirs, dir)
	}
	if program, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(program))
	}
	if source != "" {
		dirs = append(dirs, source)
	}
	for _, dir := range dirs {
		found, notFound := installedRound(dir, pattern)
		if notFound == nil {
			return found, nil
		}
		if !errors.Is(notFound, fs.ErrNotExist) {
			err = notFound
		}
	}
	return "", err
}

// installedRound looks in the workspace of the repository that a folder lies in.
func installedRound(dir, pattern string) (path string, err error) {
	root, ok := Round(dir)
	if !ok {
		return "", fs.ErrNotExist
	}
	// The pattern is relative because a name above may hold its signs, as in [old].
	found, _ := fs.Glob(file.Dir(root), Workspace+"/venv/lib/python3*/site-packages/"+pattern)
	if len(found) == 0 {
		return "", fs.ErrNotExist
	}
	path = filepath.Join(root, found[0])
	if err := Trust(root); err != nil {
		return "", err
	}
	return path, TrustFile(root, path)
}
