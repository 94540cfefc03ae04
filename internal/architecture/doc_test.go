package architecture_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// What a package under pkg/ exports has a comment: the package, and its constants, variables, functions, types, fields and methods. The names
// of a group in parentheses may share its comment.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, pkg := range packagesOf(t, "./pkg/...") {
		for _, name := range pkg.undocumented() {
			t.Errorf("%s has no comment", name)
		}
	}
}

// undocumented lists the exported names of a package that have no comment, with where they stand.
func (p published) undocumented() (names []string) {
	check := func(at token.Pos, comment, name string) {
		if comment == "" {
			place := p.places.Position(at)
			names = append(names, fmt.Sprintf("%s/%s:%d: %s", p.dir, filepath.Base(place.Filename), place.Line, name))
		}
	}
	if p.Doc == "" {
		names = append(names, p.dir)
	}
	functions, values := p.Funcs, slices.Concat(p.Consts, p.Vars)
	for _, of := range p.Types {
		check(of.Decl.Pos(), of.Doc, of.Name)
		for _, spec := range of.Decl.Specs {
			for _, field := range undocumentedFields(spec.(*ast.TypeSpec), of.Doc) {
				check(field.Pos(), "", of.Name+"."+field.Name)
			}
		}
		functions = slices.Concat(functions, of.Funcs, of.Methods)
		values = slices.Concat(values, of.Consts, of.Vars)
	}
	for _, function := range functions {
		check(function.Decl.Pos(), function.Doc, function.Name)
	}
	for _, value := range values {
		for _, spec := range value.Decl.Specs {
			spec := spec.(*ast.ValueSpec)
			for _, name := range spec.Names {
				check(name.Pos(), value.Doc+spec.Doc.Text()+spec.Comment.Text(), name.Name)
			}
		}
	}
	return names
}

// undocumentedFields lists the exported fields of a struct that neither have a comment nor are named in one of the struct.
func undocumentedFields(of *ast.TypeSpec, doc string) (names []*ast.Ident) {
	typed, is := of.Type.(*ast.StructType)
	if !is || !of.Name.IsExported() {
		return nil
	}
	for _, field := range typed.Fields.List {
		doc += " " + field.Doc.Text() + field.Comment.Text()
	}
	said := strings.FieldsFunc(doc, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, field := range typed.Fields.List {
		for _, name := range field.Names {
			if name.IsExported() && field.Doc.Text()+field.Comment.Text() == "" && !slices.Contains(said, name.Name) {
				names = append(names, name)
			}
		}
	}
	return names
}
