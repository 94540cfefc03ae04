package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// escaped writes words to where a person reads them. Names of files and classes and answers of servers are others' words: what in them
// would move the cursor, colour the text or turn its direction is shown, as \u202e, and does nothing. In JSON that is the same text.
type escaped struct{ to io.Writer }

// Write implements [io.Writer].
func (e escaped) Write(p []byte) (int, error) {
	if _, err := io.WriteString(e.to, escape(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// escape shows what is no printable text but the end of a line and the step between columns.
func escape(text string) string {
	if !strings.ContainsFunc(text, acts) { // invalid UTF-8 is utf8.RuneError here
		return text
	}
	var shown strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&shown, `\x%02x`, text[0])
		case acts(r) && r != utf8.RuneError:
			fmt.Fprintf(&shown, `\u%04x`, r)
		default:
			shown.WriteString(text[:size])
		}
		text = text[size:]
	}
	return shown.String()
}

// inLine is [escape] of a name within a line, which a name cannot end.
func inLine(name string) string {
	return strings.NewReplacer("\n", `\u000a`, "\t", `\u0009`).Replace(escape(name))
}

// acts tells whether a terminal or a page would do something with a letter other than show it.
func acts(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// screenOf returns the terminal that is written to, for what moves its cursor itself, or nil.
func screenOf(w io.Writer) *os.File {
	if e, ok := w.(escaped); ok {
		w = e.to
	}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return file
	}
	return nil
}

// cut leaves out the middle of a text that is as long as the input that it quotes.
func cut(text string) string {
	const begin, end = 1300, 600
	letters := []rune(text)
	if len(letters) <= begin+end {
		return text
	}
	return fmt.Sprintf("%s … (%d letters) … %s", string(letters[:begin]), len(letters)-begin-end, string(letters[len(letters)-end:]))
}
