package architecture_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sources calls visit with the Go files of all rooms, tests too: paths from the root, with slashes.
func sources(t *testing.T, visit func(file string)) {
	t.Helper()
	for _, room := range []string{"pkg", "internal", "cmd", "bench", "experiments", "notebooks"} {
		err := filepath.WalkDir(filepath.Join("../..", room), func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && filepath.Ext(name) == ".go" {
				visit(strings.TrimPrefix(filepath.ToSlash(name), "../../"))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// programs calls visit with the Go files of all rooms that are no tests.
func programs(t *testing.T, visit func(file string)) {
	t.Helper()
	sources(t, func(file string) {
		if !strings.HasSuffix(file, "_test.go") {
			visit(file)
		}
	})
}

// parsed returns the tree of a file, with its comments, and where what is in it stands.
func parsed(t *testing.T, file string) (*token.FileSet, *ast.File) {
	t.Helper()
	places := token.NewFileSet()
	tree, err := parser.ParseFile(places, filepath.Join("../..", file), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return places, tree
}

// No file opens the pure-Go backend without ops_sequential, which users copy: large products at once can wait for each other for ever.
func TestPureGoInTurn(t *testing.T) {
	hangs := []byte("compute.NewWithConfig(" + `"go")`)
	check := func(file string) {
		text, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, hangs) {
			t.Errorf(`%s opens the backend "go": open "go:ops_sequential"`, file)
		}
	}
	sources(t, check)
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	check("README.md")
	for _, page := range pages {
		check(strings.TrimPrefix(page, "../../"))
	}
}
