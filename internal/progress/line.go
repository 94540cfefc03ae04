// Package progress says how far something is that takes long: a transfer, the reading of a set, a training.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"golang.org/x/term"

	"github.com/unipair/unipair/internal/escape"
)

// line says how far something is: on a terminal in one line that is written over, elsewhere in a line each time.
type line struct {
	to    io.Writer
	width func() int // of the terminal; nil: there is none
	open  bool       // the terminal's line is begun and not ended
}

func newLine(w io.Writer) line {
	to := w
	if escaping, ok := w.(escape.Writer); ok { // which would show what moves the cursor
		to = escaping.To
	}
	file, ok := to.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return line{to: w}
	}
	return line{to: file, width: func() int {
		width, _, err := term.GetSize(int(file.Fd()))
		if err != nil || width < 2 {
			return 80
		}
		return width
	}}
}

// say writes a text that is safe to show. On a terminal it is no longer than the line, which would not be written over whole.
func (l *line) say(text string) {
	if l.width == nil {
		fmt.Fprintln(l.to, text)
		return
	}
	if letters, most := []rune(text), l.width()-1; len(letters) > most {
		text = string(letters[:most])
	}
	fmt.Fprintf(l.to, "\r%s\x1b[K", text)
	if !l.open {
		begun.Add(1)
	}
	l.open = true
}

// end ends the terminal's line, so that something else can be said.
func (l *line) end() {
	if l.open {
		fmt.Fprintln(l.to)
		l.open = false
		begun.Add(-1)
	}
}

// begun counts the lines of a terminal that are begun and not ended.
var begun atomic.Int32

// EndLine ends the terminal's line that something failed in the middle of, so that an error begins one of its own.
func EndLine(w io.Writer) {
	if begun.Swap(0) > 0 {
		fmt.Fprintln(w)
	}
}
