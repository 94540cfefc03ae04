package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/pkg/train"
)

// call runs the program and returns its exit code and what it wrote.
func call(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, stdio{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// little is a training that takes seconds on the pure-Go backend.
func little(dir string, more ...string) []string {
	return append([]string{"train", "--data", "glyphs", "--out", dir, "--steps", "3", "--size", "16", "--width", "2", "--dim", "8",
		"--classes", "4", "--per-class", "2"}, more...)
}

func TestTrainThenEval(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "run")
	code, out, messages := call(t, little(dir)...)
	if code != 0 || !strings.Contains(out, "3 steps done") || !strings.Contains(messages, "step 3 of 3: loss") {
		t.Fatalf("train: exit %d, wrote %q, said %q", code, out, messages)
	}
	for _, name := range []string{"history.jsonl", "history.svg", "step-00000003/manifest.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	code, out, messages = call(t, "eval", "--checkpoint", dir, "--data", "glyphs", "--json")
	if code != 0 {
		t.Fatalf("eval: exit %d, said %q", code, messages)
	}
	var result map[string]any
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("eval --json wrote %q: %v", out, err)
	}
	for _, name := range []string{"recall_at_1", "recall_at_2", "recall_at_4", "recall_at_8", "precision_at_1", "r_precision",
		"map_at_r", "mean_average_precision", "mrr", "nmi", "one_shot_error"} {
		if value, ok := result[name].(float64); !ok || value <= 0 || value > 1 {
			t.Errorf("eval --json: %s = %v, want a fraction of 1", name, result[name])
		}
	}
	if result["recall_at_1"] != result["precision_at_1"] {
		t.Errorf("recall_at_1 = %v, precision_at_1 = %v: want the same", result["recall_at_1"], result["precision_at_1"])
	}
	code, out, _ = call(t, "eval", "--checkpoint", dir, "--data", "glyphs")
	if code != 0 || !strings.Contains(out, "one_shot_error") || strings.Contains(out, "{") {
		t.Errorf("eval as a table: exit %d, wrote %q", code, out)
	}

	code, out, messages = call(t, little(dir)...)
	if code != 0 || !strings.Contains(messages, "has 3 steps of a run with circle: resuming") || !strings.Contains(out, "3 steps done") {
		t.Errorf("the same again: exit %d, wrote %q, said %q", code, out, messages)
	}
	code, _, messages = call(t, little(dir, "--loss", "triplet")...)
	if code != 1 || !strings.Contains(messages, "loss is circle, not triplet") {
		t.Errorf("another loss into the same directory: exit %d, said %q", code, messages)
	}
}

func TestTrainAndEvalRefuse(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("UNIPAIR_DATA", t.TempDir())
	dir := filepath.Join(t.TempDir(), "run")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"train", "--data", "glyps", "--loss", "circel"}, 2, "did you mean glyphs?; where to? --out takes a directory for checkpoint and history; train: unknown loss"},
		{[]string{"train", "--data", "csv:" + dir, "--out", dir}, 2, "no such file or directory"},
		{[]string{"train", "--data", "npy:../../go.mod," + dir, "--out", dir}, 2, "no such file or directory"},
		{[]string{"train", "--data", "glyphs", "--out", "train_test.go"}, 2, "train_test.go is a file"},
		{little(dir, "--devices", "0", "--save-every", "-1"), 2, "--devices must be at least 1, got 0; --save-every must be 0"},
		{little(dir, "--architecture", "resnet18", "--size", "32", "--weights", dir), 2, "--weights: stat " + dir + ": no such file"},
		{little(dir, "--from", "noo"), 2, "--from: stat noo: no such file"},
		{[]string{"train", "--data", "glyphs"}, 2, "--out takes a directory"},
		{[]string{"train", "--out", dir}, 2, "which data? --data takes folder:PLACE, your pictures in a folder per class; "},
		{[]string{"train", "--data", "glyph", "--out", dir}, 2, `unknown data set "glyph": did you mean glyphs?`},
		{little(dir, "--loss", "circel"), 2, `unknown loss "circel": did you mean circle?`},
		{little(dir, "--set", "gama=3"), 2, `unknown parameter "gama": did you mean gamma?`},
		{little(dir, "--set", "gamma"), 2, "want name=value"},
		{little(dir, "--set", "margin=x"), 2, "want a number"},
		{little(dir, "--lss", "circle"), 2, "unknown flag --lss: did you mean --loss?"},
		{little(dir, "--xyzzy"), 2, "unknown flag --xyzzy: unipair train --help lists the flags"},
		{little(dir, "--steps"), 2, "--steps needs a value"},
		{little(dir, "--steps", "ten"), 2, `--steps: want a whole number, got "ten"`},
		{little(dir, "--seed", "-1"), 2, "--seed: want a whole number from 0 on"},
		{little(dir, "--steps", "0"), 2, "the number of steps must be at least 1"},
		{little(dir, "--size", "9"), 2, "image size must be in [16, 64] pixels, got 9"},
		{little(dir, "--classes", "41"), 2, "--classes must be at most 40"},
		{little(dir, "--patience", "2"), 2, "need --validate"},
		{little(dir, "--validate-every", "5"), 2, "or data with a validation part"},
		{little(dir, "--validate", "0.99"), 1, "train: validation: data: glyphs, training has 40 classes of more than one image"},
		{[]string{"train", "--data", "omniglot", "--out", dir, "--all-classes"}, 2, "--all-classes is for data of one's own and for glyphs, not for omniglot"},
		{little(dir, "extra"), 2, `unexpected argument "extra"`},
		{[]string{"eval", "--data", "glyphs"}, 2, "which checkpoint?"},
		{[]string{"eval", "--checkpoint", dir, "--data", "omniglott"}, 2, "did you mean omniglot?"},
		{[]string{"eval", "--checkpoint", dir, "--data", "glyphs"}, 1, "holds no checkpoint"},
	} {
		code, out, messages := call(t, c.args...)
		if code != c.code || !strings.Contains(messages, c.want) || out != "" {
			t.Errorf("%v: exit %d, said %q, wrote %q; want %d and %q", c.args, code, messages, out, c.code, c.want)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a refused training made its directory")
	}
}

