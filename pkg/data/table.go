package data

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/suggest"
)

// What is read of a table, so that its memory is bounded by the columns that are used.
const (
	maxTableBytes = 1 << 30
	maxRows       = 10_000_000 // of an array, too
)

// table holds what a file of values with dividers between them says.
type table struct {
	has  map[string]bool // the columns that are there, of those that are used
	rows []row
}

// row holds the columns of a row that are used; those that the table does not have are empty.
type row struct {
	line                       int
	path, label, split, camera string
	labels                     string // in place of label
}

// cell returns the place of a column.
func (r *row) cell(column string) *string {
	return map[string]*string{"path": &r.path, "label": &r.label, "split": &r.split, "camera": &r.camera,
		"labels": &r.labels}[column]
}

// part returns the part of a split that the row belongs to. Its error continues a file's name, as that of number does.
func (r row) part() (string, error) {
	part, err := partOf(r.split)
	if err != nil {
		return "", fmt.Errorf(", line %d: %w", r.line, err)
	}
	return part, nil
}

// number returns the row's camera.
func (r row) number() (int, error) {
	camera, err := strconv.Atoi(r.camera)
	if err != nil {
		return 0, fmt.Errorf(", line %d: a camera is a whole number, not %q", r.line, r.camera)
	}
	return camera, nil
}

// readTable reads a table: the columns must, which may not be empty, and those of may that it has. Its errors name the file.
func readTable(ctx context.Context, name string, must, may []string, o Options) (t table, err error) {
	opened, err := file.Open(name)
	if err != nil {
		return table{}, err
	}
	defer func() { err = firstOf(err, opened.Close()) }()
	info, err := opened.Stat()
	if err != nil {
		return table{}, err
	}
	if info.Size() > maxTableBytes {
		return table{}, fmt.Errorf("%s has more than %s, the most that a table may have: leave out the columns that are not used, or divide it",
			name, file.Size(maxTableBytes))
	}
	t, unused, err := parseTable(ctx, opened, must, may)
	if err != nil {
		return table{}, fmt.Errorf("%s%w", name, err)
	}
	if len(unused) > 0 {
		o.tell("%s: not used: the columns %s", name, suggest.Some(unused))
	}
	return t, nil
}

// parseTable reads a table. Its errors continue a file's name.
func parseTable(ctx context.Context, from io.Reader, must, may []string) (t table, unused []string, err error) {
	limit := &recordLimit{from: from, left: maxRowBytes}
	reader, names, err := headOf(bufio.NewReader(limit), must)
	if err != nil {
		return table{}, nil, err
	}
	all := columnsOf(names)
	must, may = severalOf(all, must, may)
	line, _ := reader.FieldPos(0)
	t.has = map[string]bool{}
	used := map[int]string{}
	class := -1 // which column of labels is named class
	for i, name := range names {
		column := all[i]
		switch {
		case !slices.Contains(must, column) && !slices.Contains(may, column):
			if column != "" {
				unused = append(unused, name)
			}
		case t.has[column]:
			return table{}, nil, fmt.Errorf(", line %d: there are two columns %q", line, name)
		default:
			t.has[column], used[i] = true, column
			if column == "label" && !strings.EqualFold(strings.TrimSpace(name), column) {
				class = i
			}
		}
	}
	for _, column := range must {
		if !t.has[column] {
			return table{}, nil, fmt.Errorf(", line %d: there is no column %q; the head line names the columns, here %s%s",
				line, column, suggest.Some(names), instead(column, names))
		}
	}
	words := map[string]string{} // each once, and without the line it stands in
	for {
		limit.left = maxRowBytes
		fields, err := reader.Read()
		if err == nil && len(t.rows)%1024 == 0 {
			err = ctx.Err()
		}
		if errors.Is(err, io.EOF) {
			return t, unused, nil
		}
		if err != nil {
			return table{}, nil, badRow(err, len(fields), len(names))
		}
		r := row{}
		r.line, _ = reader.FieldPos(0)
		if len(t.rows) == maxRows {
			return table{}, nil, fmt.Errorf(", line %d: more than %d rows, the most that a table may have: divide it", r.line, maxRows)
		}
		for i, field := range fields {
			if !utf8.ValidString(field) {
				return table{}, nil, fmt.Errorf(", line %d: %w", r.line, errNoUTF8)
			}
			column, ok := used[i]
			if !ok {
				continue
			}
			if field = strings.TrimSpace(field); i == class && strings.Contains(field, labelDivider) {
				return table{}, nil, fmt.Errorf(", line %d: the class %q may be several labels, which would be one here: name the column labels, or "+
					"label if it is one", r.line, field)
			}
			if column == "path" {
				r.path = strings.Clone(field)
			} else {
				if _, known := words[field]; !known {
					field = strings.Clone(field)
					words[field] = field
				}
				*r.cell(column) = words[field]
			}
		}
		for _, column := range must {
			if *r.cell(column) == "" {
				return table{}, nil, fmt.Errorf(", line %d: the %s is empty", r.line, column)
			}
		}
		t.rows = append(t.rows, r)
	}
}

// columnsOf returns which columns the names of a head line stand for. A column class is one of labels where there is no other: so does
// `unipair export` name it, and others do.
func columnsOf(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = strings.ToLower(strings.TrimSpace(name))
	}
	if !slices.Contains(all, "label") && !slices.Contains(all, "labels") {
		for i, column := range all {
			if column == "class" {
				all[i] = "label"
			}
		}
	}
	return all
}

// instead tells, of a head line without a column, which of its names was probably meant, or how columns are divided where all is one name.
func instead(column string, names []string) string {
	if len(names) == 1 && strings.Contains(strings.ToLower(names[0]), column) {
		return ": columns are divided by commas, semicolons or tabs, or as a line before the head says (sep=|)"
	}
	return meant(column, names)
}

// meant tells which of the names a column was probably meant to be, if any.
func meant(column string, names []string) string {
	if near, ok := suggest.Near(column, names[:min(len(names), 100)]); ok {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}
