package data_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// A folder that may not be read is refused by name, or named and left out.
func TestUnreadableFolders(t *testing.T) {
	good := plainPNG(t, 1)
	dir := write(t, map[string][]byte{"a/1.png": good, "a/deep/1.png": good, "b/1.png": good, "lost+found/1.png": good})
	split := write(t, map[string][]byte{"train/a/1.png": good, "extra/1.png": good, "lost+found/1.png": good})
	for _, path := range []string{dir + "/a/deep", dir + "/lost+found", split + "/extra", split + "/lost+found"} {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(path, 0o777)
	}
	if os.Getuid() == 0 { // whom no folder refuses: files are asked for as nobody, in this thread alone
		if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // of both: it is for its owner alone
			t.Fatal(err)
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := syscall.Setfsuid(65534); err != nil {
			t.Skip(err)
		}
		defer syscall.Setfsuid(0)
	}
	_, err := data.Folder(t.Context(), dir, data.Options{})
	expect(t, err, "data: open "+dir+"/a/deep: permission denied", "--skip-bad")
	_, err = data.FolderParts(t.Context(), split, data.Options{})
	expect(t, err, "data: open "+split+"/extra: permission denied", "--skip-bad")
	var left []string
	o := data.Options{Skip: func(path string, reason error) { left = append(left, path) }}
	if ds, err := data.Folder(t.Context(), dir, o); err != nil || ds.Len() != 2 || !slices.Equal(left, []string{dir + "/a/deep"}) {
		t.Errorf("left out %q, %v", left, err)
	}
	left = nil
	if parts, err := data.FolderParts(t.Context(), split, o); err != nil || parts.Train.Len() != 1 || !slices.Equal(left, []string{split + "/extra"}) {
		t.Errorf("of a split, left out %q, %v", left, err)
	}
}
