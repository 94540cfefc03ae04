package architecture_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mostWords is how long a sentence may be, of README, of the pages under docs/ and of the comments under pkg/.
const mostWords = 30

// others are notes of what was measured, and pages that are made from the program's words.
var others = []string{"laboratory.md", "performance.md", "losses.md", "flags.md", "json.md"}

var (
	fence    = regexp.MustCompile("(?ms)^ *```.*?^ *```$|^<!--.*?-->$|^    .*$")
	codeSpan = regexp.MustCompile("`[^`]*`")
	address  = regexp.MustCompile(`\]\([^)]*\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	blocks   = regexp.MustCompile(`\n\s*\n|(?m:^(?:[-*]|\d+\.) )|\|`)
	stop     = regexp.MustCompile(`([.!?][)"*]*\s+)[^a-z]`)
	word     = regexp.MustCompile(`[\pL\pN]`)
)

// sentences returns those of a page of Markdown. A piece of code is a word, and a cell of a table or a heading is a sentence.
func sentences(page string) (all []string) {
	page = address.ReplaceAllString(codeSpan.ReplaceAllString(fence.ReplaceAllString(page, ""), "Code"), "]")
	for _, block := range blocks.Split(heading.ReplaceAllString(page, "\n\n$1\n\n"), -1) {
		from := 0
		for _, end := range append(stop.FindAllStringSubmatchIndex(block, -1), []int{0, 0, 0, len(block)}) {
			all = append(all, block[from:end[3]])
			from = end[3]
		}
	}
	return all
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

// proseOf gives each of README and the pages under docs/ that has sentences of its own.
func proseOf(t *testing.T, check func(name, text string)) {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	for _, page := range append(pages, "../../README.md") {
		if slices.Contains(others, filepath.Base(page)) {
			continue
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		check(strings.TrimPrefix(page, "../../"), string(text))
	}
}

func TestSentencesAreShort(t *testing.T) {
	proseOf(t, func(name, text string) {
		for _, s := range sentences(text) {
			if n := words(s); n > mostWords {
				t.Errorf("%s: %d words in a sentence, at most %d are wanted: %q", name, n, mostWords, strings.Join(strings.Fields(s), " "))
			}
		}
	})
}

// A page of docs/ begins with a command: who reads it wants to do something.
func TestPagesBeginWithACommand(t *testing.T) {
	proseOf(t, func(name, text string) {
		if title, rest, _ := strings.Cut(text, "\n"); name != "README.md" && !(strings.HasPrefix(title, "# ") && strings.HasPrefix(rest, "\n```\n")) {
			t.Errorf("%s does not begin with a title and a command", name)
		}
	})
}

func TestSentences(t *testing.T) {
	page := "# Title\nOne `a b. c` two [three](x.md#y). Four: five\nsix.\n\n| a b | c |\n```\nnot this.\n```\n- An item"
	want := []string{"Title", "One Code two [three].", "Four: five six.", "a b", "c", "An item"}
	var got []string
	for _, s := range sentences(page) {
		if words(s) > 0 {
			got = append(got, strings.Join(strings.Fields(s), " "))
		}
	}
	if strings.Join(got, "/") != strings.Join(want, "/") {
		t.Errorf("got %q, want %q", got, want)
	}
}
