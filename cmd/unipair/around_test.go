package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/recipe"
)

// TestTrainFrom: a run begins with another's network, says so, and its run.yaml trains the same again as long as that is as it was.
func TestTrainFrom(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	first, second, third := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second"), filepath.Join(t.TempDir(), "third")
	if code, _, messages := call(t, little(first)...); code != 0 {
		t.Fatal(messages)
	}
	code, _, messages := call(t, little(second, "--from", first, "--loss", "triplet", "--steps", "4")...)
	if code != 0 || !strings.Contains(messages, "begins with the network of "+first+" (SHA-256 of its weights ") {
		t.Fatalf("exit %d, said %q", code, messages)
	}
	settings := filepath.Join(second, recipe.FileName)
	text, err := os.ReadFile(settings)
	if err != nil || !strings.Contains(string(text), "\nfrom: "+first+"\nfrom_sha256: ") {
		t.Errorf("%s, %v", text, err)
	}
	if code, _, messages := call(t, "train", "--config", settings, "--out", third); code != 0 || hashOfWeights(t, third) != hashOfWeights(t, second) {
		t.Errorf("again: exit %d, said %q", code, messages)
	}
	if err := os.RemoveAll(first); err != nil {
		t.Fatal(err)
	}
	if code, _, messages := call(t, "train", "--config", settings, "--out", second); code != 0 || strings.Contains(messages, "begins with") {
		t.Errorf("goes on: exit %d, said %q", code, messages)
	}
	if code, _, messages := call(t, little(first, "--seed", "5")...); code != 0 {
		t.Fatal(messages)
	}
	other := filepath.Join(t.TempDir(), "other")
	code, _, messages = call(t, "train", "--config", settings, "--out", other)
	if _, err := os.Stat(other); code != 1 || err == nil || !strings.Contains(messages, first+" has other weights than those that are asked for") {
		t.Errorf("another run by then: exit %d, said %q, %v", code, messages, err)
	}
}

// TestTrainAround: a memory and classes that are taken for each other are settings of a run, and what the latter cost is said once.
func TestTrainAround(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "run")
	code, _, messages := call(t, little(dir, "--steps", "6", "--cross-batch", "20", "--cross-batch-warmup", "2", "--hard-classes", "2")...)
	const said = "found the classes that are taken for each other: 320 images went through the network in "
	if code != 0 || strings.Count(messages, said) != 1 || !strings.Contains(messages, " s, as they will every 2 steps (--hard-classes)") {
		t.Errorf("exit %d, said %q", code, messages)
	}
	text, err := os.ReadFile(filepath.Join(dir, recipe.FileName))
	for _, want := range []string{"\ncross_batch: 20\n", "\ncross_batch_warmup: 2\n", "\nhard_classes: 2\n"} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for _, c := range []struct{ want, flag, value string }{
		{"a memory must hold a batch of 4 × 2 images, got 7 slots", "--cross-batch", "7"},
		{"fewer than all of them, or never (0); got 3 of 3 steps (--hard-classes)", "--hard-classes", "3"},
	} {
		code, _, messages := call(t, little(filepath.Join(t.TempDir(), "run"), c.flag, c.value)...)
		if code == 0 || !strings.Contains(messages, c.want) {
			t.Errorf("%s %s: exit %d, said %q", c.flag, c.value, code, messages)
		}
	}
}

