package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/escape"
)

// A page that cannot be written is told before the work, and one that fails after it takes no number with it; the old page stays.
func TestEvalReportIsWhole(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "run")
	if code, _, messages := call(t, little(dir)...); code != 0 {
		t.Fatal(messages)
	}
	pages := t.TempDir()
	folder, pipe, old := filepath.Join(pages, "folder.html"), filepath.Join(pages, "pipe.html"), filepath.Join(pages, "old", "x.html")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{
		folder: "folder.html is a folder", pipe: "pipe.html is a pipe", "/dev/null/x.html": "--report: there is no folder /dev/null", pages + "/none/x.html": "there is no folder",
		"/proc/x.html": "--report: ",
	} {
		code, out, messages := call(t, "eval", "--checkpoint", dir, "--data", "glyphs", "--report", page)
		if code != 2 || out != "" || !strings.Contains(messages, want) || strings.Count(messages, "\n") != 1 {
			t.Errorf("%s: exit %d, wrote %q, said %q; want 2 and a line with %q before any work", page, code, out, messages, want)
		}
	}

	if err := os.Mkdir(filepath.Dir(old), 0o777); err != nil {
		t.Fatal(err)
	}
	words := []string{"eval", "--checkpoint", dir, "--data", "glyphs", "--json", "--report", old}
	var out, messages bytes.Buffer
	gone := after{&out, func() { // what a page can fail on once the work is done
		if err := os.Rename(filepath.Dir(old), filepath.Dir(old)+"-moved"); err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(filepath.Dir(old), nil, 0o666); err != nil {
			t.Error(err)
		}
	}}
	if code := run(t.Context(), words, stdio{strings.NewReader(""), gone, &messages}); code != 1 || !strings.Contains(out.String(), `"recall_at_1"`) ||
		!strings.Contains(messages.String(), "unipair: eval: report: ") {
		t.Errorf("a page that fails: exit %d, wrote %q, said %q; want 1 and the numbers", code, out.String(), messages.String())
	}

	umask := syscall.Umask(0o077)
	page := filepath.Join(pages, "private.html")
	code, _, said := call(t, "eval", "--checkpoint", dir, "--data", "glyphs", "--report", page)
	syscall.Umask(umask)
	if info, err := os.Stat(page); err != nil || code != 0 || info.Mode().Perm() != 0o600 {
		t.Errorf("exit %d, %v, %v; want a page for its owner alone; said %q", code, info, err, said)
	}
}

// after writes, and then does something.
type after struct {
	to *bytes.Buffer
	do func()
}

func (a after) Write(p []byte) (int, error) {
	if a.to.Len() == 0 {
		a.do()
	}
	return a.to.Write(p)
}

// Names of classes and files are others' words in a page too: none of them turns the direction of what is beside it, or is markup.
func TestEvalReportIsolatesNames(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	root := t.TempDir()
	dir := filepath.Join(root, "run \u202e<b>")
	if code, _, messages := call(t, little(dir)...); code != 0 {
		t.Fatal(messages)
	}
	data, _ := pictures(t, []string{"a\u202egpj", "b\x1b[31m", "c<script>", "שלום"}, 4)
	page := filepath.Join(root, "page.html")
	code, out, messages := call(t, "eval", "--checkpoint", dir, "--data", "folder:"+data, "--part", "all", "--report", page)
	text, err := os.ReadFile(page)
	if err != nil || code != 0 || escape.Text(string(text)+out+messages) != string(text)+out+messages {
		t.Fatalf("exit %d, %v: a letter that acts is in the page, in %q or in %q", code, err, out, messages)
	}
	if strings.Contains(string(text), "<script>") || strings.Contains(string(text), "<b>") {
		t.Error("a name is markup of the page")
	}
	if confusion := "<td><bdi>"; !strings.Contains(string(text), confusion) || !strings.Contains(string(text), `<h1><bdi>`) {
		t.Errorf("names are not isolated: %.3000s", text)
	}
}
