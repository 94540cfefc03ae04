// Package disktest gives tests a small disk to fill: a real file system, in memory.
package disktest

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/file"
)

// smallDisk names the directory over which a test program mounts a small disk.
const smallDisk = "UNIPAIR_TEST_SMALL_DISK"

// Small runs the rest of a top-level test in a child process, which alone sees a disk of 4 MB over a directory. Where the system allows no
// such thing, the test is skipped.
func Small(t *testing.T, rest func(dir string)) {
	t.Helper()
	if dir := os.Getenv(smallDisk); dir != "" {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
			t.Skip(err)
		}
		rest(dir)
		return
	}
	process := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	process.Env = append(os.Environ(), smallDisk+"="+t.TempDir())
	process.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, // needs no root where the system lets users have namespaces
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	said, err := process.CombinedOutput()
	switch {
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSPC):
		t.Skip("the system allows no name spaces:", err)
	case strings.Contains(string(said), "--- SKIP"):
		t.Skipf("the system allows no mount: %s", said)
	case err != nil:
		t.Fatalf("%v\n%s", err, said)
	}
}

// Fill writes a file that leaves so many bytes of the disk of dir, and returns what removes it. It waits for the bytes of removed files
// first: the system gives them back a moment after their names are gone.
func Fill(t *testing.T, dir string, left int64) (makeRoom func()) {
	t.Helper()
	var disk syscall.Statfs_t
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if err := syscall.Statfs(dir, &disk); err != nil {
			t.Fatal(err)
		}
		_, taken := sizes(t, dir)
		removed := int64(disk.Blocks-disk.Bfree)*disk.Bsize - taken
		if removed < max(left, disk.Bsize) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes of removed files are not given back", removed)
		}
	}
	free := int64(disk.Bavail) * disk.Bsize
	if free < 2*left {
		t.Fatalf("%d bytes are free, and %d are to be left", free, left)
	}
	name := filepath.Join(dir, "filler")
	if err := file.WriteBytes(name, make([]byte, free-left)); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// SizeOf returns the bytes of all files below dir.
func SizeOf(t *testing.T, dir string) int64 {
	t.Helper()
	size, _ := sizes(t, dir)
	return size
}

// sizes returns the bytes of all files below dir, and those of the disk that they take.
func sizes(t *testing.T, dir string) (size, taken int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		about, err := entry.Info()
		if err == nil && about.Mode().IsRegular() {
			size, taken = size+about.Size(), taken+512*about.Sys().(*syscall.Stat_t).Blocks
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size, taken
}
