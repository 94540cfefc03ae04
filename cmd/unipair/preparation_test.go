package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// A network keeps whether pictures are turned over, and does it to a query as it did to the folder.
func TestInvert(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, one := pictures(t, scripts, 4)
	for _, says := range []string{"on", "off", ""} {
		model, index := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "index")
		words := []string{"train", "--data", "folder:" + dir, "--out", model, "--steps", "2", "--size", "16", "--width", "2", "--dim", "8",
			"--classes", "3", "--per-class", "2"}
		if says != "" {
			words = append(words, "--invert", says)
		}
		code, _, messages := call(t, words...)
		if code != 0 || strings.Contains(messages, "turned over") != (says == "on") {
			t.Fatalf("train --invert %q: exit %d, said %q", says, code, messages)
		}
		kept, err := recipe.Read(filepath.Join(model, recipe.FileName))
		m, wrong := train.ReadManifest(model)
		if on := says == "on"; err != nil || wrong != nil || (kept.Invert == data.InvertOn) != on || (m.Config.Invert == data.InvertOn) != on {
			t.Errorf("--invert %q: %q in %s, %q in the checkpoint; %v, %v", says, kept.Invert, recipe.FileName, m.Config.Invert, err, wrong)
		}
		if code, _, messages := call(t, "export", "--checkpoint", model, "--data", "folder:"+dir, "--part", "all", "--out", index); code != 0 {
			t.Fatalf("export: exit %d, said %q", code, messages)
		}
		code, out, messages := call(t, "search", "--index", index, "--query", one, "--top", "1", "--json")
		var hits []found
		if err := json.Unmarshal([]byte(out), &hits); err != nil || code != 0 {
			t.Fatalf("search: exit %d, said %q: %v", code, messages, err)
		}
		if hit := hits[0].Hits[0]; hit.Path != one || math.Abs(hit.Similarity-1) > 1e-9 {
			t.Errorf("--invert %q: the drawing finds %+v, want itself", says, hit)
		}
	}
	code, _, messages := call(t, "train", "--data", "folder:"+dir, "--out", filepath.Join(t.TempDir(), "x"), "--invert", "maybe")
	if code != 2 || !strings.Contains(messages, `want on or off, got "maybe"`) {
		t.Errorf("--invert maybe: exit %d, said %q", code, messages)
	}
}

// What comes twice in a batch is said, by train and by data, and a pair-wise loss that has no pair is refused before anything is written.
func TestShortClassesAreTold(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	split := func(perClass int) string {
		train, _ := pictures(t, scripts, perClass)
		test, _ := pictures(t, []string{"u", "v"}, 2)
		dir := t.TempDir()
		for part, from := range map[string]string{"train": train, "test": test} {
			if err := os.Rename(from, filepath.Join(dir, part)); err != nil {
				t.Fatal(err)
			}
		}
		return "folder:" + dir
	}
	out := filepath.Join(t.TempDir(), "run")
	words := func(set string) []string {
		return []string{"train", "--data", set, "--out", out, "--steps", "2", "--size", "16", "--width", "2", "--dim", "8", "--per-class", "4"}
	}
	ones, twos := split(1), split(2)
	code, _, messages := call(t, words(ones)...)
	if _, err := os.Stat(out); code != 1 || !strings.Contains(messages, "no class of ") || err == nil {
		t.Errorf("classes of one image: exit %d, said %q, %v", code, messages, err)
	}
	if code, wrote, messages := call(t, append(words(ones), "--loss", "am-softmax")...); code != 0 || !strings.Contains(wrote, "s_p –") {
		t.Errorf("with class weights: exit %d, said %q, %q", code, messages, wrote)
	}
	out += "-2"
	code, _, messages = call(t, words(twos)...)
	if code != 0 || !strings.Contains(messages, "8 of 8 classes have fewer images than --per-class 4") || !strings.Contains(messages, "no pair with itself") {
		t.Errorf("classes of two images: exit %d, said %q", code, messages)
	}
	if code, wrote, _ := call(t, "data", twos); code != 0 || !strings.Contains(wrote, "8 classes of the training part have fewer than 4 images") {
		t.Errorf("data: exit %d, wrote %q", code, wrote)
	}
	out += "-views"
	if code, _, messages := call(t, append(words(twos), "--view-pairs")...); code != 0 || !strings.Contains(messages, "without labels") {
		t.Errorf("--view-pairs: exit %d, said %q", code, messages)
	}
}
