package whole_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/unipair/unipair/internal/whole"
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
		err := whole.Write(path, func(to io.Writer) error {
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
