package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/pkg/losses"
)

// TestFlagsPage: docs/flags.md is what `--help` of each command says; `go test ./cmd/unipair -run TestFlagsPage -update` writes it.
func TestFlagsPage(t *testing.T) { generated(t, "flags.md", flagsPage(t)) }

// TestJSONPage: docs/json.md is what the types say that are written as JSON; `go test ./cmd/unipair -run TestJSONPage -update` writes it.
func TestJSONPage(t *testing.T) { generated(t, "json.md", jsonPage(t)) }

// README says how many losses there are.
func TestReadmeCounts(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, count := range regexp.MustCompile(`(?m)(?:All|has) ([0-9]+) losses|^\| losses \| ([0-9]+) \|`).FindAllStringSubmatch(string(readme), -1) {
		if said := count[1] + count[2]; said != fmt.Sprint(len(losses.Catalogue())) {
			t.Errorf("README says %q, and the catalogue has %d", count[0], len(losses.Catalogue()))
		}
	}
}

// generated compares a page of docs/ with what it is made of, and writes it if that is asked for.
func generated(t *testing.T, name, want string) {
	t.Helper()
	path := "../../docs/" + name
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("docs/%s is not what the program says (%v): run this test with -update", name, err)
	}
}

// helpOfFlag finds a flag in the help of a command: its name, what its value is called, and what it means.
var helpOfFlag = regexp.MustCompile(`(?m)^  --(\S+)(?: (.+))?\n    \t(.+)$`)

// cell is a text for a table of Markdown.
func cell(text string) string {
	return strings.NewReplacer("nil:", "null:", "|", `\|`, "<", "&lt;", "[@REVISION]", `\[@REVISION\]`).Replace(strings.Join(strings.Fields(text), " "))
}

func flagsPage(t *testing.T) string {
	var page strings.Builder
	page.WriteString("# Flags\n\nMade from the program, which says the same by `unipair COMMAND --help`. What `--data` takes has " +
		"[a page of its own](data.md).\n")
	for _, c := range commands() {
		fmt.Fprintf(&page, "\n## `unipair %s`\n\n%s: `unipair %s`.\n", c.name, strings.ToUpper(c.about[:1])+c.about[1:], strings.TrimSpace(c.name+" "+c.usage))
		code, help, said := call(t, c.name, "--help")
		flags := helpOfFlag.FindAllStringSubmatch(help, -1)
		if code != 0 || len(flags) != strings.Count(help, "\n  --") {
			t.Fatalf("%s --help: exit %d, %d flags are read, of\n%s%s", c.name, code, len(flags), help, said)
		}
		if len(flags) == 0 {
			continue
		}
		page.WriteString("\n| flag | |\n|---|---|\n")
		for _, f := range flags {
			about := strings.ReplaceAll(f[3], datasets.Help(), "see [data](data.md)")
			fmt.Fprintf(&page, "| `%s` | %s |\n", cell(strings.TrimSpace("--"+f[1]+" "+f[2])), cell(about))
		}
	}
	return page.String()
}

// written are the types that commands write as JSON, each with the folder of its package.
var written = []struct {
	heading, about string
	types          []string
}{
	{"unipair loss", "A loss and its gradient on a batch.", []string{"internal/lossbatch.Result"}},
	{"unipair loss --list --json", "A list of the catalogue's losses.", []string{"cmd/unipair.listedLoss", "cmd/unipair.listedParameter"}},
	{"unipair eval --json", "The measures by [their names](evaluate.md#what-the-numbers-mean), their intervals in `intervals_95`, and of pairs " +
		"the object `verification`:", []string{"internal/evaluation.Verification", "internal/evaluation.Operating"}},
	{"unipair compare --json", "Which loss is best, and which cannot be told apart.", []string{"internal/compare.Result", "internal/compare.Row",
		"internal/compare.Behind", "internal/compare.Setting", "internal/compare.Tried", "internal/compare.Point"}},
	{"unipair search --json", "A list, of one per query.", []string{"cmd/unipair.found", "internal/index.Hit", "internal/index.Image", "internal/index.Verdict"}},
	{"unipair doctor --json", "A list of what was looked at.", []string{"internal/workspace.Check"}},
	{"history.jsonl", "A line per step of a training.", []string{"pkg/train.Record", "pkg/train.Summary"}},
	{"photos.json", "What stands beside a network that `unipair export --format onnx` wrote.", []string{"internal/portable.About",
		"internal/portable.Backbone", "internal/portable.Preparation", "internal/portable.Compared"}},
}

func jsonPage(t *testing.T) string {
	var page strings.Builder
	page.WriteString("# JSON\n\nMade from the types of the program. An *optional* field is left out where it has nothing to say.\n")
	for _, w := range written {
		fmt.Fprintf(&page, "\n## `%s`\n\n%s\n", w.heading, w.about)
		for i, name := range w.types {
			if i > 0 {
				fmt.Fprintf(&page, "\n`%s`:\n", strings.TrimPrefix(path.Ext(name), "."))
			}
			page.WriteString("\n| field | is | |\n|---|---|---|\n" + fieldsOf(t, name))
		}
	}
	return page.String()
}

// fieldsOf lists the fields of a type as rows: the name in JSON, the type, and the comment.
func fieldsOf(t *testing.T, name string) string {
	dir, name := strings.TrimSuffix(name, path.Ext(name)), strings.TrimPrefix(path.Ext(name), ".")
	files, err := filepath.Glob(filepath.Join("../..", dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		object := tree.Scope.Lookup(name)
		if object == nil {
			continue
		}
		for _, field := range object.Decl.(*ast.TypeSpec).Type.(*ast.StructType).Fields.List {
			if field.Tag == nil {
				continue
			}
			called, options, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json"), ",")
			kind := inJSON(field.Type)
			if options != "" {
				kind = "optional " + kind
			}
			fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", called, kind, cell(field.Doc.Text()+field.Comment.Text()))
		}
	}
	if rows.Len() == 0 {
		t.Fatalf("%s has no type %s with names for JSON", dir, name)
	}
	return rows.String()
}

// inJSON says what a value of a type of Go is in JSON.
func inJSON(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.ArrayType:
		return "list of " + inJSON(of.Elt)
	case *ast.StarExpr:
		return inJSON(of.X)
	case *ast.MapType:
		return "object of " + inJSON(of.Value)
	case *ast.SelectorExpr:
		return inJSON(of.Sel)
	case *ast.Ident:
		switch of.Name {
		case "float64", "int", "uint64", "Number":
			return "number"
		case "string", "Labels":
			return "text"
		case "any":
			return "value"
		case "bool":
			return "true or false"
		}
		return of.Name
	}
	return "value"
}
