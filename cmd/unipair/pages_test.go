package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// ranElsewhere are the commands that pages show and other tests run.
var ranElsewhere = map[string]string{"doctor": "internal/workspace", "report": "internal/reportcheck", "lab": "lab_test.go", "bench": "bench"}

// long marks a command of a page that no test waits for: a comment says how long it takes.
var long = regexp.MustCompile(`# .*\b(minutes|hours)\b`)

// short are the words that make a training or comparison of a page a matter of seconds; of a flag that is given twice the last holds.
var short = map[string][]string{
	"train":   {"--steps", "6", "--classes", "4", "--per-class", "2"},
	"compare": {"--steps", "10", "--trials", "1", "--seeds", "1", "--classes", "4", "--per-class", "2"},
}

// TestPagesRun: what README and the pages of docs/ show runs, on a little data and a small network under the names that they have. Where a
// page shows the output too, its last line is ours but for numbers and places.
func TestPagesRun(t *testing.T) {
	library, err := onnxruntime.Library()
	if err != nil {
		t.Skip(err)
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[string]string)
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		shown[filepath.Base(page)] = strings.ReplaceAll(string(text), "\\\n", " ")
	}
	t.Setenv(onnxruntime.Variable, library)
	t.Setenv("GOMLX_BACKEND", "go")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	ran, asked := 0, 0
	for name, text := range shown {
		t.Run(name, func(t *testing.T) {
			asked++
			placed := false
			for _, block := range regexp.MustCompile("(?ms)^```\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
				for line := range strings.Lines(block[1]) {
					s, ok := shellOf(line)
					if !ok || ranElsewhere[s.words[0]] != "" || long.MatchString(line) {
						continue
					}
					if !placed {
						stage(t)
						placed = true
					}
					ran++
					printed := s.run(t)
					if output, with := strings.CutPrefix(block[1], line); with && strings.HasPrefix(line, "$ ") {
						if got, want := lastLine(printed), lastLine(output); got != want {
							t.Errorf("%s wrote\n%s\nand the page has\n%s", line, got, want)
						}
					}
				}
			}
		})
	}
	if asked == len(shown) && ran < 15 {
		t.Errorf("the pages have %d commands that run", ran)
	}
}

// shell is a line of a page that calls unipair, as a shell reads it.
type shell struct {
	words    []string
	input    string // what is sent to it; @FILE is a file
	printsTo string // a file; empty is nowhere
}

// shellOf reads a line of a page; ok is false for other lines.
func shellOf(line string) (s shell, ok bool) {
	line, _, _ = strings.Cut(strings.TrimSpace(line), " # ")
	if echo, rest, piped := strings.Cut(line, "' | "); piped {
		s.input, line = strings.TrimPrefix(echo, "echo '"), rest
	}
	line, s.printsTo, _ = strings.Cut(line, " > ")
	if rest, from, reads := strings.Cut(line, " < "); reads {
		line, s.input = rest, "@"+from
	}
	s.words, ok = commandOf(line)
	return s, ok
}

// run calls the program, after what the words take for there is made, and returns what it prints.
func (s shell) run(t *testing.T) string {
	t.Helper()
	for i, word := range s.words[:len(s.words)-1] {
		of := s.words[i+1]
		if _, err := os.Stat(of); err == nil {
			continue
		}
		switch word {
		case "--checkpoint", "--from":
			shell{words: []string{"train", "--data", "folder:photos", "--out", of}}.run(t)
		case "--index":
			shell{words: []string{"export", "--checkpoint", "runs/photos", "--data", "folder:photos", "--out", of}}.run(t)
		}
	}
	input := s.input
	if file, is := strings.CutPrefix(input, "@"); is {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input = string(text)
	}
	words := append(slices.Clone(s.words), short[s.words[0]]...)
	if _, trained := short[s.words[0]]; trained && !slices.Contains(words, "--architecture") { // whose size is the file's
		words = append(words, "--size", "16", "--width", "2", "--dim", "8")
	}
	var out, said bytes.Buffer
	if code := run(t.Context(), words, stdio{strings.NewReader(input), &out, &said}); code != 0 {
		t.Fatalf("unipair %s: exit %d, said %s", strings.Join(words, " "), code, said.String())
	}
	if s.printsTo != "" {
		if err := os.WriteFile(s.printsTo, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// stage goes to a folder in which lies what the pages speak of.
func stage(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	var classes []string
	for c := range 20 {
		classes = append(classes, fmt.Sprint("class ", c))
	}
	photos, one := pictures(t, classes, 8)
	x, y, _ := strings.Cut(strings.TrimPrefix(features(t, 100, 8), "npy:"), ",")
	for name, to := range map[string]string{"photos": photos, "emoji": photos, "archive": photos, "mine": photos, "snapshot.jpg": one,
		"efficientnet-lite0.onnx": onnxtest.Convolutional().File(t), "features.npy": x, "labels.npy": y} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for c, class := range classes { // or a set would be gray
		colours := fmt.Sprintf("P3 2 1 255 %d 30 %d 0 0 255", 12*c, 255-12*c)
		if err := os.WriteFile(filepath.Join(photos, class, "colour.ppm"), []byte(colours), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	batch := `{"embeddings": [[1, 0], [0.6, 0.8], [0, 1]], "labels": [0, 0, 1]}`
	if err := os.WriteFile(filepath.Join(dir, "batch.json"), []byte(batch), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
}

var figures = regexp.MustCompile(`[-+]?[0-9]+([.e-]+[0-9]+)*|–`)

// lastLine returns the last line of an output, without numbers and the dashes between them.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(strings.Fields(figures.ReplaceAllString(lines[len(lines)-1], "")), " ")
}
