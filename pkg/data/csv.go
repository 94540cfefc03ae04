package data

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"golang.org/x/text/unicode/norm"
)

// CSV reads all images of a table, whatever their split ([CSVParts]). A head line names the columns: path and label, and if there are any,
// split and camera. A path is relative to the folder of the table, or absolute. A label is any text; its column may be named class. A camera is
// a whole number ([Cameras]). In place of label there may be labels: several, divided by semicolons, as in "cat;outdoor" ([Labels]); a class is then what
// has the same labels. Columns are divided by commas, semicolons or tabs, or as a first line "sep=…" says. Other columns are not used, of
// which [Options].Progress is told.
//
// A path may be written in another of Unicode's normal forms than the file's name, or with backslashes. A table has at most 1 GB and ten
// million rows, and a row 16 MB; of columns that are not used nothing is kept.
//
// A wrong line is refused by its number: a path that is there twice, an empty path or label. Of the images themselves, what [Folder] says
// holds.
func CSV(ctx context.Context, file string, o Options) (Dataset, error) {
	table, err := readImageTable(ctx, file, o)
	if err != nil {
		return nil, err
	}
	return table.set(ctx, file, table.rows, o)
}

// CSVParts reads a table of images, as [CSV] does, in the parts of its column split: train, val, test, query or gallery. A test part is
// searched in itself, queries are searched in the gallery. Without that column, a fifth of the classes is held out for the test
// ([HoldOutFifth]).
//
// It is an error if a word names no part, or if a class is in two parts of which one is to learn from. Labels of which an image has several
// are in all parts, and cannot be held out: their table must have a column split.
func CSVParts(ctx context.Context, file string, o Options) (Parts, error) {
	table, err := readImageTable(ctx, file, o)
	if err != nil {
		return Parts{}, err
	}
	if len(table.rows) == 0 {
		return Parts{}, fmt.Errorf("data: %s has a head line and no image", file)
	}
	if !table.has["split"] {
		whole, err := table.set(ctx, file, table.rows, o)
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
	for _, part := range slices.Sorted(maps.Keys(rows)) {
		if named[part], err = table.set(ctx, file+", "+part, rows[part], o); err != nil {
			return Parts{}, err
		}
	}
	return partsOf(file, named)
}

// readImageTable reads a table of images, of which none is there twice, in two parts neither. One that was would be both learnt from and
// measured, or a query would find itself.
func readImageTable(ctx context.Context, file string, o Options) (imageTable, error) {
	read, err := readTable(ctx, file, []string{"path", "label"}, []string{"labels", "split", "camera"}, o)
	if err != nil {
		return imageTable{}, fmt.Errorf("data: %w", err)
	}
	whole, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return imageTable{}, fmt.Errorf("data: %s: %w", file, err)
	}
	t := imageTable{read, file, &locator{dir: filepath.Dir(file), whole: whole}}
	lines := map[string]int{}
	for i := range t.rows {
		r := &t.rows[i]
		found, err := t.find(r.path)
		if err != nil {
			return imageTable{}, fmt.Errorf("data: %s, line %d: %w", file, r.line, err)
		}
		one := t.within(found)
		if before, twice := lines[one]; twice {
			return imageTable{}, fmt.Errorf("data: %s, line %d: %s is there already, in line %d: remove one", file, r.line, r.path, before)
		}
		lines[one], r.path = r.line, found
		if i%1024 == 0 && ctx.Err() != nil {
			return imageTable{}, fmt.Errorf("data: %s: %w", file, ctx.Err())
		}
	}
	return t, nil
}

// imageTable is a table of images, whose paths are those of the files.
type imageTable struct {
	table
	file string
	*locator
}

// set makes a set of rows of the table.
func (t imageTable) set(ctx context.Context, name string, rows []row, o Options) (Dataset, error) {
	f := &files{name: name, open: t.open, several: t.has["labels"]}
	var labels []string
	for _, r := range rows {
		if f.several {
			var err error
			if r.label, err = joinedLabels(r.labels); err != nil {
				return nil, fmt.Errorf("data: %s, line %d: %w", t.file, r.line, err)
			}
		}
		f.paths, labels = append(f.paths, r.path), append(labels, norm.NFC.String(r.label))
		if t.has["camera"] {
			camera, err := r.number()
			if err != nil {
				return nil, fmt.Errorf("data: %s%w", t.file, err)
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
