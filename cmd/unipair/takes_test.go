package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// features writes rows of so many numbers, of ten classes, and returns the name of the data set.
func features(t *testing.T, rows, columns int) string {
	t.Helper()
	dir := t.TempDir()
	values, labels := make([]float32, rows*columns), make([]int64, rows)
	for i := range values {
		values[i] = float32((i*7919)%101) / 50
	}
	for i := range labels {
		labels[i] = int64(i % 10)
	}
	x, y := filepath.Join(dir, "x.npy"), filepath.Join(dir, "y.npy")
	if err := numpy.ToNpyFile(tensors.FromFlatDataAndDimensions(values, rows, columns), x); err != nil {
		t.Fatal(err)
	}
	if err := numpy.ToNpyFile(tensors.FromFlatDataAndDimensions(labels, rows), y); err != nil {
		t.Fatal(err)
	}
	return "npy:" + x + "," + y
}

// What a network does not take in is refused by what it is, by whatever command would embed it.
func TestDataMustFitTheNetwork(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	root := t.TempDir()
	glyphs, linear := filepath.Join(root, "glyphs"), filepath.Join(root, "linear")
	if code, _, messages := call(t, little(glyphs)...); code != 0 {
		t.Fatal(messages)
	}
	eight := features(t, 40, 8)
	if code, _, messages := call(t, "train", "--data", eight, "--out", linear, "--architecture", "linear", "--steps", "2", "--warmup", "0", "--dim", "4", "--classes", "2",
		"--per-class", "2"); code != 0 {
		t.Fatal(messages)
	}
	for _, command := range []string{"eval", "export"} {
		for _, c := range []struct {
			checkpoints []string
			data, want  string
		}{
			{[]string{glyphs}, eight, "has features: give a checkpoint of linear or mlp, or a data set of pictures"},
			{[]string{glyphs}, features(t, 40, 256), "the network takes pictures, and"}, // as many as it has pixels
			{[]string{linear}, "glyphs", "the network takes 8 features, and glyphs has pictures: give a checkpoint that learnt from pictures"},
			{[]string{linear}, features(t, 40, 4), "the network takes 8 features, and"},
			{[]string{linear, glyphs}, eight, "the network takes pictures, and"},
		} {
			words := []string{command, "--data", c.data, "--part", "all"}
			for _, dir := range c.checkpoints {
				words = append(words, "--checkpoint", dir)
			}
			out := filepath.Join(root, "out")
			if command == "export" {
				words = append(words, "--out", out)
			}
			code, wrote, messages := call(t, words...)
			if code != 1 || wrote != "" || !strings.Contains(messages, c.want) {
				t.Errorf("%s of %s: exit %d, wrote %q, said %q, want %q", command, c.data, code, wrote, messages, c.want)
			}
			if _, err := os.Stat(out); err == nil {
				t.Errorf("%s of %s left %s", command, c.data, out)
			}
		}
	}
}
