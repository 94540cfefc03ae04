package file_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/unipair/unipair/internal/file"
)

// Files are all new or all old, wherever the writing stopped. Others stay.
func TestWriteTogether(t *testing.T) {
	before := map[string]string{"a": "1", "b": "1", "mine": "x"}
	after := map[string]string{"a": "2", "b": "2", "mine": "x"}
	broken := errors.New("broken off")
	for name, c := range map[string]struct {
		stop func(dir string) error // what a stopped program left, or does
		want map[string]string
	}{
		"done": {func(dir string) error { return file.WriteTogether(dir, ab) }, after},
		"killed while another was written": {func(dir string) error {
			partial := filepath.Join(dir, ".unipair-01234567.partial")
			return errors.Join(os.Mkdir(partial, 0o777), ab(partial), file.WriteTogether(dir, ab))
		}, after},
		"failed while it was written": {func(dir string) error {
			err := file.WriteTogether(dir, func(next string) error { return errors.Join(ab(next), broken) })
			if !errors.Is(err, broken) {
				return errors.New("the error is lost")
			}
			return nil
		}, before},
		"killed before any was in its place": {func(dir string) error {
			next := filepath.Join(dir, ".unipair-next")
			return errors.Join(os.Mkdir(next, 0o777), ab(next))
		}, after},
		"killed when one was": {func(dir string) error {
			next := filepath.Join(dir, ".unipair-next")
			return errors.Join(os.Mkdir(next, 0o777), ab(next), os.Rename(filepath.Join(next, "b"), filepath.Join(dir, "b")))
		}, after},
		"killed when all were": {func(dir string) error {
			return errors.Join(ab(dir), os.Mkdir(filepath.Join(dir, ".unipair-next"), 0o777))
		}, after},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range before {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(c.stop(dir), file.Complete(dir), file.Complete(dir)); err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range entries {
				text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
				if err != nil {
					t.Fatal(err)
				}
				got[entry.Name()] = string(text)
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("it has %v, want %v", got, c.want)
			}
		})
	}
}

// ab writes two files.
func ab(dir string) error {
	return errors.Join(file.WriteBytes(filepath.Join(dir, "a"), []byte("2")), file.WriteBytes(filepath.Join(dir, "b"), []byte("2")))
}
