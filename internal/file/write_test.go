package file_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/file"
)

// A file that is written anew has all of the new text, or all of the old where writing fails; nothing else is left.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new folder")
	path := filepath.Join(dir, "a.txt")
	full := errors.New("the disk is full")
	for _, c := range []struct {
		text string
		err  error
		want string
	}{
		{"first", nil, "first"}, {"sec", full, "first"}, {"third", nil, "third"},
	} {
		err := file.Write(path, func(to io.Writer) error {
			_, err := io.WriteString(to, c.text)
			return errors.Join(err, c.err)
		})
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, want %v", c.text, err, c.err)
		}
		text, err := os.ReadFile(path)
		if err != nil || string(text) != c.want {
			t.Errorf("after %s: %q, %v, want %q", c.text, text, err, c.want)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("after %s the folder holds %v, %v", c.text, entries, err)
		}
	}
}

// A new file has the permissions that the umask leaves, a file that is written anew keeps its own, and no name is too long for a
// temporary one.
func TestPermissions(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ umask, want fs.FileMode }{{0o077, 0o600}, {0o022, 0o644}, {0o002, 0o664}} {
		before := syscall.Umask(int(c.umask))
		path := filepath.Join(dir, strings.Repeat("n", 250)+fmt.Sprintf("%03o", c.umask))
		err := file.WriteBytes(path, nil)
		syscall.Umask(before)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != c.want {
				t.Errorf("umask %03o: mode %v, %v, want %v", c.umask, info.Mode(), err, c.want)
			}
			if err := file.WriteBytes(path, []byte("again")); err != nil {
				t.Fatal(err)
			}
		}
	}
}
