package main

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/internal/portable"
	"github.com/unipair/unipair/internal/workspacetest"
)

// script returns the Python program of docs/evaluate.md, in a file.
func script(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/evaluate.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(page), "```python\n")
	program, _, found := strings.Cut(after, "```")
	if !found {
		t.Fatal("docs/evaluate.md has no Python program")
	}
	name := filepath.Join(t.TempDir(), "embed.py")
	if err := os.WriteFile(name, []byte(program), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// blots writes PNG pictures of soft spots, some wide and some tall, a folder per class, and returns the folder.
func blots(t *testing.T, gray bool) string {
	t.Helper()
	dir, random := t.TempDir(), rand.New(rand.NewPCG(5, 6))
	for class := range 4 {
		folder := filepath.Join(dir, "class"+strconv.Itoa(class))
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			width, height := 20+7*i, 45-9*i-class
			picture := image.NewNRGBA(image.Rect(0, 0, width, height))
			flat := image.NewGray(picture.Rect)
			for y := range height {
				for x := range width {
					level := func(k int) uint8 {
						return uint8(127 + 100*math.Sin(float64((class+k+1)*x)/9+float64(y*(i+1))/11) + 28*random.Float64())
					}
					picture.SetNRGBA(x, y, color.NRGBA{level(0), level(1), level(2), 255})
					flat.SetGray(x, y, color.Gray{level(0)})
				}
			}
			file, err := os.Create(filepath.Join(folder, strconv.Itoa(i)+".png"))
			if err != nil {
				t.Fatal(err)
			}
			if gray {
				err = png.Encode(file, flat)
			} else {
				err = png.Encode(file, picture)
			}
			if err := errors.Join(err, file.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// TestPythonReadsONNX: the program of the docs embeds pictures as `unipair export` does, however they are prepared.
func TestPythonReadsONNX(t *testing.T) {
	python := workspacetest.Ready(t).Program("python")
	if _, err := onnxruntime.Library(); err != nil {
		t.Skip(err) // a system that ONNX Runtime has no wheel for
	}
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	convolution := "onnx:" + onnxtest.Convolutional().File(t)
	const transformer = "onnx:../../internal/onnxfile/testdata/vit.onnx"
	for name, c := range map[string]struct {
		gray  bool
		words []string
	}{
		"gray, squeezed, made smaller":   {true, []string{"--size", "16"}},
		"gray, in a square, turned over": {true, []string{"--size", "32", "--fit", "pad", "--invert", "on"}},
		"in colour, its middle":          {false, []string{"--size", "17", "--fit", "crop"}},
		"in colour, made larger":         {false, []string{"--size", "48", "--fit", "pad"}},
		"a head on a network from elsewhere": {false, []string{
			"--architecture", convolution, "--input", "imagenet", "--invert", "on", "--fit", "pad"}},
		"a transformer that learns": {true, []string{
			"--architecture", transformer, "--input", "clip", "--pool", "first", "--train-backbone", "all"}},
		"residual": {true, []string{"--architecture", "resnet18", "--size", "32"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, there := blots(t, c.gray), t.TempDir()
			run, model := filepath.Join(there, "run"), filepath.Join(there, "blots.onnx")
			words := append([]string{"train", "--data", "folder:" + dir, "--out", run, "--steps", "2", "--width", "2", "--dim", "8",
				"--classes", "2", "--per-class", "2"}, c.words...)
			if code, _, messages := call(t, words...); code != 0 {
				t.Fatal(messages)
			}
			export := []string{"export", "--checkpoint", run, "--data", "folder:" + dir, "--part", "all", "--out"}
			code, out, messages := call(t, append(slices.Clone(export), model, "--format", "onnx")...)
			if code != 0 || !strings.Contains(out, "on 12 inputs (") {
				t.Fatalf("exit %d, wrote %q, said %q", code, out, messages)
			}
			embedded := filepath.Join(there, "index")
			if code, _, messages := call(t, append(slices.Clone(export), embedded)...); code != 0 {
				t.Fatal(messages)
			}
			ours, err := index.Open(embedded)
			if err != nil {
				t.Fatal(err)
			}
			arguments := []string{script(t), model}
			for _, i := range ours.Images {
				arguments = append(arguments, i.Path)
			}
			program := exec.CommandContext(t.Context(), python, arguments...)
			program.Dir = t.TempDir()
			if said, err := program.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			// Read as an index's own are, so that shape and kind are looked at.
			theirs, err := os.ReadFile(filepath.Join(program.Dir, "onnx-embeddings.npy"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(embedded, "embeddings.npy"), theirs, 0o666); err != nil {
				t.Fatal(err)
			}
			withoutSums(t, filepath.Join(embedded, "index.json"))
			other, err := index.Open(embedded)
			if err != nil {
				t.Fatal(err)
			}
			largest := 0.0
			for i, v := range ours.Set.Embeddings {
				largest = max(largest, math.Abs(float64(v)-float64(other.Set.Embeddings[i])))
			}
			if !(largest <= 1e-5) { // float32 pixels on our side and float64 on theirs
				t.Errorf("a number of an embedding differs by %g", largest)
			}
		})
	}
}

// withoutSums makes an index.json as it was before sums were kept, so that its files may be others.
func withoutSums(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var about map[string]any
	if err := json.Unmarshal(text, &about); err != nil {
		t.Fatal(err)
	}
	delete(about, "sha256")
	if text, err = json.Marshal(about); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestExportONNX: a file is written whole, with what it is; what cannot be written is told before any work, and nothing is left.
func TestExportONNX(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	there := t.TempDir()
	run, model := filepath.Join(there, "run"), filepath.Join(there, "new", "glyphs.onnx")
	if code, _, messages := call(t, little(run, "--fit", "crop", "--invert", "on")...); code != 0 {
		t.Fatal(messages)
	}
	words := func(out string, more ...string) []string {
		return append([]string{"export", "--format", "onnx", "--checkpoint", run, "--out", out}, more...)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{words("", "--data", "glyphs"), 2, "where to? --out takes the name of a file that is not there yet"},
		{words(model, "--checkpoint", there), 2, "an ONNX file is of one network: give one --checkpoint"},
		{words(model, "--tta"), 2, "leave --tta out"},
		{words(model, "--part", "all"), 2, "--part is of --data, which is not given"},
		{words(model, "--data", "glyhps"), 2, "did you mean glyphs?"},
		{words(filepath.Join(there, "glyphs")), 1, "the name must end in .onnx"},
		{words(run), 1, "the name must end in .onnx"},
	} {
		code, out, messages := call(t, c.args...)
		if code != c.code || out != "" || !strings.Contains(messages, c.want) || strings.Count(messages, "\n") != 1 {
			t.Errorf("%v: exit %d, wrote %q, said %q, want %d and %q", c.args, code, out, messages, c.code, c.want)
		}
	}
	if _, err := onnxruntime.Library(); errors.Is(err, onnxruntime.ErrNone) {
		code, _, messages := call(t, words(model)...)
		if code != 1 || !strings.Contains(messages, "`unipair doctor --fix`") {
			t.Errorf("without ONNX Runtime: exit %d, said %q", code, messages)
		}
		t.Skip(err)
	}
	code, out, messages := call(t, words(model)...)
	want := "float32 [n 16 16 1] in, [n 8] out; in ONNX Runtime the same to 1e-05 on 32 inputs (random numbers)"
	if code != 0 || !strings.Contains(out, want) {
		t.Fatalf("exit %d, wrote %q, said %q", code, out, messages)
	}
	text, err := os.ReadFile(portable.Beside(model))
	if err != nil {
		t.Fatal(err)
	}
	var about portable.About
	if err := json.Unmarshal(text, &about); err != nil {
		t.Fatal(err)
	}
	p := about.Preparation
	if about.Name != "run" || about.Loss != "circle" || about.Step != 3 || p == nil || p.Size != 16 || p.Resampling != "area" {
		t.Errorf("%s", text)
	}
	ours, _, _ := strings.Cut(evaluated(t, "--checkpoint", run), "roc_auc")
	if theirs, _, _ := strings.Cut(evaluated(t, "--architecture", "onnx:"+model), "roc_auc"); theirs != ours {
		t.Errorf("the file is measured as\n%s\nand the checkpoint as\n%s", theirs, ours)
	}
	if entries, err := os.ReadDir(filepath.Dir(model)); err != nil || len(entries) != 2 {
		t.Errorf("beside the file: %v, %v", entries, err)
	}
	for _, gone := range []string{"", model} { // each of the two alone is in the way
		if gone != "" {
			if err := os.Remove(gone); err != nil {
				t.Fatal(err)
			}
		}
		if code, _, messages := call(t, words(model)...); code != 1 || !strings.Contains(messages, "is there already: give another --out") {
			t.Errorf("over another: exit %d, said %q", code, messages)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	fresh := filepath.Join(there, "stopped.onnx")
	if code := runIn(stopped, words(fresh, "--data", "glyphs")...); code == 0 {
		t.Error("what is stopped is written")
	}
	if left, err := filepath.Glob(filepath.Join(there, "*stopped*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// evaluated is the table of pictures that are dark on light.
func evaluated(t *testing.T, words ...string) string {
	t.Helper()
	dir, _ := pictures(t, scripts, 4)
	code, out, messages := call(t, append([]string{"eval", "--data", "folder:" + dir, "--part", "all"}, words...)...)
	if code != 0 {
		t.Fatal(messages)
	}
	_, out, _ = strings.Cut(out, "\n")
	return strings.ReplaceAll(out, dir, "")
}

// runIn runs the program in a context, and returns its exit code.
func runIn(ctx context.Context, args ...string) int {
	var o, e strings.Builder
	return run(ctx, args, stdio{strings.NewReader(""), &o, &e})
}
