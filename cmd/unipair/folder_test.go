package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/nlpodyssey/safetensors"
	"github.com/parquet-go/parquet-go"

	"github.com/unipair/unipair/pkg/data"
)

// scripts are class names that break what takes names for plain words.
var scripts = []string{"한글 폴더", "Ελληνικά", "a class, \"quoted\"", "日本", "<b>&amp;", "emoji 😀", "x", "y"}

// pictures writes a folder of images, a folder a class, and returns it with the path of one image.
func pictures(t *testing.T, classes []string, perClass int) (dir, one string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "my photos")
	glyphs, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		t.Fatal(err)
	}
	for c, class := range classes {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o777); err != nil {
			t.Fatal(err)
		}
		for k := range perClass {
			m, err := glyphs.Image(20*c + k)
			if err != nil || glyphs.Label(20*c+k) != c {
				t.Fatal(err)
			}
			picture := image.NewGray(image.Rect(0, 0, m.Width, m.Height))
			for i, x := range m.Pixels {
				picture.SetGray(i%m.Width, i/m.Width, color.Gray{Y: uint8(255 * x)})
			}
			one = filepath.Join(dir, class, fmt.Sprintf("image %d.png", k))
			file, err := os.Create(one)
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(file, picture); err != nil {
				t.Fatal(err)
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir, one
}

// TestFolder does what somebody with folders of images does: train, measure, export, search.
func TestFolder(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, one := pictures(t, scripts, 4)
	model := filepath.Join(t.TempDir(), "run")
	code, _, messages := call(t, "train", "--data", "folder:"+dir, "--out", model, "--steps", "3", "--size", "16", "--width", "2", "--dim", "8",
		"--classes", "3", "--per-class", "2", "--save-every", "1")
	if code != 0 {
		t.Fatalf("train: exit %d, said %q", code, messages)
	}

	// The held-out classes are measured, and other folders whole.
	page := filepath.Join(t.TempDir(), "page.html")
	code, out, messages := call(t, "eval", "--checkpoint", model, "--data", "folder:"+dir, "--json", "--report", page, "--recall-at", "1, 3")
	var measured struct {
		RecallAt3    float64 `json:"recall_at_3"`
		Queries      int
		RetrievalOn  string                `json:"retrieval_on"`
		Intervals    map[string][2]float64 `json:"intervals_95"`
		Verification struct {
			AUC  float64
			Same int `json:"pairs_of_one_class"`
		}
	}
	if err := json.Unmarshal([]byte(out), &measured); err != nil || code != 0 || strings.Contains(messages, "warning") {
		t.Fatalf("eval: exit %d, said %q, wrote %q: %v", code, messages, out, err)
	}
	if measured.Queries != 8 || measured.RecallAt3 <= 0 || measured.Verification.Same != 12 || !strings.HasSuffix(measured.RetrievalOn, ", test") {
		t.Errorf("the held-out two classes: %+v", measured)
	}
	if i := measured.Intervals["map_at_r"]; i[0] > i[1] || i[1] == 0 {
		t.Errorf("interval %v", i)
	}
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), "my photos") || !strings.Contains(string(html), "<svg") {
		t.Errorf("the page: %v", err)
	}
	code, _, messages = call(t, "eval", "--checkpoint", model, "--data", "folder:"+dir, "--part", "all", "--json")
	if code != 0 || !strings.Contains(messages, "warning: 6 of the 8 classes") {
		t.Errorf("all of a folder that was trained on: exit %d, said %q", code, messages)
	}
	other, _ := pictures(t, []string{"p", "q", "r"}, 3)
	code, out, messages = call(t, "eval", "--checkpoint", model, "--data", "folder:"+other)
	if code != 0 || strings.Contains(messages, "warning") || !strings.Contains(out, "recall_at_1") {
		t.Errorf("another folder: exit %d, said %q", code, messages)
	}

	index := filepath.Join(t.TempDir(), "index")
	code, out, messages = call(t, "export", "--checkpoint", model, "--data", "folder:"+dir, "--part", "all", "--out", index, "--format", "parquet")
	if code != 0 || !strings.Contains(out, "32 images") {
		t.Fatalf("export: exit %d, said %q, wrote %q", code, messages, out)
	}
	checkExport(t, index)
	if err := os.RemoveAll(model); err != nil { // an index has all it needs
		t.Fatal(err)
	}
	code, out, messages = call(t, "search", "--index", index, "--query", one, "--top", "3", "--json")
	var hits []struct {
		Query      string
		Neighbours []struct {
			Rank        int
			Similarity  float64
			Class, Path string
		}
	}
	if err := json.Unmarshal([]byte(out), &hits); err != nil || code != 0 {
		t.Fatalf("search: exit %d, said %q, wrote %q: %v", code, messages, out, err)
	}
	best := hits[0].Neighbours[0]
	if len(hits[0].Neighbours) != 3 || math.Abs(best.Similarity-1) > 1e-5 || filepath.Base(best.Path) != filepath.Base(one) || best.Class != "y" {
		t.Errorf("an image that is in the index is not the first found: %+v", hits)
	}
	code, out, _ = call(t, "search", "--index", index, "--query", one)
	if code != 0 || !strings.Contains(out, "rank") || !strings.Contains(out, best.Path) {
		t.Errorf("search as a table: exit %d, wrote %q", code, out)
	}
	if code, _, messages = call(t, "eval", "--checkpoint", filepath.Join(index, "models", "1"), "--data", "folder:"+other); code != 0 {
		t.Errorf("the network of an index: exit %d, said %q", code, messages)
	}
}

