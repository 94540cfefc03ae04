package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFewerThanEightClasses: they can be trained on without a split, all of them, and what is then said is true.
func TestFewerThanEightClasses(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, _ := pictures(t, []string{"a", "b", "c"}, 2)
	model := filepath.Join(t.TempDir(), "run")
	code, out, said := call(t, "train", "--data", "folder:"+dir, "--out", model, "--steps", "1", "--size", "16", "--width", "2", "--dim", "8", "--per-class", "2")
	if want := "measure it with: unipair eval --checkpoint " + model + " --data OTHER"; !strings.Contains(out, want) {
		t.Errorf("train wrote %q, want %q", out, want)
	}
	for _, want := range []string{": 3 classes, 6 images", dir + ": all classes are to learn from and none is for a test: fewer than 8 have more than one image"} {
		if code != 0 || !strings.Contains(said, want) {
			t.Errorf("train: exit %d, said %q, want %q", code, said, want)
		}
	}
	if code, out, said := call(t, "data", "folder:"+dir); code != 0 || !strings.HasPrefix(out, "training  3 classes  6 images") || strings.Contains(out, "test") {
		t.Errorf("data: exit %d, wrote %q, said %q", code, out, said)
	}
	if code, out, said := call(t, "eval", "--checkpoint", model, "--data", "folder:"+dir); code != 2 || !strings.Contains(said, "has no test part: give --part training") || out != "" {
		t.Errorf("eval: exit %d, said %q", code, said)
	}
	if _, queries, said := measuredOn(t, model, "folder:"+dir, "--part", "training"); queries != 6 || !strings.Contains(said, "warning: 3 of the 3 classes") {
		t.Errorf("eval of what was learnt: %d queries, said %q", queries, said)
	}
	other, _ := pictures(t, []string{"d", "e"}, 2)
	if on, queries, said := measuredOn(t, model, "folder:"+other); on != other || queries != 4 || strings.Contains(said, "warning") {
		t.Errorf("eval of two others: %d queries on %q, said %q", queries, on, said)
	}
}

// TestSplitOfATraining: a training and an evaluation see the split beside whatever has no picture, and are refused beside what has.
func TestSplitOfATraining(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, _ := pictures(t, []string{"train/a", "train/b", "test/c", "test/d"}, 2)
	for _, name := range []string{"__MACOSX/train/a/._0.png", "annotations/all.json", "lost+found/x"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	model := filepath.Join(t.TempDir(), "run")
	words := []string{"train", "--data", "folder:" + dir, "--out", model, "--steps", "1", "--size", "16", "--width", "2", "--dim", "8", "--per-class", "2"}
	if code, _, said := call(t, words...); code != 0 || !strings.Contains(said, "on "+dir+"/train: 2 classes, 4 images") {
		t.Fatalf("exit %d, said %q", code, said)
	}
	if on, _, said := measuredOn(t, model, "folder:"+dir); on != dir+"/test" || strings.Contains(said, "warning") {
		t.Errorf("measured on %q, said %q", on, said)
	}
	if err := os.Rename(filepath.Join(dir, "test/d"), filepath.Join(dir, "extra")); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{words, {"eval", "--checkpoint", model, "--data", "folder:" + dir}, {"data", "folder:" + dir}} {
		if code, _, said := call(t, words...); code != 1 || !strings.Contains(said, dir+"/extra has pictures and is no part of the split") {
			t.Errorf("%s: exit %d, said %q", words[0], code, said)
		}
	}
}

// TestPlacesThatNeverEnd: a pipe is refused by name, whatever it is given as.
func TestPlacesThatNeverEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe.csv", 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("x.npy", []byte("\x93NUMPY\x01\x00\x3c\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }\n\x00\x00\x00\x00"), 0o666); err != nil {
		t.Fatal(err)
	}
	for place, want := range map[string]string{
		"csv:pipe.csv": "pipe.csv is a pipe, not a regular file", "npy:pipe.csv,x.npy": "pipe.csv is a pipe", "npy:x.npy,pipe.csv": "pipe.csv is a pipe",
		"csv:/dev/zero": "/dev/zero is a device", "npy:/dev/zero,x.npy": "/dev/zero is a device", "folder:pipe.csv": "pipe.csv: not a directory",
	} {
		if code, out, said := call(t, "data", place); code != 1 || !strings.Contains(said, want) || out != "" {
			t.Errorf("%s: exit %d, said %q, wrote %q; want %q", place, code, said, out, want)
		}
	}
}
