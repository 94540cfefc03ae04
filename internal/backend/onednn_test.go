package backend_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/onednn"
)

// A workspace's plugin for amd64 is given the workspace's oneDNN, through links too, unless others could have put it there or the user wants
// XLA's convolutions; another plugin is given none.
func TestOneDNN(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no plugin")
	}
	const library = ".workspace/venv/lib/libdnnl.so.3"
	link := func(root string) (string, error) {
		path := filepath.Join(root, "xla_cpu.so")
		return path, os.Symlink(filepath.Join(root, plugin), path)
	}
	for name, c := range map[string]struct {
		prepare func(root string) (plugin string, err error)
		setting string
		found   bool
	}{
		"ours":         {func(root string) (string, error) { return filepath.Join(root, plugin), nil }, "", true},
		"another word": {func(root string) (string, error) { return filepath.Join(root, plugin), nil }, "onednn", true},
		"a link":       {link, "", true},
		"XLA's wanted": {func(root string) (string, error) { return filepath.Join(root, plugin), nil }, "xla", false},
		"none": {func(root string) (string, error) {
			return filepath.Join(root, plugin), os.Remove(filepath.Join(root, library))
		}, "", false},
		"for all": {func(root string) (string, error) {
			return filepath.Join(root, plugin), os.Chmod(filepath.Join(root, library), 0o666)
		}, "", false},
		"arm64's": {func(root string) (string, error) { return filepath.Join(root, earlier), nil }, "", false},
		"no such": {func(root string) (string, error) { return filepath.Join(root, "other", "libpjrt_cpu.so"), nil }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(onednn.Variable, c.setting)
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			plant(t, root)
			for _, path := range []string{plugin, earlier, library} {
				write(t, filepath.Join(root, path), 0o644)
			}
			path, err := c.prepare(root)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			if c.found {
				want = filepath.Join(root, library)
			}
			if got := backend.OneDNN(path); got != want {
				t.Errorf("it is given %q, want %q", got, want)
			}
		})
	}
}
