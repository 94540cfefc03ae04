package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An index is whole or absent, and where it cannot be is told before any work.
func TestExportIsWholeOrAbsent(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	parent := t.TempDir()
	run := filepath.Join(parent, "run")
	if code, _, messages := call(t, little(run)...); code != 0 {
		t.Fatal(messages)
	}
	if err := os.Symlink("nowhere", filepath.Join(parent, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"run", "link", "run/run.yaml", "run/run.yaml/index"} {
		code, out, messages := call(t, "export", "--checkpoint", run, "--data", "glyphs", "--out", filepath.Join(parent, name))
		if code != 1 || out != "" || strings.Count(messages, "\n") != 1 { // the backend was not opened
			t.Errorf("--out %s: exit %d, wrote %q, said %q", name, code, out, messages)
		}
	}
	before := syscall.Umask(0o027)
	defer syscall.Umask(before)
	index := filepath.Join(parent, "[a] new", "index")
	if code, _, messages := call(t, "export", "--checkpoint", run, "--data", "glyphs", "--out", index); code != 0 {
		t.Fatal(messages)
	}
	for name, want := range map[string]os.FileMode{"": 0o750, "index.json": 0o640, "embeddings.npy": 0o640, "models/1": 0o750} {
		if info, err := os.Stat(filepath.Join(index, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
	if text, err := os.ReadFile(filepath.Join(index, "index.json")); err != nil || strings.Count(string(text), "manifest.json\": \"") != 1 {
		t.Errorf("the network's manifest is not summed: %s, %v", text, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(index)); err != nil || len(entries) != 1 {
		t.Errorf("beside the index: %v, %v", entries, err)
	}
}
