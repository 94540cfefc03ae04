package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/recipe"
)

// comparing is a comparison that takes seconds on the pure-Go backend.
func comparing(dir string, more ...string) []string {
	return append([]string{"compare", "--data", "glyphs", "--out", dir, "--losses", "circle,softmax", "--trials", "2", "--seeds", "2", "--steps", "10",
		"--size", "16", "--width", "2", "--dim", "8", "--classes", "4", "--per-class", "2"}, more...)
}

func TestCompare(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := t.TempDir()
	out, page, config := filepath.Join(dir, "it"), filepath.Join(dir, "it.html"), filepath.Join(dir, "it.yaml")
	code, text, messages := call(t, comparing(out, "--report", page, "--write-config", config, "--json")...)
	if code != 0 {
		t.Fatal(messages)
	}
	for _, want := range []string{
		"2 losses × (2 trials + 2 seeds) = 8 trainings of 10 steps; learnt from: 30 classes (600 images)", "circle, trial 1 of 2 (--learning-rate 0.003): MAP@R",
		"7 trainings left, about ", "softmax, seed 2 of 2 (",
	} {
		if !strings.Contains(messages, want) {
			t.Errorf("it does not say %q: %s", want, messages)
		}
	}
	var r struct {
		Answer, Command string
		Best            string `json:"best_loss"`
		Rows            []struct {
			Name     string
			Baseline bool
			Group    int
			Tried    []any
			MapAtR   float64 `json:"map_at_r"`
		}
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil || len(r.Rows) != 4 {
		t.Fatalf("%v: %s", err, text)
	}
	if !strings.Contains(r.Answer, " at 10 steps") || !strings.Contains(r.Command, "unipair train --data glyphs --loss "+r.Best+" ") ||
		!strings.Contains(r.Command, " --steps 10 --size 16 --width 2 --dim 8 --classes 4 --per-class 2 --all-classes --out DIR") {
		t.Errorf("answer %q, command %q", r.Answer, r.Command)
	}
	for _, row := range r.Rows {
		if row.MapAtR <= 0 || row.Group < 1 || row.Baseline == (len(row.Tried) > 0) {
			t.Errorf("%+v", row)
		}
	}
	run, err := recipe.Read(config)
	if err != nil || run.Data != "glyphs" || run.Loss != r.Best || run.Steps != 10 || run.Dim != 8 || !run.AllClasses {
		t.Errorf("the configuration is %+v, %v", run, err)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{r.Answer, "raw pixels", "before training", "MAP@R on the test", "100 − MAP@R", "learning-rate", "What was tried"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if strings.Contains(strings.ReplaceAll(strings.ReplaceAll(string(html), "http://www.w3.org/2000/svg", ""), "http://www.w3.org/1999/xlink", ""), "http") {
		t.Error("the page has an address")
	}
	// The command that it gives trains, and so does the file.
	words := strings.Fields(strings.TrimPrefix(strings.Replace(r.Command, "DIR", filepath.Join(dir, "best"), 1), "unipair "))
	if code, _, messages := call(t, words...); code != 0 || !strings.Contains(messages, "on glyphs: 60 classes, 1200 images") {
		t.Errorf("%s: %s", r.Command, messages)
	}
	if code, _, messages := call(t, "train", "--config", config, "--out", filepath.Join(dir, "config")); code != 0 {
		t.Error(messages)
	}
	// The same again only tells; something else is refused.
	code, table, messages := call(t, comparing(out)...)
	if code != 0 || !strings.HasPrefix(table, r.Answer) || !strings.Contains(messages, "lines of this comparison: going on") || strings.Contains(messages, "left") {
		t.Errorf("again: exit %d, %s, %s", code, table, messages)
	}
	for _, c := range []struct{ more, want string }{
		{"--dim 16", "config.dim is 8, not 16"}, {"--seeds 3", "seeds is 2, not 3"}, {"--losses circle", "losses is [circle softmax], not [circle]"},
	} {
		if code, _, messages := call(t, comparing(out, strings.Fields(c.more)...)...); code != 2 || !strings.Contains(messages, c.want) {
			t.Errorf("%s: exit %d, %s", c.more, code, messages)
		}
	}
}

// What a file of settings says of a loss and of validation is not what was chosen, and the command that is given does not take it.
func TestCompareGivesWhatItChose(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := t.TempDir()
	settings := filepath.Join(dir, "mine.yaml")
	text := "data: glyphs\nskip_bad: true\nloss: circle\nset: {gamma: \"16\"}\nsteps: 10\nsize: 16\nwidth: 2\ndim: 8\nclasses: 4\nper_class: 2\n" +
		"validation: {fraction: 0.2, every: 5, patience: 2}\n"
	if err := os.WriteFile(settings, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	code, out, messages := call(t, "compare", "--config", settings, "--out", filepath.Join(dir, "it"), "--losses", "circle", "--trials", "1", "--seeds", "1",
		"--json")
	var r struct{ Command string }
	if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, messages)
	}
	best := filepath.Join(dir, "best")
	words := strings.Fields(strings.TrimPrefix(strings.Replace(r.Command, "DIR", best, 1), "unipair "))
	if code, _, messages := call(t, words...); code != 0 {
		t.Fatalf("%s: %s", r.Command, messages)
	}
	run, err := recipe.Read(filepath.Join(best, recipe.FileName))
	want := map[string]string{"gamma": "80", "margin": "0.4"}
	if err != nil || !maps.Equal(run.Set, want) || run.Validation.Every != 0 || !run.AllClasses || !run.SkipBad || run.Dim != 8 {
		t.Errorf("%s trained %+v, %v; want %v", r.Command, run, err, want)
	}
}

func TestCompareRefuses(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "it")
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine.txt"), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"nowhere", []string{"compare", "--data", "glyphs"}, "where to? --out takes a directory"},
		{"no data", []string{"compare", "--out", dir}, "which data?"},
		{"an unknown loss", comparing(dir, "--losses", "circel"), `unknown loss "circel": did you mean circle?`},
		{"a loss twice", comparing(dir, "--losses", "circle,circle"), "circle is named twice"},
		{"no trials", comparing(dir, "--trials", "0"), "--trials must be from 1"},
		{"no steps", comparing(dir, "--steps", "0"), "--steps must be at least 10, got 0"},
		{"steps and minutes", comparing(dir, "--minutes", "3"), "give one of them"},
		{"no minutes", []string{"compare", "--data", "glyphs", "--out", dir, "--minutes", "0"}, "--minutes must be a number above 0"},
		{"a report that is no page", comparing(dir, "--report", "x.pdf"), "compare: --report takes a file that ends in .html"},
		{"a folder that is not there", comparing(dir, "--write-config", "none/x.yaml"), "--write-config: there is no folder none"},
		{"a backbone that is not there", comparing(dir, "--architecture", "onnx:none.onnx"), "no such file"},
		{"a backbone that learns", comparing(dir, "--architecture", "onnx:none.onnx", "--train-backbone", "all"), "leave --train-backbone out"},
		{"a network for features", comparing(dir, "--architecture", "linear", "--size", "0"), "is for features"},
		{"too many classes", comparing(dir, "--classes", "31"), "--classes must be at most 30"},
		{"what is the user's", comparing(full), "has files that are of no comparison, such as mine.txt"},
		{"an unknown flag", comparing(dir, "--trails", "3"), "did you mean --trials?"},
	} {
		if code, _, messages := call(t, c.args...); code != 2 || !strings.Contains(messages, c.want) {
			t.Errorf("%s: exit %d, %s; want 2 with %q", c.name, code, messages, c.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: it left %s", c.name, dir)
		}
	}
	short := []string{"compare", "--data", "glyphs", "--out", dir, "--losses", "circle", "--minutes", "0.0001", "--size", "16", "--width", "2", "--dim", "8"}
	if code, _, messages := call(t, short...); code != 2 || !strings.Contains(messages, "leave no time for 10 steps of each of the 9 trainings, which take ") {
		t.Errorf("no time: exit %d, %s", code, messages)
	}
}
