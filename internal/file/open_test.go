package file_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/file"
)

// What is no regular file is refused by what it is, at once, however it is opened.
func TestNotRegular(t *testing.T) {
	dir := t.TempDir()
	pipe, socket := filepath.Join(dir, "pipe"), filepath.Join(dir, "socket")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	ways := map[string]func(path string) error{
		"Open":     func(path string) error { _, err := file.Open(path); return err },
		"Update":   func(path string) error { _, err := file.Update(path); return err },
		"Read":     func(path string) error { _, err := file.Read(path, 1); return err },
		"Write":    func(path string) error { return file.WriteBytes(path, nil) },
		"CanWrite": file.CanWrite,
		"Dir": func(path string) error {
			opened, err := file.Dir(filepath.Dir(path)).Open(filepath.Base(path))
			if err == nil {
				info, _ := opened.Stat()
				if info.IsDir() { // to be listed
					_, err = file.ReadAll(opened, path, 1)
				}
			}
			return err
		},
	}
	for _, path := range []string{pipe, socket, link, dir, "/dev/zero", "/dev/null"} {
		for name, way := range ways {
			ended := make(chan error, 1)
			go func() { ended <- way(path) }()
			select {
			case err := <-ended:
				if !errors.Is(err, file.ErrNotRegular) {
					t.Errorf("%s of %s: %v, want %v", name, path, err, file.ErrNotRegular)
				}
			case <-time.After(time.Minute):
				t.Errorf("%s of %s waits", name, path)
			}
		}
	}
}

// An error that names a file is left as it is, whatever else of the name it has in its words; to others the name is put.
func TestNamed(t *testing.T) {
	dir := t.TempDir()
	_, folder := file.Open(dir)
	_, none := file.Read(filepath.Join(dir, "none"), 1)
	_, large := file.Read("/proc/self/maps", 1)
	words := errors.New("it leads to dir/a")
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{dir, folder, folder.Error()},
		{filepath.Base(dir), folder, folder.Error()},
		{filepath.Join(dir, "none"), fmt.Errorf("%w, but another", none), none.Error() + ", but another"},
		{"maps", large, large.Error()},
		{"dir/a", words, "dir/a: it leads to dir/a"},
		{"other", folder, "other: " + folder.Error()},
	} {
		if got := file.Named(c.name, c.err); got.Error() != c.want || !errors.Is(got, c.err) {
			t.Errorf("%s, %v: %v, want %s", c.name, c.err, got, c.want)
		}
	}
}

// A file is read up to its limit; one that has more, or more than its size says, is refused.
func TestLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := file.WriteBytes(path, []byte("12345")); err != nil {
		t.Fatal(err)
	}
	if got, err := file.Read(path, 5); err != nil || string(got) != "12345" {
		t.Errorf("all of it: %q, %v", got, err)
	}
	if _, err := file.Read(path, 4); !errors.Is(err, file.ErrTooLarge) {
		t.Errorf("too large: %v, want %v", err, file.ErrTooLarge)
	}
	if _, err := file.Read("/proc/self/maps", 4); !errors.Is(err, file.ErrTooLarge) { // its size is said to be 0
		t.Errorf("larger than it says: %v, want %v", err, file.ErrTooLarge)
	}
	if _, err := file.Read(path+"-", 4); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v, want %v", err, fs.ErrNotExist)
	}
}

// A file that is read takes about its size, not several times that.
func TestReadOnce(t *testing.T) {
	const size = 32 << 20
	path := filepath.Join(t.TempDir(), "a")
	if err := errors.Join(file.WriteBytes(path, nil), os.Truncate(path, size)); err != nil {
		t.Fatal(err)
	}
	var start, end runtime.MemStats
	runtime.ReadMemStats(&start)
	content, err := file.Read(path, size)
	runtime.ReadMemStats(&end)
	if made := end.TotalAlloc - start.TotalAlloc; err != nil || len(content) != size || made > size+size/4 {
		t.Errorf("%d bytes took %d, %v", len(content), made, err)
	}
}
