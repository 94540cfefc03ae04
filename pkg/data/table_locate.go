package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/unipair/unipair/internal/file"
)

// openPicture opens an image file.
func openPicture(path string) (fs.File, error) {
	opened, err := file.Open(path)
	if errors.Is(err, file.ErrNotRegular) {
		if info, missing := os.Stat(path); missing == nil && info.IsDir() {
			return nil, errors.New("this is a folder, not an image")
		}
	}
	if err != nil {
		return nil, err
	}
	return opened, nil
}

// ofWindows matches the beginning of an absolute path of Windows.
var ofWindows = regexp.MustCompile(`^([A-Za-z]:[\\/]|\\\\)`)

// locator finds the files that a table names, which another computer may have written.
type locator struct {
	dir     string // what paths are relative to
	whole   string // the same from the root on
	mu      sync.Mutex
	folders map[string]map[string][]string // of each that was listed, its names by their small letters in form C
}

// find returns the file of a path: that of the very name, or else the one whose name is the same in Unicode's form C. Where there is none,
// backslashes are taken for slashes. A path of which there is no file at all is returned as it would be.
func (l *locator) find(path string) (string, error) {
	found := filepath.FromSlash(path)
	if !filepath.IsAbs(found) {
		found = filepath.Join(l.dir, found)
	}
	found = filepath.Clean(found)
	at, ok := l.alike(found, false)
	switch {
	case ok:
		return at, nil
	case ofWindows.MatchString(path) && !filepath.IsAbs(path):
		return "", fmt.Errorf("%s is a path on a drive of Windows: write paths from the folder of the table on", path)
	case strings.Contains(path, `\`):
		return l.find(strings.ReplaceAll(path, `\`, "/"))
	}
	return found, nil
}

// within returns a path that was found, relative to the working directory if paths of the table are: an absolute one may name the same
// file.
func (l *locator) within(path string) string {
	if filepath.IsAbs(path) && !filepath.IsAbs(l.dir) {
		if from, err := filepath.Rel(l.whole, path); err == nil {
			return filepath.Join(l.dir, from)
		}
	}
	return path
}

// open opens the picture of a path that was found. If there is none, the error says which is there whose name differs in capitals alone.
func (l *locator) open(path string) (fs.File, error) {
	opened, err := openPicture(path)
	if errors.Is(err, fs.ErrNotExist) {
		if near, ok := l.alike(path, true); ok {
			err = fmt.Errorf("%w, but there is %s: write it so", err, near)
		}
	}
	return opened, err
}

// alike returns the file of a path whose names are the same in Unicode's form C; capitals may differ if fold says so. ok is false where
// there is none, or more than one.
func (l *locator) alike(path string, fold bool) (found string, ok bool) {
	if exists(path) {
		return path, true
	}
	folder, name := filepath.Dir(path), norm.NFC.String(filepath.Base(path))
	if folder == path {
		return "", false
	}
	if folder, ok = l.alike(folder, fold); !ok {
		return "", false
	}
	for _, other := range l.list(folder)[strings.ToLower(name)] {
		if !fold && norm.NFC.String(other) != name {
			continue
		}
		if found != "" {
			return "", false
		}
		found = filepath.Join(folder, other)
	}
	return found, found != ""
}

// list returns the names in a folder, which it reads once; none if it cannot be read.
func (l *locator) list(folder string) map[string][]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if names, ok := l.folders[folder]; ok {
		return names
	}
	names := map[string][]string{}
	entries, _ := os.ReadDir(folder) // what is not there is said where it is opened
	for _, e := range entries {
		key := strings.ToLower(norm.NFC.String(e.Name()))
		names[key] = append(names[key], e.Name())
	}
	if l.folders == nil {
		l.folders = map[string]map[string][]string{}
	}
	l.folders[folder] = names
	return names
}
