// Package escape shows the words of others, which are names of files and classes and answers of servers, where a person reads them. What in
// them would move the cursor, colour the text or turn its direction is shown, as \u202e, and does nothing. In JSON that is the same text.
package escape

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Writer escapes what is written through it.
type Writer struct{ To io.Writer }

// Write implements [io.Writer].
func (w Writer) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.To, Text(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Text shows what is no printable text but the end of a line and the step between columns.
func Text(text string) string {
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

// Line does what [Text] does, for a name within a line, which the name cannot end.
func Line(name string) string {
	return strings.NewReplacer("\n", `\u000a`, "\t", `\u0009`).Replace(Text(name))
}

// acts reports whether a terminal or a page would do something with a letter other than show it.
func acts(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' ||
		r == '\u2029'
}

// Shell quotes a word, such as a path with a space, so that a command in a message can be pasted.
func Shell(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-+=./:,@%", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
