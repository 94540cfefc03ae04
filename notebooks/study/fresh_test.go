package study_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/notebooks/study"
)

func TestRunsOfOtherCodeAreEmptied(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, room := range []string{"pkg/losses", "pkg/data", "pkg/train", "notebooks/views"} {
		write(room+"/x.go", "package x")
	}
	t.Setenv("GONB_DIR", filepath.Join(root, "notebooks"))
	dir := filepath.Join(root, "runs", "one")
	kept := func() bool {
		t.Helper()
		if err := study.Fresh(dir); err != nil {
			t.Fatal(err)
		}
		_, err := os.Stat(filepath.Join(dir, "history"))
		return err == nil
	}
	kept()
	write("runs/one/history", "learnt")
	if !kept() {
		t.Error("a run of the same code was emptied")
	}
	write("pkg/losses/x_test.go", "package x_test")
	write("notebooks/01.ipynb", "{}")
	if !kept() {
		t.Error("a run was emptied for a test or a notebook's text")
	}
	write("pkg/losses/x.go", "package x // changed")
	if kept() {
		t.Error("a run of other code was kept")
	}
	write("runs/one/history", "learnt anew")
	write("notebooks/slips/y.go", "package slips")
	if kept() {
		t.Error("a run was kept when a package of the notebooks' came")
	}
	t.Setenv("GONB_DIR", filepath.Join(root, "nowhere", "notebooks"))
	if err := study.Fresh(dir); err == nil || !strings.Contains(err.Error(), "cannot tell which code this is") {
		t.Errorf("no sources: error %v", err)
	}
}
