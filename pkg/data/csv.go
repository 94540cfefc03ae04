package data

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/unipair/unipair/internal/nearest"
)

// CSV reads a table of images with a head line that names its columns: path and label, and if there are any, split and camera. A path
// is relative to the folder of the table, or absolute. A label is any text. A split is train, val, test, query or gallery (test
// alone is searched in itself, queries are searched in the gallery); without the column, a fifth of the classes is held
// out for the test, by [HoldOut]. A camera is a whole number (see [Cameras]). Columns are divided by commas, semicolons or tabs; other columns
// are not used, of which [Options].Progress is told.
//
// A wrong line is refused by its number: a path that is there twice, an empty path or label, a word that names no part of a split. A class
// in two parts, of which one is to learn from, is refused too. Of the images themselves, what [Folder] says holds.
func CSV(ctx context.Context, file string, o Options) (Parts, error) {
	table, err := readImageTable(file, o)
	if err != nil {
		return Parts{}, err
	}
	if len(table.rows) == 0 {
		return Parts{}, fmt.Errorf("data: %s has a head line and no image", file)
	}
	if !table.has["split"] {
		whole, err := filesOf(ctx, file, file, table.rows, table.has["camera"], o)
		if err != nil {
			return Parts{}, err
		}
		return withoutSplit(whole, o)
	}
	rows := map[string][]row{}
	for _, r := range table.rows {
		part, err := r.part()
		if err != nil {
			return Parts{}, fmt.Errorf("data: %s%w", file, err)
		}
		rows[part] = append(rows[part], r)
	}
	named := map[string]Dataset{}
	for _, part := range slices.Sorted(maps.Keys(rows)) { // of two faults the same one is named each time
		of := rows[part]
		if named[part], err = filesOf(ctx, file+", "+part, file, of, table.has["camera"], o); err != nil {
			return Parts{}, err
		}
	}
	return partsOf(file, named)
}

// CSVImages is all images of a table that [CSV] reads, whatever their split.
func CSVImages(ctx context.Context, file string, o Options) (Dataset, error) {
	table, err := readImageTable(file, o)
	if err != nil {
		return nil, err
	}
	return filesOf(ctx, file, file, table.rows, table.has["camera"], o)
}

// readImageTable reads a table of images, of which none is there twice, in two parts neither: then one would be both learnt from and
// measured, or a query would find itself.
func readImageTable(file string, o Options) (table, error) {
	t, err := readTable(file, []string{"path", "label"}, []string{"split", "camera"}, o)
	if err != nil {
		return table{}, err
	}
	lines := map[string]int{}
	for _, r := range t.rows {
		path := r.path(file)
		if before, twice := lines[path]; twice {
			return table{}, fmt.Errorf("data: %s, line %d: %s is there already, in line %d: remove one", file, r.line, r.values["path"], before)
		}
		lines[path] = r.line
	}
	return t, nil
}

// filesOf makes a set of rows of a table.
func filesOf(ctx context.Context, name, table string, rows []row, cameras bool, o Options) (Dataset, error) {
	f := &files{name: name, open: func(path string) (fs.File, error) { return os.Open(path) }}
	var labels []string
	for _, r := range rows {
		f.paths, labels = append(f.paths, r.path(table)), append(labels, norm.NFC.String(r.values["label"]))
		if cameras {
			camera, err := r.camera()
			if err != nil {
				return nil, fmt.Errorf("data: %s%w", table, err)
			}
			f.cameras = append(f.cameras, camera)
		}
	}
	f.classes, f.labels = group(labels)
	if err := f.inspect(ctx, o); err != nil {
		return nil, err
	}
	f.tellSingles(o)
	return f, nil
}

// table is what a file of values divided by commas says.
type table struct {
	has  map[string]bool // the columns that are there
	rows []row
}

type row struct {
	line   int
	values map[string]string // by column
}

// path is where the image of a row of a table is.
func (r row) path(table string) string {
	path := filepath.FromSlash(r.values["path"])
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(filepath.Dir(table), path)
}

// part is the part of a split that the row belongs to. Its error begins as what follows a file's name; so does that of camera.
func (r row) part() (string, error) {
	part, err := partOf(r.values["split"])
	if err != nil {
		return "", fmt.Errorf(", line %d: %w", r.line, err)
	}
	return part, nil
}

func (r row) camera() (int, error) {
	camera, err := strconv.Atoi(r.values["camera"])
	if err != nil {
		return 0, fmt.Errorf(", line %d: a camera is a whole number, not %q", r.line, r.values["camera"])
	}
	return camera, nil
}

// readTable reads the columns that it must have, which may not be empty, and those it may have.
func readTable(file string, must, may []string, o Options) (table, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return table{}, fmt.Errorf("data: %w", err)
	}
	t, unused, err := parseTable(raw, must, may)
	if err != nil {
		return table{}, fmt.Errorf("data: %s%w", file, err)
	}
	if len(unused) > 0 {
		o.tell("%s: not used: the columns %s", file, nearest.Some(unused))
	}
	return t, nil
}

// parseTable reads a table. Its errors begin as what follows a file's name.
func parseTable(raw []byte, must, may []string) (t table, unused []string, err error) {
	if !utf8.Valid(raw) {
		return table{}, nil, errors.New(": this is no text in UTF-8: save the table as CSV in UTF-8")
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // Excel's mark of UTF-8
	head, _, _ := bytes.Cut(raw, []byte("\n"))
	reader := csv.NewReader(bytes.NewReader(raw))
	for _, divider := range ";\t" {
		if bytes.ContainsRune(head, divider) && !bytes.ContainsRune(head, ',') {
			reader.Comma = divider
		}
	}
	names, err := reader.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is empty")
		}
		return table{}, nil, fmt.Errorf(": %w", err)
	}
	t.has = map[string]bool{}
	for i, name := range names {
		names[i] = strings.ToLower(strings.TrimSpace(name))
		if t.has[names[i]] {
			return table{}, nil, fmt.Errorf(", line 1: there are two columns %q", name)
		}
		t.has[names[i]] = true
		if !slices.Contains(must, names[i]) && !slices.Contains(may, names[i]) {
			unused = append(unused, name)
		}
	}
	for _, name := range must {
		if !t.has[name] {
			return table{}, nil, fmt.Errorf(", line 1: there is no column %q; the head line names the columns, here %q: did you mean %q?",
				name, names, nearest.Of(name, names))
		}
	}
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return t, unused, nil
		}
		if err != nil {
			return table{}, nil, fmt.Errorf(": %w", err) // says the line
		}
		line, _ := reader.FieldPos(0)
		values := map[string]string{}
		for i, name := range names {
			values[name] = strings.TrimSpace(fields[i])
		}
		for _, name := range must {
			if values[name] == "" {
				return table{}, nil, fmt.Errorf(", line %d: the %s is empty", line, name)
			}
		}
		t.rows = append(t.rows, row{line, values})
	}
}
