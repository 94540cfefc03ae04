package train_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// users are names near those of a run's own, which a user may give: for each a folder and a file are tried.
var users = []string{
	"step-00000001-backup", "step-00000001-notes.txt", "step-1", "step-000000001", "step-00000001 ", "step-0000000x", "step-", "xstep-00000001",
	"best-notes.txt", "best-photos", "best-of", "best-2", "best-00000002~", ".partial-photos", ".partial-step-1", ".partial-123", ".partial-step-00000001.old",
	"steps", "history.jsonl.old", "manifest.json", "checkpoint-n0000000-mine.bin",
}

// put writes a text into a file of a directory.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// all reads what a directory holds: the text of each file by its path.
func all(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		texts[strings.TrimPrefix(path, dir+"/")] = entry.Type().String()
		if entry.Type().IsRegular() {
			text, err := os.ReadFile(path)
			texts[strings.TrimPrefix(path, dir+"/")] = string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// What a user has put into a run's directory is there after the run, and after it went on, whatever its name; what a run has written and
// no longer needs is gone.
func TestWhatTheUserPutThereStays(t *testing.T) {
	b, c, dir := backendtest.Go(t), tiny(), t.TempDir()
	c.Classes, c.Steps, c.Warmup, c.Validation = 3, 6, 0, train.Validation{Fraction: 0.4, Every: 1}
	mine := func() {
		for i, name := range users {
			if i%2 == 0 {
				name += "/mine.txt"
			}
			put(t, dir, name, "mine")
		}
	}
	mine()
	ctx, options := interrupt(dir, 3)
	options.SaveEvery = 1
	if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	put(t, dir, "step-00000003/notes.txt", "mine")
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, "step-00000002")); err != nil { // where a checkpoint lies elsewhere
		t.Fatal(err)
	}
	run(t, b, c, train.Options{Dir: dir, SaveEvery: 1})
	texts := all(t, dir)
	for i, name := range users {
		if i%2 == 0 {
			name += "/mine.txt"
		}
		if texts[name] != "mine" {
			t.Errorf("%s has %q, want what the user wrote", name, texts[name])
		}
		delete(texts, name)
	}
	if texts["step-00000003/notes.txt"] != "mine" {
		t.Error("the notes in a checkpoint's folder are gone")
	}
	left := map[string]bool{}
	for name := range texts {
		folder, _, _ := strings.Cut(name, "/")
		left[folder] = true
	}
	best, err := filepath.Glob(filepath.Join(dir, "best-????????"))
	if err != nil || len(best) != 1 {
		t.Fatal(best, err)
	}
	for _, name := range []string{".lock", "history.jsonl", "step-00000002", "step-00000003", "step-00000006", filepath.Base(best[0])} {
		if !left[name] {
			t.Errorf("%s is not there", name)
		}
		delete(left, name)
	}
	if len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

// What a run would write over is named before its first step, and nothing is changed.
func TestWhatARunWouldWriteOver(t *testing.T) {
	b, c := backendtest.Go(t), tiny()
	c.Steps, c.Warmup = 2, 0
	begun := t.TempDir()
	run(t, b, c, train.Options{Dir: begun})
	for name, place := range map[string]func(dir, path string) error{
		"history.jsonl":                   func(dir, path string) error { return os.WriteFile(path, []byte("mine"), 0o666) },
		"run.yaml":                        func(dir, path string) error { return os.WriteFile(path, []byte("mine"), 0o666) },
		"history.svg":                     func(dir, path string) error { return os.Symlink("nowhere", path) },
		".lock":                           func(dir, path string) error { return os.WriteFile(path, []byte("mine"), 0o666) },
		"step-00000002":                   func(dir, path string) error { return os.WriteFile(path, []byte("mine"), 0o666) },
		"best-00000002":                   func(dir, path string) error { return os.Symlink("nowhere", path) },
		".partial-step-00000002":          func(dir, path string) error { return os.WriteFile(path, []byte("mine"), 0o666) },
		"best-00000003/photo.png":         func(dir, path string) error { return os.WriteFile(path, []byte("mine"), 0o666) },
		"step-00000003/photo.png":         func(dir, path string) error { return os.WriteFile(path, []byte("mine"), 0o666) },
		".partial-best-00000001/mine.txt": func(dir, path string) error { return os.WriteFile(path, []byte("mine"), 0o666) },
		"best-00000001": func(dir, path string) error { // of another run
			other := filepath.Join(begun, "step-00000002")
			text := strings.Replace(string(withoutSums(t, filepath.Join(other, "manifest.json"))), `"step": 2`, `"step": 1`, 1)
			if err := os.CopyFS(path, os.DirFS(other)); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(path, "manifest.json"), []byte(strings.Replace(text, `"dim": 8`, `"dim": 9`, 1)), 0o666)
		},
	} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := place(dir, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		before := all(t, dir)
		err := train.CanBegin(dir, "run.yaml", "history.svg")
		if err == nil {
			_, err = train.Run(t.Context(), b, c, bars, train.Options{Dir: dir, Progress: func(train.Record) { t.Errorf("%s: a step was done", name) }})
		}
		want, _, _ := strings.Cut(name, "/")
		if name == "best-00000001" {
			want = "dim is 9, not 8"
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "another directory") {
			t.Errorf("%s: error %v, want one that names it", name, err)
		}
		after := all(t, dir)
		if before[".lock"] == "" { // what is read as a checkpoint is so under the lock
			delete(after, ".lock")
		}
		if len(after) != len(before) {
			t.Errorf("%s: the directory holds %v, before %v", name, after, before)
		}
		for path, text := range before {
			if after[path] != text {
				t.Errorf("%s is %q, was %q", path, after[path], text)
			}
		}
	}
}

