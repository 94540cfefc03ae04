package architecture_test

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// anything is what the table says of a room that may import every room below it.
const anything = "everything below"

// row is a line of CONTRIBUTING's table of rooms.
type row struct {
	rooms   []string // folders
	imports []string // rooms that it says its packages import, by the ends of their names
}

// table reads CONTRIBUTING's table of rooms.
func table(t *testing.T) (rows []row) {
	t.Helper()
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "| room |")
	for line := range strings.Lines(after) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 5 || !strings.Contains(cells[1], "`") {
			if len(rows) > 0 {
				break
			}
			continue
		}
		var r row
		for _, name := range strings.Split(cells[1], ",") {
			r.rooms = append(r.rooms, strings.Trim(strings.TrimSpace(name), "`"))
		}
		if said := strings.TrimSpace(cells[3]); said != "–" {
			r.imports = strings.Split(said, ", ")
		}
		rows = append(rows, r)
	}
	if len(rows) < 10 {
		t.Fatalf("CONTRIBUTING.md has a table of %d rooms", len(rows))
	}
	return rows
}

// owner returns the row of a package: that of its own name, or of the nearest folder above it; -1 if there is none.
func owner(rows []row, pkg string) int {
	for ; pkg != "."; pkg = path.Dir(pkg) {
		for i, r := range rows {
			if slices.Contains(r.rooms, pkg) {
				return i
			}
		}
	}
	return -1
}

// Every package is in the table of rooms, and every room of the table is there.
func TestRooms(t *testing.T) {
	rows := table(t)
	seen := map[string]bool{}
	for _, r := range rows {
		for _, name := range r.rooms {
			if _, err := os.Stat(filepath.Join("../..", name)); err != nil {
				t.Errorf("CONTRIBUTING.md: %s is in the table of rooms, and not there", name)
			}
			if seen[name] {
				t.Errorf("CONTRIBUTING.md: %s is in the table of rooms twice", name)
			}
			seen[name] = true
		}
	}
	folders := map[string]bool{}
	sources(t, func(file string) { folders[path.Dir(file)] = true })
	for folder := range folders {
		if owner(rows, folder) < 0 {
			t.Errorf("CONTRIBUTING.md: %s is not in the table of rooms", folder)
		}
	}
}

// The arrows point one way: a room imports rooms that are further down in the table, and just those that its row names.
func TestArrows(t *testing.T) {
	rows := table(t)
	imports := make([]map[string]bool, len(rows)) // rooms, by row
	for i := range imports {
		imports[i] = map[string]bool{}
	}
	for line := range strings.Lines(run(t, "../..", "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")) {
		words := strings.Fields(strings.ReplaceAll(line, module+"/", ""))
		from := owner(rows, words[0])
		for _, pkg := range words[1:] {
			if to := owner(rows, pkg); from >= 0 && to >= 0 && to != from {
				imports[from][roomOf(rows[to], pkg)] = true
				if to < from {
					t.Errorf("CONTRIBUTING.md: %s imports %s, which is further up in the table of rooms", words[0], pkg)
				}
			}
		}
	}
	for i, r := range rows {
		if slices.Equal(r.imports, []string{anything}) {
			continue
		}
		var short []string
		for _, room := range slices.Sorted(maps.Keys(imports[i])) {
			short = append(short, path.Base(room))
		}
		slices.Sort(short)
		if said := slices.Sorted(slices.Values(r.imports)); !slices.Equal(said, short) {
			t.Errorf("CONTRIBUTING.md: the row of %s says that it imports %s; it imports:\n%s",
				strings.Join(r.rooms, ", "), strings.Join(said, ", "), strings.Join(short, ", "))
		}
	}
}

// roomOf returns the room of a row that a package is in.
func roomOf(r row, pkg string) string {
	for !slices.Contains(r.rooms, pkg) {
		pkg = path.Dir(pkg)
	}
	return pkg
}

// named are the files that a comment speaks of.
var named = regexp.MustCompile(`[\w./-]*\w\.(?:go|py)\b`)

// A file that a comment names is there: in the folder of the comment, or from the root on.
func TestFilesThatCommentsName(t *testing.T) {
	sources(t, func(file string) {
		_, tree := parsed(t, file)
		for _, group := range tree.Comments {
			for _, name := range named.FindAllString(group.Text(), -1) {
				_, beside := os.Stat(filepath.Join("../..", path.Dir(file), name))
				_, below := os.Stat(filepath.Join("../..", name))
				if beside != nil && below != nil {
					t.Errorf("%s: a comment names %s, which is not there", file, name)
				}
			}
		}
	})
}
