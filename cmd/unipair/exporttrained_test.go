package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/internal/portable"
	"github.com/unipair/unipair/pkg/data"
)

// TestExportTrained: the file of a network from elsewhere that learnt has the weights that it learnt. ONNX Runtime makes of it the
// program's embeddings, and others than of the network as it came.
func TestExportTrained(t *testing.T) {
	if _, err := onnxruntime.Library(); err != nil {
		t.Skip(err)
	}
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures := blots(t, false)
	convolution, lite0 := onnxtest.Convolutional().File(t), filepath.Join(os.Getenv("UNIPAIR_DATA"), "models", "efficientnet-lite0.onnx")
	halved := onnxtest.Halved().File(t)
	const transformer = "../../internal/onnxfile/testdata/vit.onnx"
	for _, c := range []struct {
		name, file string
		words      []string
		frozen     bool
	}{
		{"a convolution, all", convolution, []string{"--input", "0-1", "--head", "none", "--train-backbone", "all"}, false},
		{"a convolution, the last", convolution, []string{"--input", "0-1", "--head", "none", "--train-backbone", "last:1"}, false},
		{"a kernel of even size, all", halved, []string{"--input", "0-1", "--head", "none", "--train-backbone", "all"}, false},
		{"a kernel of even size, the last", halved, []string{"--input", "0-1", "--head", "none", "--train-backbone", "last:2"}, false},
		{"a transformer, all", transformer, []string{"--input", "clip", "--pool", "mean", "--head", "none", "--train-backbone", "all"}, false},
		{"a transformer, the last", transformer, []string{"--input", "clip", "--pool", "mean", "--head", "none", "--train-backbone", "last:2"}, false},
		{"EfficientNet-lite0 and a linear head", lite0, []string{"--input", "efficientnet-lite", "--dim", "8"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := os.Stat(c.file); err != nil {
				t.Skip(err)
			}
			there := t.TempDir()
			file, indexed := filepath.Join(there, "learnt.onnx"), filepath.Join(there, "index")
			raw, before := filepath.Join(there, "raw"), filepath.Join(there, "before")
			run := func(out string, more ...string) []string {
				words := append([]string{"train", "--data", "folder:" + pictures, "--architecture", "onnx:" + c.file, "--out", out, "--warmup", "1",
					"--classes", "2", "--per-class", "2"}, c.words...)
				return append(words, more...)
			}
			rates := []string{"--steps", "3", "--backbone-learning-rate", "0.01"}
			if c.frozen {
				rates = []string{"--steps", "3"}
			}
			learnt := filepath.Join(there, "run")
			export := func(run, out string) []string {
				return []string{"export", "--checkpoint", run, "--data", "folder:" + pictures, "--part", "all", "--out", out}
			}
			all := [][]string{run(learnt, rates...), export(learnt, indexed), append(export(learnt, file), "--format", "onnx")}
			if !c.frozen {
				all = append(all, run(raw, "--steps", "1", "--backbone-learning-rate", "1e-30"), export(raw, before))
			}
			for _, words := range all {
				if code, _, messages := call(t, words...); code != 0 {
					t.Fatal(messages)
				}
			}
			ours, theirs := opened(t, indexed), ofFile(t, file, opened(t, indexed))
			if far := farthest(ours.Set.Embeddings, theirs); !(far <= 1e-5) {
				t.Errorf("a number of the file's embeddings differs by %g", far)
			}
			if c.frozen {
				return
			}
			if far := farthest(opened(t, before).Set.Embeddings, theirs); !(far >= 1e-3) {
				t.Errorf("the file's embeddings are those of the network as it came, to %g", far)
			}
		})
	}
}

// opened opens an index.
func opened(t *testing.T, dir string) *index.Index {
	t.Helper()
	x, err := index.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// ofFile returns what ONNX Runtime makes, by an exported file, of an index's pictures, which are prepared as the JSON beside the file says.
func ofFile(t *testing.T, file string, x *index.Index) []float32 {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := aboutOf(t, file).Preparation
	prepare := data.Preparation{Invert: p.Invert, Fit: data.Fit(p.Fit), Resampling: data.Resampling(p.Resampling), Size: p.Size, Channels: p.Channels}
	if p.Fit == "squeeze" {
		prepare.Fit = ""
	}
	inputs := onnxruntime.Array{Dims: []int{len(x.Images), p.Size, p.Size, p.Channels}}
	for _, i := range x.Images {
		picture, err := data.ReadImage(i.Path)
		if err != nil {
			t.Fatal(err)
		}
		inputs.Values = append(inputs.Values, prepare.Of(picture).Pixels...)
	}
	session, err := onnxruntime.Load(content)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	out, err := session.Run(inputs)
	if err != nil {
		t.Fatal(err)
	}
	return out[0].Values
}

// aboutOf reads what the JSON beside an exported file says.
func aboutOf(t *testing.T, file string) (about portable.About) {
	t.Helper()
	text, err := os.ReadFile(portable.Beside(file))
	if err == nil {
		err = json.Unmarshal(text, &about)
	}
	if err != nil {
		t.Fatal(err)
	}
	return about
}

// farthest returns the largest difference of two rows of numbers; infinity where one is longer.
func farthest(a, b []float32) (far float64) {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	for i, x := range a {
		far = max(far, math.Abs(float64(x)-float64(b[i])))
	}
	return far
}