// A run that was stopped before its first checkpoint begins again, over what it left; so does one whose best network came before that.
func TestStoppedBeforeTheFirstCheckpoint(t *testing.T) {
	b, c, dir := backendtest.Go(t), tiny(), t.TempDir()
	c.Classes, c.Steps, c.Warmup, c.Validation = 3, 3, 0, train.Validation{Fraction: 0.4, Every: 1}
	whole := run(t, b, c, train.Options{})
	run(t, b, c, train.Options{Dir: dir})
	if err := os.RemoveAll(filepath.Join(dir, "step-00000003")); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "run.yaml", "")
	if err := train.CanBegin(dir, "run.yaml"); err != nil {
		t.Error(err)
	}
	again := run(t, b, c, train.Options{Dir: dir})
	if again.Resumed != 0 || len(again.History) != 3 || again.Best != whole.Best || !slices.Equal(embed(t, again.Embedder).Embeddings, embed(t, whole.Embedder).Embeddings) {
		t.Errorf("began again: resumed after %d with %d records", again.Resumed, len(again.History))
	}
	if err := train.CanBegin(filepath.Join(dir, "none"), "run.yaml"); err != nil {
		t.Errorf("a directory that is not there: %v", err)
	}
}

// A lock that is a link is refused, and nothing is written where it leads to.
func TestLockIsNoLink(t *testing.T) {
	b := backendtest.Go(t)
	for name, there := range map[string]bool{"nothing": false, "an empty file of the user's": true} {
		dir, to := t.TempDir(), filepath.Join(t.TempDir(), "mine")
		if there {
			put(t, filepath.Dir(to), "mine", "")
		}
		if err := os.Symlink(to, filepath.Join(dir, ".lock")); err != nil {
			t.Fatal(err)
		}
		c := tiny()
		c.Steps, c.Warmup = 2, 0
		_, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), ".lock is a link") {
			t.Errorf("to %s: error %v", name, err)
		}
		if text, err := os.ReadFile(to); (err == nil) != there || len(text) > 0 {
			t.Errorf("to %s: it is now %q, %v", name, text, err)
		}
	}
}
