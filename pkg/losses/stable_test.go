package losses_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// TestPrimitives: exponentials, logarithms, roots and powers come from package stable, which guards their values and gradients.
func TestPrimitives(t *testing.T) {
	unguarded := []string{"Exp", "Expm1", "Log", "Log1p", "Logistic", "Pow", "PowScalar", "Rsqrt", "Sigmoid", "Sqrt", "Tanh"}
	for _, pattern := range []string{"*.go", "internal/*/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if ok, _ := filepath.Match("*_test.go", filepath.Base(name)); ok {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if called, ok := n.(*ast.SelectorExpr); ok && slices.Contains(unguarded, called.Sel.Name) {
					if from, ok := called.X.(*ast.Ident); ok && from.Name == "graph" {
						t.Errorf("%s: graph.%s: take package stable's", set.Position(n.Pos()), called.Sel.Name)
					}
				}
				return true
			})
		}
	}
}