// TestSeveralLabels: a table with labels is told, trained on, validated and measured by what shares a label.
func TestSeveralLabels(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, one := pictures(t, scripts, 6)
	var table, plain strings.Builder
	table.WriteString("path,labels,split\n")
	plain.WriteString("path,labels\n")
	for c, class := range scripts {
		for k := range 6 {
			path := `"` + strings.ReplaceAll(filepath.Join(class, fmt.Sprintf("image %d.png", k)), `"`, `""`) + `"`
			fmt.Fprintf(&table, "%s,%c;%d,%s\n", path, 'a'+c%2, c/2, []string{"train", "train", "train", "val", "test", "test"}[k])
			fmt.Fprintf(&plain, "%s,%c\n", path, 'a'+c%2)
		}
	}
	file, unsplit, run := filepath.Join(dir, "t.csv"), filepath.Join(dir, "u.csv"), filepath.Join(t.TempDir(), "run")
	if err := errors.Join(os.WriteFile(file, []byte(table.String()), 0o644), os.WriteFile(unsplit, []byte(plain.String()), 0o644)); err != nil {
		t.Fatal(err)
	}
	code, out, messages := call(t, "data", "csv:"+file)
	if code != 0 || !strings.Contains(out, "6 labels in 8 sets") || strings.Contains(out, "short") {
		t.Errorf("data: exit %d, wrote %q, said %q", code, out, messages)
	}
	words := []string{"train", "--data", "csv:" + file, "--out", run, "--steps", "4", "--size", "16", "--width", "2", "--dim", "8",
		"--classes", "3", "--per-class", "2", "--validate-every", "2"}
	code, _, messages = call(t, words...)
	if code != 0 || !strings.Contains(messages, "t.csv, training: 6 labels in 8 sets, 24 images\nimages have several labels each: ") {
		t.Errorf("train: exit %d, said %q", code, messages)
	}
	code, out, messages = call(t, "eval", "--checkpoint", run, "--data", "csv:"+file)
	for _, want := range []string{"map_at_r", "where what shares a label is to be found", "left out: intervals, nmi and ami, verification"} {
		if code != 0 || !strings.Contains(out, want) || strings.Contains(messages, "warning") {
			t.Errorf("eval: exit %d, wrote %q, said %q", code, out, messages)
		}
	}
	measured, index := filepath.Join(t.TempDir(), "measured.json"), filepath.Join(t.TempDir(), "index")
	if code, out, messages = call(t, "eval", "--checkpoint", run, "--data", "csv:"+file, "--json"); code != 0 {
		t.Fatal(messages)
	}
	if err := os.WriteFile(measured, []byte(out), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{
		{"export", "--checkpoint", run, "--data", "csv:" + file, "--out", index},
		{"export", "--checkpoint", run, "--data", "glyphs", "--out", index + "-glyphs"},
		{"search", "--index", index, "--query", one},
	} {
		if code, _, messages := call(t, words...); code != 0 {
			t.Errorf("%v: exit %d, said %q", words, code, messages)
		}
	}
	for where, want := range map[string]string{
		index:             "have several labels each, and --classify names one class",
		index + "-glyphs": "has no verification: measure on data that has pairs of one class and of two (left out: intervals, nmi and ami, verification",
	} {
		code, out, messages := call(t, "search", "--index", where, "--query", one, "--classify", "--thresholds", measured)
		if code != 2 || out != "" || !strings.Contains(messages, want) {
			t.Errorf("%s: exit %d, wrote %q, said %q, want %q", where, code, out, messages, want)
		}
	}
	page := filepath.Join(t.TempDir(), "page.html")
	if code, _, messages = call(t, "eval", "--checkpoint", run, "--data", "csv:"+file, "--report", page); code != 0 {
		t.Errorf("eval --report: exit %d, said %q", code, messages)
	}
	for _, c := range []struct {
		words []string
		want  string
	}{
		{append(slices.Clone(words[:3]), "--out", run+"2", "--loss", "am-softmax"), "am-softmax compares an image with one class: take a pair-wise loss"},
		{append(slices.Clone(words[:3]), "--out", run+"2", "--validate", "0.3"), "which no division keeps apart"},
		{[]string{"train", "--data", "csv:" + unsplit, "--out", run + "2"}, "give the table a column split"},
	} {
		if code, _, messages := call(t, c.words...); code == 0 || !strings.Contains(messages, c.want) {
			t.Errorf("%v: exit %d, said %q", c.words, code, messages)
		}
	}
}
