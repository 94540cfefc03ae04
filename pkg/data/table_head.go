package data

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/unipair/unipair/internal/file"
)

// maxRowBytes bounds a row of a table, so that its memory is.
const maxRowBytes = 16 << 20

var errNoUTF8 = errors.New("this is no text in UTF-8: save the table as CSV in UTF-8")

// separator matches the line by which Excel is told how columns are divided.
var separator = regexp.MustCompile(`^(?i:"?sep=([^"\r\n])"?)$`)

// headOf reads the head line of a table. It returns the names of the columns, and a reader of what follows. The divider is what a line
// before it says, or else the one of commas, semicolons and tabs by which the columns are there that must be.
func headOf(in *bufio.Reader, must []string) (reader *csv.Reader, names []string, err error) {
	before := 0 // lines before the head: there are empty ones in their place, so that lines are numbered as they are
	dividers := []rune(",;\t")
	var text []byte
	for len(bytes.TrimSpace(text)) == 0 {
		before += bytes.Count(text, []byte("\n"))
		if text, err = rowOf(in); err != nil {
			return nil, nil, err
		}
		text = bytes.TrimPrefix(text, []byte("\ufeff")) // Excel's mark of UTF-8
		if said := separator.FindSubmatch(bytes.TrimRight(text, "\r\n")); said != nil {
			dividers, text = []rune(string(said[1])), []byte("\n")
		}
	}
	if bytes.IndexByte(bytes.TrimRight(text, "\r\n"), '\r') >= 0 {
		return nil, nil, errors.New(": its lines end as those of old Macs do (CR alone): save it with the line ends of Windows or Unix")
	}
	there := func(divider rune) (count int) {
		for _, column := range columnsOf(columns(text, divider)) {
			if slices.Contains(must, column) {
				count++
			}
		}
		return count
	}
	reader = csv.NewReader(io.MultiReader(strings.NewReader(strings.Repeat("\n", before)), bytes.NewReader(text), in))
	reader.ReuseRecord = true
	reader.Comma = slices.MaxFunc(dividers, func(a, b rune) int {
		return cmp.Or(cmp.Compare(there(a), there(b)), cmp.Compare(len(columns(text, a)), len(columns(text, b))))
	})
	head, err := reader.Read()
	if err != nil {
		return nil, nil, badRow(err, 0, 0)
	}
	return reader, slices.Clone(head), nil
}

// badRow returns what package csv found wrong with a row of that many cells. The error continues a file's name.
func badRow(err error, cells, names int) error {
	wrong, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		return fmt.Errorf(": %w", err)
	case errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf(", line %d: %w: %d, and the head line has %d: put a cell that has dividers in it into quotes",
			wrong.Line, csv.ErrFieldCount, cells, names)
	}
	return fmt.Errorf(", line %d, column %d: %w: put a cell that has quotes in it into quotes, and double its own",
		wrong.Line, wrong.Column, wrong.Err)
}

// columns returns the names of a head line, divided by divider; none if they cannot be.
func columns(head []byte, divider rune) []string {
	reader := csv.NewReader(bytes.NewReader(head))
	reader.Comma = divider
	names, err := reader.Read()
	if err != nil {
		return nil
	}
	return names
}

// rowOf reads a line and, as long as a quote is open, those after it.
func rowOf(in *bufio.Reader) (text []byte, err error) {
	for quotes := 0; ; {
		line, err := in.ReadBytes('\n')
		text = append(text, line...)
		quotes += bytes.Count(line, []byte(`"`))
		switch {
		case errors.Is(err, io.EOF) && len(text) == 0:
			return nil, errors.New(": the file is empty")
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf(", line 1: %w", err)
		case !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0:
			return nil, fmt.Errorf(", line 1: %w", errNoUTF8)
		case err != nil || quotes%2 == 0:
			return text, nil
		}
	}
}

// recordLimit is a reader that ends with an error when one record has too many bytes, before there is room made for more.
type recordLimit struct {
	from io.Reader
	left int
}

func (l *recordLimit) Read(into []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("a row of more than %s, the most that one may have: a quote in it is not closed, or columns are to be left out",
			file.Size(maxRowBytes))
	}
	n, err := l.from.Read(into[:min(len(into), l.left)])
	l.left -= n
	return n, err
}
