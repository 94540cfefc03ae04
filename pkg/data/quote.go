package data

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is repeated of a text that comes from outside: a name in an archive, a line of a list, the words of a server.
const (
	maxQuoted = 120
	maxBrief  = 400
)

// quoted returns a text from outside in quotes, shortened.
func quoted(text string) string { return strconv.Quote(shortened(text, maxQuoted)) }

func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// brief is an error that may repeat what a server sends: in short, and without what steers a terminal.
type brief struct{ error }

func (b brief) Unwrap() error { return b.error }

func (b brief) Error() string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, shortened(b.error.Error(), maxBrief))
}
