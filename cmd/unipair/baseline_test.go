package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"

	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// TestEvalWithoutACheckpoint: a network from elsewhere, pixels and features are measured by all that a checkpoint is, and the JSON says what
// was measured. No threshold is taken of it.
func TestEvalWithoutACheckpoint(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	file := onnxtest.Convolutional().File(t)
	for name, c := range map[string]struct {
		words    []string
		pictures bool
		want     func(n train.Network) bool
	}{
		"pixels": {[]string{"--architecture", "pixels", "--data", "glyphs"}, true, func(n train.Network) bool {
			return n.Size == 28 && n.Channels == 1 && n.Dim == 784 && n.Invert == data.InvertOff
		}},
		"pixels, prepared": {[]string{"--architecture", "pixels", "--size", "9", "--channels", "3", "--fit", "crop", "--invert", "on", "--data", "glyphs"},
			true, func(n train.Network) bool {
				return n.Size == 9 && n.Channels == 3 && n.Dim == 243 && n.Fit == data.FitCrop && n.Invert == data.InvertOn
			}},
		"features": {[]string{"--architecture", "features", "--data", features(t, 60, 5)}, false, func(n train.Network) bool { return n.Dim == 5 }},
		"a network": {[]string{"--architecture", "onnx:" + file, "--input", "imagenet", "--data", "glyphs", "--tta"}, true, func(n train.Network) bool {
			b := n.Backbone
			return n.Dim == 6 && b.Dim == 6 && b.Head == train.HeadNone && len(b.SHA256) == 64 && b.Size == 8 && b.Pixels.Std[0] == 0.229 &&
				n.Resampling == data.ResamplingBilinear && n.Architecture == train.Architecture("onnx:"+file)
		}},
	} {
		page := filepath.Join(t.TempDir(), "page.html")
		code, out, messages := call(t, append([]string{"eval", "--json", "--report", page}, c.words...)...)
		var said struct {
			Measured     train.Network
			Views        *bool    `json:"tta"`
			MAPAtR       *float64 `json:"map_at_r"`
			Verification *struct{ AUC float64 }
		}
		if err := json.Unmarshal([]byte(out), &said); err != nil || code != 0 {
			t.Errorf("%s: exit %d, wrote %q, said %q: %v", name, code, out, messages, err)
			continue
		}
		if !c.want(said.Measured) || said.MAPAtR == nil || said.Verification == nil || said.Views == nil || *said.Views != (name == "a network") ||
			strings.Contains(out, "networks_sha256") || !strings.Contains(messages, "measured: ") {
			t.Errorf("%s: wrote %s, said %q", name, out, messages)
		}
		text, err := os.ReadFile(page)
		if err != nil || !strings.Contains(string(text), "roc_auc") || !strings.Contains(string(text), "as ") ||
			strings.Contains(string(text), "worst mistakes") != c.pictures {
			t.Errorf("%s: the page is %d bytes, %v", name, len(text), err)
		}
	}
}

// TestEvalOfWhatHasNotLearntRefuses: what does not go together is refused before any work.
func TestEvalOfWhatHasNotLearntRefuses(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	rows := features(t, 40, 5)
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"--checkpoint", "run", "--architecture", "pixels"}, "--architecture is of what has not learnt, and a checkpoint is given"},
		{[]string{"--checkpoint", "run", "--size", "9", "--input", "clip"}, "--input, --size is of what has not learnt, and a checkpoint is given"},
		{[]string{"--size", "9"}, "eval: --size is for --architecture, which is not given: one of pixels, features, onnx:FILE, hf:ORG/MODEL"},
		{nil, "or --architecture what has not learnt: pixels, features"},
		{[]string{"--architecture", "feature"}, `unknown "feature": did you mean features?`},
		{[]string{"--architecture", "linear"}, "linear is nothing before it has learnt"},
		{[]string{"--architecture", "pixels", "--pool", "mean"}, "are for networks from elsewhere"},
		{[]string{"--architecture", "pixels", "--data", rows}, "has features, and --architecture pixels takes pictures: give --architecture features"},
		{[]string{"--architecture", "features"}, "has pictures, and no features: give --architecture pixels"},
		{[]string{"--architecture", "features", "--data", rows, "--tta"}, "leave --tta out"},
		{[]string{"--architecture", "pixels", "--size", "0"}, "the image size must be in [1, 1024] pixels, got 0"},
		{[]string{"--architecture", "pixels", "--input", "klip"}, `unknown preset "klip": did you mean clip?`},
	} {
		code, out, messages := call(t, append([]string{"eval", "--data", "glyphs"}, c.words...)...)
		if code != 2 || out != "" || !strings.Contains(messages, c.want) {
			t.Errorf("%v: exit %d, wrote %q, said %q, want %q", c.words, code, out, messages, c.want)
		}
	}
}

