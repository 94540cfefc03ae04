package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// hostile are letters that a terminal or a page obeys, each with how it is shown.
var hostile = map[string]string{
	"\x1b[2J": `\u001b[2J`, "\x1b]0;title\a": `\u001b]0;title\u0007`, "\r": `\u000d`, "\b": `\u0008`, "\x7f": `\u007f`, "\u009b31m": `\u009b31m`, "\x00": `\u0000`,
	"\u202egpj": `\u202egpj`, "\u2066": `\u2066`, "\u200f": `\u200f`, "\u061c": `\u061c`, "\u2028": `\u2028`, "\x9b31m": `\x9b31m`, "a\xffb": `a\xffb`,
}

func TestEscape(t *testing.T) {
	for text, want := range hostile {
		if got := escape("a " + text + " b"); got != "a "+want+" b" {
			t.Errorf("%q is shown as %q, want %q", text, got, "a "+want+" b")
		}
		if got := inLine(text + "\n\t"); got != want+`\u000a\u0009` {
			t.Errorf("%q in a line is %q", text, got)
		}
		if got := oneLine(errors.New("x: " + text + ": y")); strings.ContainsFunc(got, acts) {
			t.Errorf("the error of %q is %q", text, got)
		}
	}
	for _, text := range []string{"a\tb\n", "Größe 图片 👩‍🚀 مرحبا שלום �", `\u202e`, ""} {
		if got := escape(text); got != text {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

// JSON that is written means what it meant.
func TestEscapedJSON(t *testing.T) {
	for text := range hostile {
		if strings.ToValidUTF8(text, "") != text {
			continue // JSON cannot have it
		}
		var out bytes.Buffer
		if err := json.NewEncoder(escaped{&out}).Encode([]string{text}); err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got[0] != text || strings.ContainsFunc(out.String(), acts) {
			t.Errorf("%q became %q, which reads as %q, %v", text, out.String(), got, err)
		}
	}
}

// No error is as long as the input that it quotes: it keeps its beginning, and its end, which says what to do.
func TestLongErrorsAreCut(t *testing.T) {
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
		if code == 0 || strings.ContainsFunc(out+messages, acts) {
			t.Errorf("%q: exit %d, wrote %q, said %q", words, code, out, messages)
		}
	}
}
