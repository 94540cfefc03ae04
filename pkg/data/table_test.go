package data_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/unipair/unipair/pkg/data"
)

// A table is read whichever computer wrote it: in which form of Unicode, with which slashes, divided by what.
func TestTablesOfOtherComputers(t *testing.T) {
	const cafe = "Caf\u00e9 \u304c \ud55c" // é, が and 한 have another form each
	good := plainPNG(t, 7)
	rows := func(divider, path string) string {
		return strings.Join([]string{path + "1.png", "a", "train"}, divider) + "\r\n" + strings.Join([]string{path + "2.png", "a", "train"}, divider) + "\r\n"
	}
	for name, c := range map[string]struct{ folder, text string }{
		"form C of a name in D":      {norm.NFD.String(cafe), "path,label,split\n" + rows(",", cafe+"/")},
		"form D of a name in C":      {cafe, "path,label,split\n" + rows(",", norm.NFD.String(cafe)+"/")},
		"form D, deep":               {cafe + "/b/" + cafe, "path,label,split\n" + rows(",", norm.NFD.String(cafe)+"/b/"+norm.NFD.String(cafe)+"/")},
		"backslashes":                {"a/b", "path,label,split\r\n" + rows(",", `a\b\`)},
		"backslashes and a dot":      {"a/b", "path,label,split\r\n" + rows(",", `.\a\b\`)},
		"backslashes and form D":     {cafe + "/b", "path,label,split\r\n" + rows(",", norm.NFD.String(cafe)+`\b\`)},
		"a backslash that is a name": {`a\b`, "path,label,split\n" + rows(",", `a\b/`)},
		"sep=;":                      {"a", "sep=;\r\npath;label;split\r\n" + rows(";", "a/")},
		"quoted sep, with a mark":    {"a", "\ufeff\"SEP=;\"\r\npath;label;split\r\n" + rows(";", "a/")},
		"sep=|":                      {"a", "sep=|\npath|label|split\n" + rows("|", "a/")},
		"sep= and a tab":             {"a", "sep=\t\npath\tlabel\tsplit\n" + rows("\t", "a/")},
		"a quoted comma":             {"a", "\"size, mm\";path;label;split\n;" + strings.ReplaceAll(rows(";", "a/"), "\r\na", "\r\n;a")},
		"quoted semicolons":          {"a", "\"a;b;c;d\",path,label,split\n," + strings.ReplaceAll(rows(",", "a/"), "\r\na", "\r\n,a")},
		"a comma without quotes":     {"a", "size, mm;path;label;split\n;" + strings.ReplaceAll(rows(";", "a/"), "\r\na", "\r\n;a")},
		"many of them":               {"a", "a, b, c, d, e;path;label;split\n;" + strings.ReplaceAll(rows(";", "a/"), "\r\na", "\r\n;a")},
		"a head of two lines":        {"a", "\"size\nin mm\";path;label;split\n;" + strings.ReplaceAll(rows(";", "a/"), "\r\na", "\r\n;a")},
		"empty lines before":         {"a", "\n\r\npath\tlabel\tsplit\n" + rows("\t", "a/")},
		"columns without a name":     {"a", "path,label,split,,\n" + strings.ReplaceAll(rows(",", "a/"), "\r\n", ",,\r\n")},
	} {
		dir := write(t, map[string][]byte{c.folder + "/1.png": good, c.folder + "/2.png": good, "t.csv": []byte(c.text)})
		parts, err := data.CSVParts(t.Context(), filepath.Join(dir, "t.csv"), data.Options{})
		if err != nil || parts.Train.Len() != 2 || !slices.Equal(parts.Train.Classes(), []string{"a"}) || data.Source(parts.Train, 0) != filepath.Join(dir, c.folder, "1.png") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a table names wrongly is refused by what it is, in the line where it stands.
func TestBadPathsOfTables(t *testing.T) {
	good := plainPNG(t, 7)
	dir := write(t, map[string][]byte{
		"Anna/1.png": good, "Anna/2.PNG": good, "\u00e9.png": good, "t.txt": nil,
		"two/\u00e9\u0323.png": good, "two/e\u0301\u0323.png": good,
	})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.png"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		says []string
	}{
		{"path,label\nAnna/1.png,a\nC:\\photos\\Anna\\1.png,a\n", []string{"t.csv, line 3", `C:\photos\Anna\1.png is a path on a drive of Windows`, "from the folder of the table on"}},
		{"path,label\nd:/photos/1.png,a\n", []string{"line 2: d:/photos/1.png is a path on a drive"}},
		{"path,label\n\\\\server\\photos\\1.png,a\n", []string{`line 2: \\server\photos\1.png is a path on a drive`}},
		{"path,label\nanna/1.png,a\n", []string{"no such file", "but there is " + dir + "/Anna/1.png: write it so"}},
		{"path,label\nANNA\\2.png,a\n", []string{"no such file", "but there is " + dir + "/Anna/2.PNG: write it so"}},
		{"path,label\nBerta/1.png,a\n", []string{"Berta/1.png: no such file"}},
		{"sep=;\npath;label\n\u00e9.png;a\ne\u0301.png;a\n", []string{"line 4: e\u0301.png is there already, in line 3"}},
		{"path,label\nAnna/1.png,a\nAnna\\1.png,a\n", []string{`line 3: Anna\1.png is there already, in line 2`}},
		{"path,label\ntwo/e\u0323\u0301.png,a\n", []string{"no such file"}}, // two are meant by it
		{"path,label\npipe.png,a\n", []string{"pipe.png is a pipe, not a regular file"}},
		{"path,label\n/dev/zero,a\n", []string{"/dev/zero is a device, not a regular file"}},
		{"path,label\nAnna,a\n", []string{"Anna: this is a folder, not an image"}},
	} {
		file := filepath.Join(dir, "t.csv")
		if err := os.WriteFile(file, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := data.CSV(t.Context(), file, data.Options{})
		expect(t, err, append(c.says, "data: ")...)
	}
}

// The table itself is a file.
func TestTableIsAFile(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o666); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{filepath.Join(dir, "pipe.csv"): "is a pipe, not a regular file", "/dev/zero": "is a device", dir: "is a folder"} {
		_, err := data.CSVParts(t.Context(), path, data.Options{})
		expect(t, err, "data: ", path, says)
		for _, names := range [][2]string{{path, "x.csv"}, {filepath.Join("testdata/npy", "f4.npy"), path}} {
			_, err = data.FeatureParts(names[0], names[1], data.Options{})
			expect(t, err, "data: ", path, says)
		}
	}
}

func TestBadHeads(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
		want string
	}{
		{"UTF-16 without a mark", "p\x00a\x00t\x00h\x00,\x00l\x00\n\x00", "save the table as CSV in UTF-8"},
		{"UTF-16", "\xff\xfep\x00a\x00t\x00h\x00", "line 1: this is no text in UTF-8"},
		{"byte of another code page", "path,label,name\n2.png,x,x\n3.png,x,\xe9\n", "line 3: this is no text in UTF-8"},
		{"line ends of old Macs", "path,label\r2.png,x\r", "its lines end as those of old Macs do"},
		{"one column", "path\nx\n", `no column "label"; the head line names the columns, here "path"`},
		{"many columns", "a,b,c,d,e\n", `here "a" "b" "c" and 2 more`},
		{"unknown divider", "path|label\nx|y\n", `here "path|label": columns are divided by commas`},
		{"empty label", "sep=;\npath;label\n2.png;\n", `line 3: the label is empty`},
		{"row of one cell", "sep=;\n\npath;label\n2.png\n", `line 4: wrong number of fields`},
		{"quote in a cell", "path,label\n2\",x\n", `line 2, column 2: bare " in non-quoted-field`},
		{"column twice", "\n\npath,label,Label\n", `line 3: there are two columns "Label"`},
		{"no head", "sep=;\n", `the file is empty`},
		{"no column path", "sep=;\npath,label\n", `line 2: there is no column "path"; the head line names the columns, here "path,label`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := data.CSVParts(t.Context(), tabled(t, c.text), data.Options{})
			expect(t, err, "data: ", "table.csv", c.want)
			if strings.Contains(c.want, `here "path"`) && strings.Contains(err.Error(), "did you mean") {
				t.Errorf("what is no other word is offered as one: %v", err)
			}
		})
	}
}

// Of a wide table the columns that are used are kept, and nothing else.
func TestWideTable(t *testing.T) {
	const wide, long = 50_000, 50 // more in all than one row may have
	pieces := []string{"path,label" + strings.Repeat(",another", wide) + "\n"}
	for i := range long {
		pieces = append(pieces, fmt.Sprintf("%d.png,x%d", i, i)+strings.Repeat(",0123456", wide)+"\n")
	}
	text := strings.Join(pieces, "")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	rows, err := data.ParseTable(t.Context(), strings.NewReader(text))
	if err != nil || len(rows) != long || rows[49] != [2]string{"49.png", "x49"} {
		t.Fatal(len(rows), err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 1<<20 {
		t.Errorf("%d bytes are kept of %d", kept, len(text))
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 8*uint64(len(text)) {
		t.Errorf("%d bytes were used for %d", used, len(text))
	}
	runtime.KeepAlive(rows)
	runtime.KeepAlive(text)
}

// endless repeats a text for ever.
type endless struct{ before, text string }

func (e *endless) Read(into []byte) (int, error) {
	if e.before != "" {
		n := copy(into, e.before)
		e.before = e.before[n:]
		return n, nil
	}
	return copy(into, strings.Repeat(e.text, len(into)/len(e.text)+1)), nil
}

// A row ends, or is refused, and reading ends with its context.
func TestEndlessRows(t *testing.T) {
	for name, c := range map[string]struct {
		from *endless
		says string
	}{
		"head":         {&endless{"", "a"}, "line 1: a row of more than 16 MB"},
		"quoted head":  {&endless{`path,"`, "label\n"}, "line 1: a row of more than 16 MB"},
		"empty lines":  {&endless{"", "\n"}, "a row of more than 16 MB"},
		"row":          {&endless{"path,label\n", "a"}, "a row of more than 16 MB"},
		"quoted row":   {&endless{"path,label\na,b\nc,\"", "d\n"}, "a quote in it is not closed"},
		"columns":      {&endless{"path,label\na,b\n", "a,"}, "columns are to be left out"},
		"column names": {&endless{"path,label", ",a"}, "columns are to be left out"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := data.ParseTable(t.Context(), c.from)
			expect(t, err, c.says)
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := data.ParseTable(ctx, &endless{"path,label\n", "a,b\n"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without an end: %v", err)
	}
}

// Files beyond their kind's limit are refused before they are read.
func TestLargeFiles(t *testing.T) {
	dir := t.TempDir()
	rows := filepath.Join(dir, "rows.npy")
	if err := errors.Join(os.WriteFile(rows, npy("<f2", "10000001, 1"), 0o666), os.Truncate(rows, 128+2*10_000_001)); err != nil {
		t.Fatal(err)
	}
	_, err := data.FeatureParts(rows, "none.csv", data.Options{})
	expect(t, err, "data: ", "rows.npy has 10000001 rows, and 10000000 are the most that an array may have: divide it")
	for name, c := range map[string]struct {
		bytes int64
		says  string
	}{
		"t.csv": {1<<30 + 1, "has more than 1 GB, the most that a table may have: leave out the columns"},
		"x.npy": {8<<30 + 1, "has more than 8 GB, the most that an array may have: divide it"},
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o666), os.Truncate(path, c.bytes)); err != nil {
			t.Fatal(err)
		}
		ways := map[string]func() error{
			"labels": func() error { _, err := data.FeatureParts("testdata/npy/f4.npy", path, data.Options{}); return err },
		}
		if name == "t.csv" {
			ways["table"] = func() error { _, err := data.CSVParts(t.Context(), path, data.Options{}); return err }
		} else {
			ways["features"] = func() error { _, err := data.FeatureParts(path, path, data.Options{}); return err }
		}
		for way, read := range ways {
			if err := read(); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s as %s: %v", name, way, err)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