// TestPixelsOfOmniglot: the official one-shot runs have the error of pixels that experiments/RESULTS.md says, 305 of 400 trials.
func TestPixelsOfOmniglot(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	if os.Getenv(data.EnvFolder) == "" {
		t.Skipf("$%s is not set: a test downloads nothing", data.EnvFolder)
	}
	code, out, messages := call(t, "eval", "--architecture", "pixels", "--data", "omniglot")
	if code != 0 || !strings.Contains(out, "one_shot_error          0.7625") || !strings.Contains(messages, "turned over, light for dark") {
		t.Errorf("exit %d, wrote %q, said %q", code, out, messages)
	}
}

// TestExportWithoutACheckpoint: what has not learnt is taken out as rows of length 1 with what made them. Rows of features are not asked by pictures.
func TestExportWithoutACheckpoint(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "features")
	set := features(t, 20, 5)
	source, _, _ := strings.Cut(strings.TrimPrefix(set, "npy:"), ",")
	words := func(more ...string) []string {
		return append([]string{"export", "--data", set, "--part", "all", "--out", dir}, more...)
	}
	code, out, messages := call(t, words("--architecture", "features", "--format", "csv")...)
	if want := "embedded in 5 numbers each; they are in " + dir + "\n"; code != 0 || !strings.HasSuffix(out, want) {
		t.Fatalf("exit %d, wrote %q, said %q, want %q", code, out, messages, want)
	}
	given, got := numbers(t, source), numbers(t, filepath.Join(dir, "embeddings.npy"))
	for i := range 20 {
		length := 0.0
		for _, x := range given[i*5 : i*5+5] {
			length += float64(x) * float64(x)
		}
		for j, x := range given[i*5 : i*5+5] {
			if y := got[i*5+j]; math.Abs(float64(y)-float64(x)/math.Sqrt(length)) > 1e-6 {
				t.Fatalf("row %d is %v, of %v", i, got[i*5:i*5+5], given[i*5:i*5+5])
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "network.json"))
	var network train.Network
	if err != nil || json.Unmarshal(text, &network) != nil || network.Architecture != train.ArchitectureFeatures || network.Dim != 5 {
		t.Errorf("network.json is %s, %v", text, err)
	}
	table, err := os.ReadFile(filepath.Join(dir, "embeddings.csv"))
	if err != nil || strings.Count(string(table), "\n") != 21 || !strings.HasPrefix(string(table), "index,class,path,e0,e1,e2,e3,e4\n") {
		t.Errorf("embeddings.csv is %s, %v", table, err)
	}
	_, one := pictures(t, scripts[:1], 1)
	for _, c := range []struct {
		words []string
		code  int
		want  string
	}{
		{[]string{"search", "--index", dir, "--query", one}, 1, "rows of features, and --query takes pictures"},
		{words("--architecture", "features"), 1, "is there already"},
		{words("--architecture", "pixels", "--out", dir+"2"), 2, "has features, and --architecture pixels takes pictures"},
		{words("--architecture", "features", "--format", "onnx", "--out", dir+".onnx"), 2, "leave --architecture out"},
		{words("--out", dir+"2"), 2, "or --architecture what has not learnt"},
	} {
		code, out, messages := call(t, c.words...)
		if code != c.code || out != "" || !strings.Contains(messages, c.want) {
			t.Errorf("%v: exit %d, wrote %q, said %q, want %d and %q", c.words, code, out, messages, c.code, c.want)
		}
	}
	if _, err := os.Stat(dir + "2"); err == nil {
		t.Error("what failed left a directory")
	}
}

