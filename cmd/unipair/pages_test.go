package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/onnxtest"
)

// commandOf returns the words of a line of a page that calls unipair; ok is false for other lines.
func commandOf(line string) (words []string, ok bool) {
	line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
	for _, call := range []string{"unipair ", "go run ./cmd/unipair "} {
		if rest, is := strings.CutPrefix(line, call); is {
			return strings.Fields(rest), true
		}
	}
	return nil, false
}

// TestPagesCallWhatIsThere: each command that a page shows is one of the program's, and so is each flag of it.
func TestPagesCallWhatIsThere(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown, helps := 0, make(map[string]string)
	for _, page := range append(pages, "../../README.md", "../../docker/README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		fenced := false
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			words, ok := commandOf(line)
			if !ok || !fenced {
				continue
			}
			shown++
			command := words[0]
			if helps[command] == "" {
				var code int
				if code, helps[command], _ = call(t, command, "--help"); code != 0 {
					t.Errorf("%s calls unipair %s, which there is not", page, command)
				}
			}
			for _, word := range words[1:] {
				name, isFlag := strings.CutPrefix(word, "--")
				name, _, _ = strings.Cut(name, "=")
				if isFlag && !regexp.MustCompile(`(?m)^ *--?`+regexp.QuoteMeta(name)+`\b`).MatchString(helps[command]) {
					t.Errorf("%s calls unipair %s with %s, which it has not", page, command, word)
				}
			}
		}
	}
	if shown < 20 {
		t.Errorf("the pages show %d commands", shown)
	}
}

// TestNetworksPage: what docs/networks.md shows runs, on a little data and a small network under the names that it has, and the last line of
// each command is the page's but for numbers and places.
func TestNetworksPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/networks.md")
	if err != nil {
		t.Fatal(err)
	}
	library, err := onnxruntime.Library()
	if err != nil {
		t.Skip(err)
	}
	t.Setenv(onnxruntime.Variable, library)
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	classes, _ := pictures(t, []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, 5)
	network := onnxtest.Convolutional().File(t)
	for name, to := range map[string]string{"photos": classes, "efficientnet-lite0.onnx": network} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	ran := 0
	for _, shown := range regexp.MustCompile("(?s)```\n(\\$ unipair .*?\n)(.*?)```").FindAllStringSubmatch(string(page), -1) {
		words, _ := commandOf(shown[1])
		if words[0] == "doctor" {
			continue // tested in internal/workspace
		}
		ran++
		if words[0] == "train" {
			words = append(words, "--steps", "70", "--classes", "4")
		}
		code, out, said := call(t, words...)
		if code != 0 {
			t.Fatalf("%s: exit %d, said %s", shown[1], code, said)
		}
		if got, want := lastLine(out), lastLine(shown[2]); got != want {
			t.Errorf("%s wrote\n%s\nand the page has\n%s", shown[1], got, want)
		}
	}
	if ran != 3 {
		t.Errorf("the page has %d commands besides doctor", ran)
	}
}

var figures = regexp.MustCompile(`[-+]?[0-9]+([.e-]+[0-9]+)*|–`)

// lastLine returns the last line of an output, without numbers and the dashes between them.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(strings.Fields(figures.ReplaceAllString(lines[len(lines)-1], "")), " ")
}