// checkExport reads what was exported with other readers.
func checkExport(t *testing.T, index string) {
	t.Helper()
	vectors, err := numpy.FromNpyFile(filepath.Join(index, "embeddings.npy"))
	if err != nil || vectors.Shape().String() != "(Float32)[32, 8]" {
		t.Fatal(vectors, err)
	}
	flat := tensors.MustCopyFlatData[float32](vectors)
	type row struct {
		Index     int       `parquet:"index"`
		Class     string    `parquet:"class"`
		Path      string    `parquet:"path"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	rows, err := parquet.ReadFile[row](filepath.Join(index, "embeddings.parquet"))
	if err != nil || len(rows) != 32 {
		t.Fatal(len(rows), err)
	}
	classes := map[string]int{}
	for i, r := range rows {
		classes[r.Class]++
		if r.Index != i || len(r.Embedding) != 8 || r.Embedding[5] != flat[8*i+5] || !strings.Contains(r.Path, r.Class) {
			t.Errorf("row %d: %+v", i, r)
		}
	}
	for _, class := range scripts {
		if classes[class] != 4 {
			t.Errorf("class %q has %d rows, want 4", class, classes[class])
		}
	}
	raw, err := os.ReadFile(filepath.Join(index, "models", "1", "weights.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	weights, err := safetensors.Deserialize(raw)
	if err != nil {
		t.Fatal(err)
	}
	kernel, ok := weights.Tensor("embedder.block1.kernel")
	if !ok || fmt.Sprint(kernel.Shape()) != "[3 3 2 4]" || len(weights.Names()) != 22 {
		t.Errorf("weights %v, the second block's kernel %v", weights.Names(), kernel.Shape())
	}
}

func TestExportAndSearchRefuse(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "run")
	if code, _, messages := call(t, little(dir)...); code != 0 {
		t.Fatal(messages)
	}
	there, empty := t.TempDir(), t.TempDir()
	index := filepath.Join(t.TempDir(), "deep", "index")
	code, out, messages := call(t, "export", "--checkpoint", dir, "--checkpoint", dir+"/", "--data", "glyphs", "--out", index, "--format", "csv", "--tta")
	if code != 0 || !strings.Contains(out, ", its test part alone (--part all takes all); find") {
		t.Fatal(out, messages)
	}
	_, one := pictures(t, []string{"x"}, 1)
	if code, out, messages := call(t, "search", "--index", index, "--query", one, "--top", "1000"); code != 0 || !strings.Contains(out, "number ") || strings.Count(out, "\n") != 402 {
		t.Errorf("an ensemble's index of images without files: exit %d, said %q, %d lines", code, messages, strings.Count(out, "\n"))
	}
	text := filepath.Join(empty, "text.png")
	if err := os.WriteFile(text, []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"export", "--checkpoint", dir, "--data", "glyphs"}, 2, "where to?"},
		{[]string{"export", "--checkpoint", dir, "--data", "glyphs", "--out", there}, 1, "is there already"},
		{[]string{"export", "--checkpoint", dir, "--data", "glyphs", "--out", there + "/x", "--format", "parkett"}, 2, `unknown format "parkett": did you mean parquet?`},
		{[]string{"export", "--checkpoint", dir, "--data", "glyphs", "--out", there + "/x", "--part", "tests"}, 2, `did you mean test?`},
		{[]string{"export", "--checkpoint", dir, "--data", "glyphs", "--out", there + "/x", "--part", "validation"}, 2, "glyphs has no validation part"},
		{[]string{"export", "--checkpoint", dir, "--checkpoint", dir, "--data", "glyphs", "--out", there + "/x"}, 2, "is given twice"},
		{[]string{"export", "--data", "glyphs", "--out", there + "/x"}, 2, "which checkpoint?"},
		{[]string{"search", "--query", one}, 2, "search where?"},
		{[]string{"search", "--index", index}, 2, "search what?"},
		{[]string{"search", "--index", empty, "--query", one}, 1, "there is no index.json"},
		{[]string{"search", "--index", index, "--query", text}, 1, "text.png: this is no JPEG"},
		{[]string{"search", "--index", index, "--query", one, "--top", "0"}, 2, "--top must be at least 1"},
		{[]string{"eval", "--checkpoint", dir, "--data", "folder:" + empty}, 1, "lies in no folder of a class"},
		{[]string{"eval", "--checkpoint", dir, "--data", "folder:"}, 2, "folder: needs a place after the colon"},
		{[]string{"eval", "--checkpoint", dir, "--data", "folder:" + there + "/none"}, 2, "no such file"},
		{[]string{"eval", "--checkpoint", dir, "--data", "glyphs", "--recall-at", "1,x"}, 2, "--recall-at takes whole numbers"},
		{[]string{"eval", "--checkpoint", dir, "--data", "glyphs", "--report", "page.pdf"}, 2, "ends in .html"},
		{[]string{"eval", "--checkpoint", dir, "--data", "glyphs", "--report", there + "/none/page.html"}, 2, "there is no folder " + there + "/none"},
		{[]string{"eval", "--checkpoint", there, "--data", "glyps", "--part", "tset"}, 2, "that `unipair train --out` wrote; unknown data set \"glyps\": did you mean glyphs?; eval: unknown part \"tset\": did you mean test?"},
		{[]string{"search", "--index", empty, "--query", text, "--query", there + "/none.png"}, 1, "wrote; data: " + text},
	} {
		code, out, messages := call(t, c.args...)
		if code != c.code || !strings.Contains(messages, c.want) || out != "" {
			t.Errorf("%v: exit %d, said %q, wrote %q; want %d and %q", c.args, code, messages, out, c.code, c.want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(there, "*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// TestFewClasses trains on fewer classes than a batch has by default, with the words that a first user has.
func TestFewClasses(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, _ := pictures(t, scripts, 4)
	model := filepath.Join(t.TempDir(), "run")
	words := []string{"train", "--data", "folder:" + dir, "--out", model, "--steps", "1", "--size", "16", "--width", "2", "--dim", "8", "--validate", "0.4"}
	code, out, messages := call(t, words...)
	if code != 0 || !strings.Contains(messages, "4 classes per batch") || !strings.Contains(out, "--data 'folder:"+dir+"'") {
		t.Fatalf("exit %d, wrote %q, said %q", code, out, messages)
	}
	if text, err := os.ReadFile(filepath.Join(model, "run.yaml")); err != nil || !strings.Contains(string(text), "\nclasses: 4\n") {
		t.Errorf("run.yaml: %v, %s", err, text)
	}
	if code, _, messages := call(t, words...); code != 0 || !strings.Contains(messages, "resuming") {
		t.Errorf("the same again: exit %d, said %q", code, messages)
	}
	code, _, messages = call(t, append(words, "--classes", "5")...)
	if code != 2 || !strings.Contains(messages, "--classes must be at most 4") {
		t.Errorf("--classes 5: exit %d, said %q", code, messages)
	}
}