// TestSearchWithoutACheckpoint: pictures are found by what has not learnt as they were embedded, each itself first. The network must be the
// same file, and such an index does not grow.
func TestSearchWithoutACheckpoint(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	photos, one := pictures(t, []string{"a", "b", "c"}, 3)
	file := onnxtest.Convolutional().File(t)
	dir := t.TempDir()
	for name, words := range map[string][]string{
		"pixels":             {"--architecture", "pixels", "--size", "11", "--channels", "3", "--fit", "pad", "--invert", "on"},
		"pixels, in views":   {"--architecture", "pixels", "--tta"},
		"a network":          {"--architecture", "onnx:" + file, "--input", "imagenet", "--invert", "on"},
		"a network in views": {"--architecture", "onnx:" + file, "--input", "imagenet", "--tta"},
	} {
		out := filepath.Join(dir, name)
		code, said, messages := call(t, append([]string{"export", "--data", "folder:" + photos, "--part", "all", "--out", out}, words...)...)
		if code != 0 || !strings.Contains(said, "find neighbours with: unipair search") {
			t.Fatalf("%s: exit %d, wrote %q, said %q", name, code, said, messages)
		}
		code, said, messages = call(t, "search", "--index", out, "--query", one, "--top", "2", "--json")
		var all []found
		if err := json.Unmarshal([]byte(said), &all); err != nil || code != 0 {
			t.Fatalf("%s: exit %d, wrote %q, said %q: %v", name, code, said, messages, err)
		}
		code, said, messages = call(t, "search", "--index", out, "--query", one, "--top", "5", "--per-class")
		if code != 0 || strings.Count(said, "\n") != 5 || !strings.Contains(said, "\n3  ") { // the query, the head, and a line per class
			t.Errorf("%s, per class: exit %d, wrote %q, said %q", name, code, said, messages)
		}
		if hits := all[0].Hits; len(hits) != 2 || hits[0].Path != one || math.Abs(hits[0].Similarity-1) > 1e-5 || hits[1].Similarity > hits[0].Similarity {
			t.Errorf("%s: found %+v", name, hits)
		}
	}
	flat, index := filepath.Dir(one), filepath.Join(dir, "flat")
	code, said, messages := call(t, "export", "--architecture", "pixels", "--data", "folder:"+flat, "--out", index)
	if code != 0 || !strings.HasPrefix(said, "3 images of "+flat) {
		t.Errorf("pictures of no class: exit %d, wrote %q, said %q", code, said, messages)
	}
	if code, said, messages := call(t, "search", "--index", index, "--query", one, "--top", "1"); code != 0 || !strings.Contains(said, "1.0000      c  ") {
		t.Errorf("pictures of no class: exit %d, wrote %q, said %q", code, said, messages)
	}
	other := onnxtest.Convolutional()
	other.Weight(3)
	for _, c := range []struct {
		words   []string
		prepare func() error
		want    string
	}{
		{[]string{"index", "add", "--index", filepath.Join(dir, "pixels"), "--data", "folder:" + photos}, nil, "grows by no pictures: export all of them again"},
		{[]string{"search", "--index", filepath.Join(dir, "pixels"), "--query", one, "--classify", "--thresholds", "none.json"}, nil, "leave it out"},
		{[]string{"search", "--index", filepath.Join(dir, "pixels"), "--query", one, "--classify", "--thresholds", "none.json", "--per-class"}, nil, "leave one of them out"},
		{[]string{"search", "--index", filepath.Join(dir, "pixels"), "--query", one[:len(one)-5] + "x.png"}, nil, "did you mean"},
		{[]string{"search", "--index", filepath.Join(dir, "a network"), "--query", one}, func() error { return os.WriteFile(file, other.Bytes(t), 0o644) }, "bring that file back"},
		{[]string{"search", "--index", filepath.Join(dir, "pixels"), "--query", one}, func() error {
			return os.WriteFile(filepath.Join(dir, "pixels", "network.json"), []byte("{}"), 0o644)
		}, "export it again"},
	} {
		if c.prepare != nil {
			if err := c.prepare(); err != nil {
				t.Fatal(err)
			}
		}
		if code, out, messages := call(t, c.words...); code == 0 || out != "" || !strings.Contains(messages, c.want) {
			t.Errorf("%v: exit %d, wrote %q, said %q, want %q", c.words, code, out, messages, c.want)
		}
	}
}

// numbers are those of a NumPy file.
func numbers(t *testing.T, name string) []float32 {
	t.Helper()
	array, err := numpy.FromNpyFile(name)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := tensors.CopyFlatData[float32](array)
	if err != nil {
		t.Fatal(err)
	}
	return flat
}
