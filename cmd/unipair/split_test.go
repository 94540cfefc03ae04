package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// measuredOn runs eval, and returns what it measured, on how many queries, and what it said.
func measuredOn(t *testing.T, model, data string, more ...string) (on string, queries int, messages string) {
	t.Helper()
	code, out, messages := call(t, append([]string{"eval", "--checkpoint", model, "--data", data, "--json"}, more...)...)
	var measured struct {
		Queries     int
		RetrievalOn string `json:"retrieval_on"`
	}
	if err := json.Unmarshal([]byte(out), &measured); err != nil || code != 0 {
		t.Fatalf("eval %s %v: exit %d, said %q, wrote %q: %v", data, more, code, messages, out, err)
	}
	return measured.RetrievalOn, measured.Queries, messages
}

// TestEvalOfASplit: of data of one's own that has a split, the test part is measured, or the queries in the gallery, whether the
// checkpoint has learnt from its training part or from something else; and classes that it has learnt from are told.
func TestEvalOfASplit(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	split, _ := pictures(t, []string{"train/a", "train/b", "train/c", "train/d", "test/e", "test/f", "test/g"}, 3)
	asked, _ := pictures(t, []string{"gallery/p", "gallery/q", "gallery/r", "query/p", "query/q"}, 2)
	learnt, _ := pictures(t, []string{"test/a", "test/z"}, 2)
	only, _ := pictures(t, []string{"train/x", "train/y"}, 2)
	table := func(text string) string {
		file := filepath.Join(t.TempDir(), "table.csv")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "DIR", asked)), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	cameras := table("path,label,split,camera\n" +
		"DIR/query/p/image 0.png,p,query,1\nDIR/query/q/image 0.png,q,query,1\n" +
		"DIR/gallery/p/image 0.png,p,gallery,1\nDIR/gallery/p/image 1.png,p,gallery,2\nDIR/gallery/q/image 0.png,q,gallery,1\n")
	whole := table("path,label,camera\n" +
		"DIR/query/p/image 0.png,p,1\nDIR/query/p/image 1.png,p,2\nDIR/query/q/image 0.png,q,1\nDIR/query/q/image 1.png,q,1\n")
	model := filepath.Join(t.TempDir(), "run")
	code, _, said := call(t, "train", "--data", "folder:"+split, "--out", model, "--steps", "2", "--size", "16", "--width", "2", "--dim", "8",
		"--classes", "3", "--per-class", "2")
	if code != 0 {
		t.Fatalf("train: exit %d, said %q", code, said)
	}
	one := table("path,label,camera\nDIR/query/p/image 0.png,p,3\nDIR/query/p/image 1.png,p,3\n")
	if code, _, said := call(t, "eval", "--checkpoint", model, "--data", "csv:"+one); code != 1 || !strings.Contains(said, "are of camera 3") {
		t.Errorf("one camera: exit %d, said %q", code, said)
	}
	const across = ", without what the query's camera took of its class"
	for _, c := range []struct {
		data    string
		part    string
		on      string
		queries int
		warning string // empty: none
	}{
		{"folder:" + split, "", split + "/test", 9, ""},
		{"folder:" + split, "training", split + "/train", 12, "warning: 4 of the 4 classes"},
		{"folder:" + split, "all", split, 21, "warning: 4 of the 7 classes"},
		{"folder:" + asked, "", asked + "/query in " + asked + "/gallery", 4, ""},
		{"folder:" + asked, "all", asked, 10, ""},
		{"folder:" + learnt, "", learnt + "/test", 4, "warning: 1 of the 2 classes"},
		{"folder:" + only, "training", only + "/train", 4, ""},
		{"csv:" + cameras, "", cameras + ", query in " + cameras + ", gallery" + across, 1, ""}, // q is in the gallery by its own camera alone
		{"csv:" + whole, "", whole + across, 2, ""},
	} {
		var more []string
		if c.part != "" {
			more = []string{"--part", c.part}
		}
		on, queries, said := measuredOn(t, model, c.data, more...)
		if on != c.on || queries != c.queries || strings.Contains(said, "warning") != (c.warning != "") || !strings.Contains(said, c.warning) {
			t.Errorf("%s, part %q: measured %d queries on %q, said %q; want %d on %q, and %q", c.data, c.part, queries, on, said, c.queries, c.on, c.warning)
		}
	}
	page := filepath.Join(t.TempDir(), "page.html")
	_, out, _ := call(t, "eval", "--checkpoint", model, "--data", "folder:"+asked, "--report", page)
	if html, err := os.ReadFile(page); err != nil || !strings.Contains(string(html), "Left out: confusions and mistakes: ") {
		t.Errorf("the page does not say what is not on it: %v", err)
	}
	if !regexp.MustCompile(`(?m)^nmi .*` + regexp.QuoteMeta("  "+asked+"/query") + `$`).MatchString(out) {
		t.Errorf("the queries are clustered, not the gallery: %s", out)
	}
	for place, want := range map[string]string{split: "9 images of " + split + "/test", asked: "6 images of " + asked + "/gallery"} {
		code, out, said := call(t, "export", "--checkpoint", model, "--data", "folder:"+place, "--out", filepath.Join(t.TempDir(), "index"))
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("export %s: exit %d, said %q, wrote %q; want %q", place, code, said, out, want)
		}
	}
	for _, c := range []struct {
		name  string
		words []string
		want  string
	}{
		{"no test", []string{"--data", "folder:" + only}, only + " has no test part: give --part training"},
		{"no validation", []string{"--data", "folder:" + asked, "--part", "validation"}, "has no validation part: give --part test"},
		{"all of a publication", []string{"--data", "cub", "--part", "all"}, "--part all is not for cub, but for glyphs and for data"},
	} {
		code, out, said := call(t, append([]string{"eval", "--checkpoint", model}, c.words...)...)
		if code != 2 || !strings.Contains(said, c.want) || out != "" {
			t.Errorf("%s: exit %d, said %q, wrote %q; want %q", c.name, code, said, out, c.want)
		}
	}
}

