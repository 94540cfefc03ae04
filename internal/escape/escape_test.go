package escape

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// hostile are letters that a terminal or a page obeys, each with how it is shown.
var hostile = map[string]string{
	"\x1b[2J": `\u001b[2J`, "\x1b]0;title\a": `\u001b]0;title\u0007`, "\r": `\u000d`, "\b": `\u0008`, "\x7f": `\u007f`,
	"\u009b31m": `\u009b31m`, "\x00": `\u0000`,
	"\u202egpj": `\u202egpj`, "\u2066": `\u2066`, "\u200f": `\u200f`, "\u061c": `\u061c`, "\u2028": `\u2028`, "\x9b31m": `\x9b31m`,
	"a\xffb": `a\xffb`,
}

func TestText(t *testing.T) {
	for text, want := range hostile {
		if got := Text("a " + text + " b"); got != "a "+want+" b" {
			t.Errorf("%q is shown as %q, want %q", text, got, "a "+want+" b")
		}
		if got := Line(text + "\n\t"); got != want+`\u000a\u0009` {
			t.Errorf("%q in a line is %q", text, got)
		}
	}
	for _, text := range []string{"a\tb\n", "Größe 图片 👩‍🚀 مرحبا שלום �", `\u202e`, ""} {
		if got := Text(text); got != text {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

// JSON that is written means what it meant.
func TestWriterOfJSON(t *testing.T) {
	for text := range hostile {
		if strings.ToValidUTF8(text, "") != text {
			continue // JSON cannot have it
		}
		var out bytes.Buffer
		if err := json.NewEncoder(Writer{&out}).Encode([]string{text}); err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got[0] != text || strings.ContainsFunc(out.String(), acts) {
			t.Errorf("%q became %q, which reads as %q, %v", text, out.String(), got, err)
		}
	}
}

func TestShell(t *testing.T) {
	for word, want := range map[string]string{
		"runs/한글": "runs/한글", "folder:a b": "'folder:a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "": "''",
	} {
		if got := Shell(word); got != want {
			t.Errorf("Shell(%q) = %s, want %s", word, got, want)
		}
	}
}
