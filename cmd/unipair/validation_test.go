package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/train"
)

// TestTrainOnAValidationPart: a folder val is validated on, without a flag and by the file that the run leaves.
func TestTrainOnAValidationPart(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, _ := pictures(t, []string{"train/a", "train/b", "train/c", "train/d", "train/e", "val/f", "val/g"}, 4)
	words := func(out string, more ...string) []string {
		return append([]string{"train", "--data", "folder:" + dir, "--out", out, "--steps", "3", "--size", "16", "--width", "2", "--dim", "8",
			"--classes", "3", "--per-class", "2"}, more...)
	}
	first, second := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "run")
	code, out, messages := call(t, words(first, "--validate-every", "2", "--patience", "9")...)
	if code != 0 || !strings.Contains(messages, "validating on "+filepath.Join(dir, "val")+" every 2 steps: 2 classes, 8 images") ||
		!strings.Contains(messages, "step 2: validation R@1") || !strings.Contains(out, "best in validation was step") {
		t.Errorf("exit %d, wrote %q, said %q", code, out, messages)
	}
	if code, _, messages = call(t, "train", "--config", filepath.Join(first, "run.yaml"), "--out", second); code != 0 {
		t.Errorf("from run.yaml: exit %d, said %q", code, messages)
	}
	a, errA := train.ReadManifest(first)
	b, errB := train.ReadManifest(second)
	if a.Best != b.Best || a.Best.Step == 0 || errA != nil || errB != nil {
		t.Errorf("best %+v, by run.yaml %+v: %v, %v", a.Best, b.Best, errA, errB)
	}
	code, _, messages = call(t, words(filepath.Join(t.TempDir(), "run"), "--validate", "0.4", "--classes", "3")...)
	if code != 0 || !strings.Contains(messages, "val is not used: --validate holds classes out") || !strings.Contains(messages, "step 3: validation R@1") {
		t.Errorf("--validate beside a part: exit %d, said %q", code, messages)
	}

	// A run from before the part was used goes on without it.
	val := filepath.Join(dir, "val")
	if err := os.Rename(val, dir+"-val"); err != nil {
		t.Fatal(err)
	}
	before := filepath.Join(t.TempDir(), "run")
	if code, _, messages = call(t, words(before)...); code != 0 || strings.Contains(messages, "validat") {
		t.Errorf("without a part: exit %d, said %q", code, messages)
	}
	if err := os.Rename(dir+"-val", val); err != nil {
		t.Fatal(err)
	}
	if code, _, messages = call(t, words(before)...); code != 0 || !strings.Contains(messages, "began without validation") {
		t.Errorf("exit %d, said %q", code, messages)
	}
}