func TestEvalOnOmniglot(t *testing.T) {
	if os.Getenv("UNIPAIR_DATA") == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("UNIPAIR_DATA is not set: it must name a folder with omniglot/all_runs.zip")
		}
		t.Skip("UNIPAIR_DATA is not set: a test downloads nothing")
	}
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "run")
	if code, _, messages := call(t, little(dir)...); code != 0 {
		t.Fatalf("train: exit %d, said %q", code, messages)
	}
	for _, c := range []struct{ data, on string }{
		{"omniglot", "the 20 official runs"}, {"omniglot-split", "100 drawn runs of 20 classes"},
	} {
		code, out, messages := call(t, "eval", "--checkpoint", dir, "--data", c.data, "--json")
		var result struct {
			OneShotError float64 `json:"one_shot_error"`
			OneShotOn    string  `json:"one_shot_on"`
			RecallAt1    float64 `json:"recall_at_1"`
		}
		if err := json.Unmarshal([]byte(out), &result); code != 0 || err != nil {
			t.Fatalf("%s: exit %d, said %q, wrote %q: %v", c.data, code, messages, out, err)
		}
		// Better than guessing one of 20, and far from knowing.
		if !(result.OneShotError > 0.3 && result.OneShotError < 0.93) || result.OneShotOn != c.on || result.RecallAt1 <= 0 {
			t.Errorf("%s: %+v", c.data, result)
		}
	}
}

