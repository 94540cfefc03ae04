package architecture_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each example stands beside what it shows: go doc drops one that names a constant, a variable, or nothing, without a word.
func TestExamplesAreShown(t *testing.T) {
	for _, dir := range strings.Fields(run(t, "../..", "go", "list", "-f", "{{.Dir}}", "./pkg/...")) {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		var files []*ast.File
		for _, name := range names {
			file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		pkg, err := doc.NewFromFiles(set, files, filepath.Base(dir))
		if err != nil {
			t.Fatal(err)
		}
		shown := pkg.Examples
		functions := pkg.Funcs
		for _, of := range pkg.Types {
			shown = append(shown, of.Examples...)
			functions = slices.Concat(functions, of.Funcs, of.Methods)
		}
		for _, function := range functions {
			shown = append(shown, function.Examples...)
		}
		for _, example := range doc.Examples(files...) {
			if !slices.ContainsFunc(shown, func(e *doc.Example) bool { return e.Name == example.Name }) {
				t.Errorf("%s: Example%s is not shown: it names no function, type or method", dir, example.Name)
			}
		}
	}
}