// TestEvalOfSplitFeatures is the same for features of another model.
func TestEvalOfSplitFeatures(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	features := func(labels string) string {
		file := filepath.Join(t.TempDir(), "x.npy")
		var values []float32
		rows := strings.Count(labels, "\n") - 1
		for i := range 4 * rows {
			values = append(values, float32(i*i%7))
		}
		if err := errors.Join(numpy.ToNpyFile(tensors.FromFlatDataAndDimensions(values, rows, 4), file),
			os.WriteFile(filepath.Join(filepath.Dir(file), "x.csv"), []byte(labels), 0o666)); err != nil {
			t.Fatal(err)
		}
		return file
	}
	labels := "label,split\n"
	for i, class := range strings.Fields("a a b b c c d d") {
		labels += fmt.Sprintf("%s,%s\n", class, []string{"train", "test"}[i/4])
	}
	learnt := features(labels)
	other := features("label,split,camera\np,query,1\np,gallery,1\np,gallery,2\nq,gallery,2\n")
	model := filepath.Join(t.TempDir(), "run")
	code, _, said := call(t, "train", "--data", "npy:"+learnt, "--out", model, "--architecture", "linear", "--steps", "2", "--dim", "3",
		"--classes", "2", "--per-class", "2")
	if code != 0 {
		t.Fatalf("train: exit %d, said %q", code, said)
	}
	for file, want := range map[string]string{
		learnt: learnt + ", test",
		other:  other + ", query in " + other + ", gallery, without what the query's camera took of its class",
	} {
		if on, _, said := measuredOn(t, model, "npy:"+file); on != want || strings.Contains(said, "warning") {
			t.Errorf("measured on %q, said %q; want %q", on, said, want)
		}
	}
}
