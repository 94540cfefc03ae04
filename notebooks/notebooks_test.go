package notebooks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// notebook is what the checks look at of a notebook's JSON.
type notebook struct {
	Cells []struct {
		Type    string   `json:"cell_type"`
		Source  []string `json:"source"`
		Outputs []any    `json:"outputs"`
		Count   *int     `json:"execution_count"`
	} `json:"cells"`
	Metadata struct {
		Kernel struct {
			Name     string `json:"name"`
			Language string `json:"language"`
		} `json:"kernelspec"`
	} `json:"metadata"`
}

const (
	setup     = `!*go mod edit -require=github.com/unipair/unipair@v0.0.0 "-replace=github.com/unipair/unipair=$GONB_DIR/.." && cp "$GONB_DIR/../go.sum" .`
	mostLines = 100
	mostWide  = 80 // characters of a line, a tab as four
	mostCells = 24
	mostWords = 30  // of a sentence
	mostSaid  = 250 // characters of an Answer as its cell has it: two lines of a page
)

var (
	dotImport    = regexp.MustCompile(`(?m)^\s*(import\s+)?\.\s+"`)
	absolutePath = regexp.MustCompile(`(^|[\s"'=(:])/(home|root|tmp|usr|opt|var|work|Users)/|[A-Z]:\\`)
	foreign      = regexp.MustCompile(`(?i)<(script|iframe|link|img)\b|https?://[^\s)]*(cdn|jsdelivr|unpkg)|!\[[^\]]*\]\(https?:`)
	codeSpan     = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	answer       = regexp.MustCompile(`show\.Answer\(((?:\s*\+?\s*"(?:[^"\\]|\\.)*")+)`)

	displayed = regexp.MustCompile(`(?s)\$\$.*?\$\$`)
	inline    = regexp.MustCompile(`\$[^$]*\$`)
	address   = regexp.MustCompile(`\]\([^)]*\)`)
	blocks    = regexp.MustCompile(`\n\s*\n|\n(?:[-*|#]|\d+\. )`)
	stop      = regexp.MustCompile(`([.!?][)"*]*\s+)[^a-z]`)
	word      = regexp.MustCompile(`[\pL\pN]`)
)

// faults lists what is wrong with a notebook; none for a good one.
func faults(raw []byte) (found []string) {
	fault := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	var n notebook
	if err := json.Unmarshal(raw, &n); err != nil {
		return []string{err.Error()}
	}
	if !bytes.Equal(raw, normalised(raw)) {
		fault("the JSON is not normalised: sorted keys, an indent of one space, a newline at the end")
	}
	if n.Metadata.Kernel.Name != "gonb" || n.Metadata.Kernel.Language != "go" {
		fault("the kernel is %q for %q, want gonb for go", n.Metadata.Kernel.Name, n.Metadata.Kernel.Language)
	}
	if len(n.Cells) < 10 || len(n.Cells) > mostCells {
		fault("%d cells, want 10 to %d", len(n.Cells), mostCells)
	}
	first, answers := true, 0
	for i, cell := range n.Cells {
		text := strings.Join(cell.Source, "")
		if absolutePath.MatchString(text) {
			fault("cell %d: an absolute path", i+1)
		}
		if foreign.MatchString(text) {
			fault("cell %d: loads something from elsewhere", i+1)
		}
		if cell.Type != "code" {
			if rest := unbalanced(text); rest != "" {
				fault("cell %d: a $ without its partner in %q", i+1, rest)
			}
			if long := longest(text); words(long) > mostWords {
				fault("cell %d: %d words in a sentence, want at most %d: %q", i+1, words(long), mostWords, long)
			}
			continue
		}
		if len(cell.Outputs) > 0 || cell.Count != nil {
			fault("cell %d: outputs or an execution count: clear them", i+1)
		}
		for _, match := range answer.FindAllStringSubmatch(text, -1) {
			answers++
			if n := utf8.RuneCountInString(match[1]); n > mostSaid {
				fault("cell %d: an Answer of %d characters, want at most %d characters", i+1, n, mostSaid)
			}
		}
		if n := written(text); n > mostLines {
			fault("cell %d: %d lines, want at most %d lines", i+1, n, mostLines)
		}
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", "    ")); n > mostWide && text != setup {
				fault("cell %d: %d characters in a line, want at most %d characters: %s", i+1, n, mostWide, strings.TrimSpace(line))
			}
		}
		if first != (text == setup) {
			fault("cell %d: the first code cell, and no other, must be the set-up line", i+1)
		}
		if dotImport.MatchString(text) {
			fault("cell %d: a dot import breaks later cells that do not use it", i+1)
		}
		if !first && (strings.HasPrefix(text, "!") || strings.Contains(text, "\n!")) {
			fault("cell %d: a shell command fails silently; write Go", i+1)
		}
		first = false
	}
	if first {
		fault("no code cell")
	}
	if answers != 1 {
		fault("%d Answers, want one: the page has it at its top, the index too", answers)
	}
	return found
}

