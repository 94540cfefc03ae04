package architecture_test

import (
	"go/ast"
	"strings"
	"testing"
)

// opening are the calls of other packages that open files: a pipe or a device holds them for ever, and they read whatever there is.
var opening = map[string][]string{
	"os": {
		"Open", "OpenFile", "OpenRoot", "OpenInRoot", "ReadFile", "Create", "CreateTemp", "WriteFile", "DirFS", "CopyFS", "Truncate",
	},
	"io/ioutil":   {"ReadFile", "WriteFile", "TempFile"},
	"archive/zip": {"OpenReader"},
	"syscall":     {"Open", "Creat"},
}

// Only internal/file opens files: what is opened there is regular, of a size within its kind's limit, and written whole.
func TestFilesAreOpenedInOneRoom(t *testing.T) {
	programs(t, func(file string) {
		if strings.HasPrefix(file, "internal/file/") {
			return
		}
		for _, call := range opens(t, file) {
			t.Errorf("%s calls %s: call package internal/file", file, call)
		}
	})
}

// opens lists what a file calls, or passes on, of the functions that open files.
func opens(t *testing.T, file string) (calls []string) {
	t.Helper()
	_, tree := parsed(t, file)
	names := map[string]string{} // of packages, in this file
	for _, spec := range tree.Imports {
		from := strings.Trim(spec.Path.Value, `"`)
		name := from[strings.LastIndex(from, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = from
	}
	ast.Inspect(tree, func(node ast.Node) bool {
		if selected, ok := node.(*ast.SelectorExpr); ok {
			if of, ok := selected.X.(*ast.Ident); ok {
				for _, name := range opening[names[of.Name]] {
					if selected.Sel.Name == name {
						calls = append(calls, of.Name+"."+name)
					}
				}
			}
		}
		return true
	})
	return calls
}
