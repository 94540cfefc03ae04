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

// published is a package under pkg/ as go doc sees it.
type published struct {
	*doc.Package
	dir      string
	places   *token.FileSet
	examples []*doc.Example // of its test files, shown or not
}

// packagesOf reads the packages of a pattern with their tests.
func packagesOf(t *testing.T, pattern string) (all []published) {
	t.Helper()
	for _, dir := range strings.Fields(run(t, "../..", "go", "list", "-f", "{{.Dir}}", pattern)) {
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
		examples := doc.Examples(files...)
		pkg, err := doc.NewFromFiles(set, files, filepath.Base(dir))
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(filepath.ToSlash(dir), "/pkg/")
		all = append(all, published{pkg, "pkg/" + name, set, examples})
	}
	return all
}

// shown lists the examples that go doc shows beside what they name.
func (p published) shown() []*doc.Example {
	shown := slices.Clone(p.Examples)
	functions := p.Funcs
	for _, of := range p.Types {
		shown = append(shown, of.Examples...)
		functions = slices.Concat(functions, of.Funcs, of.Methods)
	}
	for _, function := range functions {
		shown = append(shown, function.Examples...)
	}
	return shown
}

// Each example stands beside what it shows: go doc drops one that names a constant, a variable, or nothing, without a word. And each is a
// whole program, which the page of the docs prints and runs: it calls nothing of another file, and brings the backend that it opens.
func TestExamplesAreShown(t *testing.T) {
	for _, pkg := range packagesOf(t, "./pkg/...") {
		shown := pkg.shown()
		if len(shown) == 0 && !strings.Contains(pkg.dir, "/internal/") {
			t.Errorf("%s has no Example: write one, a whole program in a file example_test.go", pkg.dir)
		}
		for _, example := range pkg.examples {
			if !slices.ContainsFunc(shown, func(e *doc.Example) bool { return e.Name == example.Name }) {
				t.Errorf("%s: Example%s is not shown: it names no function, type or method", pkg.dir, example.Name)
			}
			switch {
			case example.Play == nil:
				t.Errorf("%s: Example%s is no whole program: it names what another file declares", pkg.dir, example.Name)
			case calls(example.Play, "compute", "NewWithConfig") && !imports(example.Play, "github.com/gomlx/compute/gobackend"):
				t.Errorf("%s: Example%s opens a backend that it does not import", pkg.dir, example.Name)
			}
		}
	}
}

// calls tells whether a program names a function of a package.
func calls(program *ast.File, pkg, function string) (found bool) {
	ast.Inspect(program, func(node ast.Node) bool {
		if selected, ok := node.(*ast.SelectorExpr); ok && selected.Sel.Name == function {
			if of, ok := selected.X.(*ast.Ident); ok && of.Name == pkg {
				found = true
			}
		}
		return !found
	})
	return found
}

// imports tells whether a program imports a package.
func imports(program *ast.File, pkg string) (found bool) {
	ast.Inspect(program, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ImportSpec); ok && spec.Path.Value == `"`+pkg+`"` {
			found = true
		}
		return !found
	})
	return found
}
