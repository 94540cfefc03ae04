package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/escape"
)

// An error is one line, in which the words of others do nothing. None is as long as the input that it quotes: it keeps its beginning, and
// its end, which says what to do.
func TestErrorsAreOneLine(t *testing.T) {
	if got, want := oneLine(errors.New("x:\n\x1b[2J\ty")), `x: \u001b[2J y`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	got := oneLine(errors.New("loss: unknown " + strings.Repeat("ä", 1<<20) + ": did you mean circle?"))
	if len(got) > 5000 || !strings.HasPrefix(got, "loss: unknown ää") || !strings.HasSuffix(got, "did you mean circle?") || !strings.Contains(got, "letters") {
		t.Errorf("%d bytes: %.100s…", len(got), got)
	}
}

// Every word of a call that comes back in a message comes back harmless.
func TestHostileWords(t *testing.T) {
	const name = "a\x1b[31m\u202e\r"
	for _, words := range [][]string{
		{name}, {"help", name}, {"data", name}, {"data", "folder:" + name}, {"loss", "--name", name}, {"loss", "--" + name}, {"loss", "--name", "circle", "--set", name + "=1"},
		{"train", "--config", name}, {"train", "--recipe", name}, {"eval", "--checkpoint", name, "--data", "glyphs"}, {"search", "--index", name, "--query", name},
		{"export", "--checkpoint", name, "--data", name, "--out", name}, {"eval", "--part", name}, {"bench", name}, {"report", name},
	} {
		code, out, messages := call(t, words...)
		if code == 0 || escape.Text(out+messages) != out+messages {
			t.Errorf("%q: exit %d, wrote %q, said %q", words, code, out, messages)
		}
	}
}
