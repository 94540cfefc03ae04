package train_test

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

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// trainOnSmallDisk names the directory over which this test program mounts a small disk, to train there.
const trainOnSmallDisk = "UNIPAIR_TEST_SMALL_DISK"

// TestNoSpaceLeft fills a real file system, in memory and seen by a child process alone, so that half a checkpoint still fits: the
// checkpoint before must stay, the error say where to make room, and the run go on when there is.
func TestNoSpaceLeft(t *testing.T) {
	if dir := os.Getenv(trainOnSmallDisk); dir != "" {
		noSpaceLeft(t, dir)
		return
	}
	process := exec.Command(os.Args[0], "-test.run=^TestNoSpaceLeft$", "-test.v")
	process.Env = append(os.Environ(), trainOnSmallDisk+"="+t.TempDir())
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

func noSpaceLeft(t *testing.T, dir string) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip(err)
	}
	b, c := backendtest.Go(t), tiny()
	c.Steps, c.Warmup, c.Width = 4, 0, 8
	filler := filepath.Join(dir, "filler")
	_, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir, SaveEvery: 1, Progress: func(r train.Record) {
		if r.Step == 3 {
			fill(t, filler, dir, sizeOf(t, filepath.Join(dir, "step-00000002"))/2)
		}
	}})
	if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "\n") ||
		!strings.Contains(err.Error(), "cannot write the checkpoint of step 3 into "+dir) || !strings.Contains(err.Error(), "make room there") {
		t.Fatalf("error %q", err)
	}
	hasStep2(t, dir)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	goesOnFromStep2(t, b, c, dir)
}

// fill writes a file that leaves so many bytes of the file system of dir. It waits for the bytes of removed files first: the system
// gives them back a moment after their names are gone.
func fill(t *testing.T, name, dir string, left int64) {
	var disk syscall.Statfs_t
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if err := syscall.Statfs(dir, &disk); err != nil {
			t.Fatal(err)
		}
		removed := int64(disk.Blocks-disk.Bfree)*disk.Bsize - sizeOf(t, dir)
		if removed < left {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes of removed files are not given back", removed)
		}
	}
	free := int64(disk.Bavail) * disk.Bsize
	if free < 2*left {
		t.Fatalf("%d bytes are free, and a checkpoint has %d", free, 2*left)
	}
	if err := os.WriteFile(name, make([]byte, free-left), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sizeOf(t *testing.T, dir string) (size int64) {
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		about, err := entry.Info()
		if err == nil && about.Mode().IsRegular() {
			size += about.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
