package omniglot_test

import (
	"cmp"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/notebooks/omniglot"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
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
		if err := omniglot.Fresh(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "notes.txt")); err != nil {
			t.Errorf("what the user put there is gone: %v", err)
		}
		_, err := os.Stat(filepath.Join(dir, "step-00000001"))
		return err == nil
	}
	write("runs/one/notes.txt", "mine")
	kept()
	write("runs/one/step-00000001/manifest.json", "learnt")
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
	write("runs/one/step-00000001/manifest.json", "learnt anew")
	write("notebooks/slips/y.go", "package slips")
	if kept() {
		t.Error("a run was kept when a package of the notebooks' came")
	}
	t.Setenv("GONB_DIR", filepath.Join(root, "nowhere", "notebooks"))
	if err := omniglot.Fresh(dir); err == nil || !strings.Contains(err.Error(), "cannot tell which code this is") {
		t.Errorf("no sources: error %v", err)
	}
}

// Two notebooks that want one run at a time both get it: one trains, the other waits for it.
func TestRunTakesTurns(t *testing.T) {
	learn, err := data.Glyphs(data.GlyphsConfig{Classes: 4, PerClass: 4, Size: 28})
	if err != nil {
		t.Fatal(err)
	}
	b, c := backendtest.XLA(t), omniglot.Recipe{}.Config()
	c.Loss = "circle"
	c.Steps, c.Warmup, c.Classes, c.PerClass, c.Width = 2, 0, 4, 2, 4
	options := train.Options{Dir: filepath.Join(t.TempDir(), "runs", "one")}
	results, errs := make([]*train.Result, 2), make([]error, 2)
	var running sync.WaitGroup
	for i := range results {
		running.Go(func() { results[i], errs[i] = omniglot.Run(b, c, learn, options) })
	}
	running.Wait()
	if err := cmp.Or(errs...); err != nil {
		t.Fatal(err)
	}
	if one, other := results[0].History, results[1].History; !reflect.DeepEqual(one, other) {
		t.Errorf("two histories of one run: %+v and %+v", one, other)
	}
}