// written counts the lines that are not blank.
func written(text string) (n int) {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

// longest returns the sentence of Markdown that has the most words, of which a formula or a piece of code is one.
func longest(text string) (sentence string) {
	text = displayed.ReplaceAllString(codeSpan.ReplaceAllString(text, "Code"), "Formula.")
	text = address.ReplaceAllString(inline.ReplaceAllString(text, "F"), "]")
	for _, block := range blocks.Split(text, -1) {
		from := 0
		for _, end := range append(stop.FindAllStringSubmatchIndex(block, -1), []int{0, 0, 0, len(block)}) {
			if next := block[from:end[3]]; words(next) > words(sentence) {
				sentence = next
			}
			from = end[3]
		}
	}
	return sentence
}

// words counts them.
func words(sentence string) (n int) {
	for _, part := range strings.Fields(sentence) {
		if word.MatchString(part) {
			n++
		}
	}
	return n
}

// unbalanced returns the first paragraph of Markdown whose mathematics does not close.
func unbalanced(text string) string {
	text = strings.ReplaceAll(codeSpan.ReplaceAllString(text, ""), `\$`, "")
	if strings.Count(text, "$$")%2 == 1 {
		return text
	}
	for i, part := range strings.Split(text, "$$") {
		if i%2 == 1 { // inside display mathematics
			if strings.Contains(part, "$") || strings.Count(part, "{") != strings.Count(part, "}") {
				return part
			}
			continue
		}
		for _, paragraph := range strings.Split(part, "\n\n") {
			if strings.Count(paragraph, "$")%2 == 1 {
				return paragraph
			}
		}
	}
	return ""
}

// normalised writes a notebook in the one way, that of Jupyter itself.
func normalised(raw []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var any any
	if decoder.Decode(&any) != nil {
		return nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if encoder.Encode(any) != nil {
		return nil
	}
	return out.Bytes()
}

func TestNotebooks(t *testing.T) {
	files, err := filepath.Glob("*.ipynb")
	if err != nil || len(files) < 3 {
		t.Fatalf("found notebooks %v, %v: want at least 3", files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults(raw) {
			t.Errorf("%s: %s", file, fault)
		}
	}
}

// Each change makes a good notebook a bad one, and must be found.
func TestFaultsAreFound(t *testing.T) {
	good, err := os.ReadFile("01-unified-formula.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ fault, old, new string }{
		{"not normalised", "\n ", "\n  "},
		{"kernel", `"name": "gonb"`, `"name": "python3"`},
		{"execution count", `"execution_count": null`, `"execution_count": 3`},
		{"outputs", `"outputs": []`, `"outputs": [{}]`},
		{"set-up line", "!*go mod edit", "!*go mod  edit"},
		{"dot import", `\t\"math\"`, `\t. \"math\"`},
		{"absolute path", "seed 7", "see /home/me/notes, seed 7"},
		{"from elsewhere", "# What is", "<script src='x'></script># What is"},
		{"without its", "a row of similarity scores: $K$", "a row of similarity scores: $K"},
		{"at most 100 lines", `"%%\n",`, `"%%\n",` + strings.Repeat(`"var _ = 1\n",`, 100)},
		{"at most 80 characters", `"%%\n",`, `"%%\n", "// ` + strings.Repeat("x", 78) + `\n",`},
		{"words in a sentence", "Softmax with a margin", strings.Repeat("word ", 31) + "Softmax"},
		{"want one", "show.Answer(", "show.Verdict("},
		{"an Answer of", `show.Answer(\"`, `show.Answer(\"` + strings.Repeat("and so on ", 30)},
		{"shell command", `"%%\n",`, `"!ls\n","%%\n",`},
		{"cells, want 10", `"cells": [`, `"cells": [` + strings.Repeat(`{"cell_type": "markdown", "source": []},`, 14)},
	} {
		bad := strings.Replace(string(good), test.old, test.new, 1)
		if bad == string(good) {
			t.Errorf("%s: the change %q does not apply any more", test.fault, test.old)
		}
		if found := strings.Join(faults([]byte(bad)), "\n"); !strings.Contains(found, test.fault) {
			t.Errorf("after %q: found %q, want a fault with %q", test.new, found, test.fault)
		}
	}
}
