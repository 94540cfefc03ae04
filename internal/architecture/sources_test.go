package architecture_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
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