func TestTrainFromAFile(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	code, out, messages := call(t, little(first, "--validate", "0.2", "--validate-every", "2", "--set", "margin=0.3", "--seed", "18446744073709551615")...)
	if code != 0 || !strings.Contains(out, "best in validation was step") || !strings.Contains(messages, "step 2: validation R@1") {
		t.Fatalf("exit %d, wrote %q, said %q", code, out, messages)
	}
	if code, _, messages = call(t, "train", "--config", filepath.Join(first, "run.yaml"), "--out", second); code != 0 {
		t.Fatalf("the same from run.yaml: exit %d, said %q", code, messages)
	}
	a, errA := train.ReadHistory(first)
	b, errB := train.ReadHistory(second)
	if errA != nil || errB != nil || len(a) != 3 || len(b) != 3 {
		t.Fatal(len(a), len(b), errA, errB)
	}
	for i := range a {
		a[i].ImagesPerSecond, b[i].ImagesPerSecond = 0, 0
		if a[i] != b[i] {
			t.Errorf("step %d: %+v, again %+v", i+1, a[i], b[i])
		}
	}
	code, _, messages = call(t, "train", "--config", filepath.Join(first, "run.yaml"), "--out", second, "--loss", "triplet")
	if code != 1 || !strings.Contains(messages, "loss is circle, not triplet; set.margin is 0.3, not unset") {
		t.Errorf("another loss over the file: exit %d, said %q", code, messages)
	}
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	for _, c := range []struct{ name, text, want string }{
		{"no file", "", "wrong.yaml: no such file"}, {"no such setting", "los: circle\n", `wrong.yaml: unknown setting "los": did you mean loss?`},
		{"no such loss", "data: glyphs\nloss: circel\n", `unknown loss "circel": did you mean circle?`},
	} {
		if c.text != "" {
			if err := os.WriteFile(wrong, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		code, _, messages := call(t, "train", "--config", wrong, "--out", second)
		if code != 2 || !strings.Contains(messages, c.want) || strings.Count(messages, "\n") != 1 {
			t.Errorf("%s: exit %d, said %q, want a line with %q", c.name, code, messages, c.want)
		}
	}
}

// What changes the data or the rounding is in run.yaml too, and a run goes on with it alone; the number of devices is not.
func TestRunFileHasWhatMovesABit(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "run")
	if code, _, messages := call(t, little(dir, "--streamed", "--skip-bad")...); code != 0 {
		t.Fatalf("exit %d, said %q", code, messages)
	}
	text, err := os.ReadFile(filepath.Join(dir, "run.yaml"))
	if err != nil || !strings.Contains(string(text), "\nstreamed: true\n") || !strings.Contains(string(text), "\nskip_bad: true\n") || strings.Contains(string(text), "devices") {
		t.Errorf("run.yaml: %v\n%s", err, text)
	}
	w, err := readTrainWords([]string{"--config", filepath.Join(dir, "run.yaml"), "--out", dir}, stdio{})
	if err != nil || !w.training.Streamed || !w.training.SkipBad {
		t.Errorf("read again: %+v, %v", w.training, err)
	}
	if code, _, messages := call(t, little(dir)...); code != 1 || !strings.Contains(messages, "streamed is true, not unset") {
		t.Errorf("without --streamed: exit %d, said %q", code, messages)
	}
}

// Every recipe is a training that the program takes, and flags win over it.
func TestRecipes(t *testing.T) {
	for _, name := range recipe.Names() {
		w, err := readTrainWords([]string{"--recipe", name, "--out", "x", "--seed", "7", "--steps", "3"}, stdio{})
		if err != nil || w.training.Seed != 7 || w.training.Steps != 3 || w.training.Size != 35 || !w.set.HasRuns() {
			t.Errorf("%s: %+v, %v", name, w.training, err)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--recipe", "omniglot-bset", "--out", "x"}, `unknown recipe "omniglot-bset": did you mean omniglot-best?`},
		{[]string{"--recipe", "omniglot-35", "--config", "x", "--out", "x"}, "--config and --recipe both say what to train"},
		{[]string{"--recipe", "omniglot-35"}, "where to?"},
	} {
		if _, err := readTrainWords(c.args, stdio{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one with %q", c.args, err, c.want)
		}
	}
}
