package train_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/train"
)

// A pipe or a device in place of any file that a run opens is named at once, and nobody waits for it.
func TestNoRegularFile(t *testing.T) {
	b, c, from := backendtest.Go(t), tiny(), t.TempDir()
	c.Steps, c.Warmup = 1, 0
	run(t, b, c, train.Options{Dir: from})
	variables, err := filepath.Glob(filepath.Join(from, "step-00000001", "checkpoint-*"))
	if err != nil || len(variables) != 2 {
		t.Fatal(variables, err)
	}
	resume := func(dir string) error {
		_, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir})
		return err
	}
	load := func(dir string) error { _, err := train.Load(b, dir); return err }
	for _, try := range []struct {
		name string
		ways map[string]func(dir string) error
	}{
		{"step-00000001/manifest.json", map[string]func(string) error{
			"ReadManifest": func(dir string) error { _, err := train.ReadManifest(dir); return err }, "Load": load, "Run": resume}},
		{"step-00000001/" + filepath.Base(variables[0]), map[string]func(string) error{
			"Load": load, "Run": resume}},
		{"step-00000001/" + filepath.Base(variables[1]), map[string]func(string) error{"Load": load, "Run": resume}},
		{"history.jsonl", map[string]func(string) error{
			"ReadHistory": func(dir string) error { _, err := train.ReadHistory(dir); return err }, "Run": resume}},
		{".lock", map[string]func(string) error{"Run": resume}},
		{"weights.safetensors", map[string]func(string) error{"Run": func(dir string) error {
			c := c
			c.Network, c.Weights = train.Network{Architecture: train.ArchitectureResNet18, Size: 32, Dim: 8}, filepath.Join(dir, "weights.safetensors")
			_, err := train.Run(t.Context(), b, c, bars, train.Options{})
			return err
		}}},
	} {
		for kind, place := range map[string]func(path string) error{
			"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o666) },
			"a device": func(path string) error { return os.Symlink("/dev/zero", path) },
		} {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, try.name)
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := place(path); err != nil {
				t.Fatal(err)
			}
			for name, way := range try.ways {
				ended := started(way, dir)
				select {
				case err := <-ended:
					says := kind
					if try.name == ".lock" && kind == "a device" { // it is one by a link, which is refused before it is followed
						says = "a link"
					}
					if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), filepath.Base(try.name)) {
						t.Errorf("%s of %s: error %v, want one that says %s", name, try.name, err, says)
					}
				case <-time.After(time.Minute):
					t.Errorf("%s of %s waits", name, try.name)
				}
			}
			// A copy leaves out what is no file of a checkpoint, or says so.
			to := t.TempDir()
			if err := train.Copy(to, dir); err != nil && !errors.Is(err, file.ErrNotRegular) {
				t.Errorf("Copy with %s: %v", try.name, err)
			}
		}
	}
}

// started calls a function that may wait for ever.
func started(way func(string) error, dir string) chan error {
	ended := make(chan error, 1)
	go func() { ended <- way(dir) }()
	return ended
}
