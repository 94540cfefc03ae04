package losses_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/unipair/unipair/pkg/losses"
)

// TestLetters: a reader of the catalogue finds what each Greek letter of a formula is, and which parameter sets it; the doc of the
// parameter's field has the same letter.
func TestLetters(t *testing.T) {
	const common = "Σθσπ" // of every formula: docs/losses.md says what they are
	docs := fieldDocs(t)
	for _, entry := range losses.Catalogue() {
		kind := reflect.TypeOf(entry.Default)
		if len(entry.Means) != kind.NumField() {
			t.Errorf("%s says what %d fields are, of %d", entry.Name, len(entry.Means), kind.NumField())
			continue
		}
		for i, means := range entry.Means {
			field := kind.Name() + "." + kind.Field(i).Name
			if letter := letterOf(docs[field]); letter != "" && letter != letterOf(means) {
				t.Errorf("%s: %s is %q in its doc and %q in the catalogue", entry.Name, field, docs[field], means)
			}
		}
		for _, letter := range entry.Formula {
			if !unicode.Is(unicode.Greek, letter) || strings.ContainsRune(common, letter) {
				continue
			}
			within := regexp.MustCompile(string(letter) + `(_\w|\(θ\))* =`) // the formula itself says what it is
			if !strings.ContainsRune(strings.Join(entry.Means, ""), letter) && !within.MatchString(entry.Formula) {
				t.Errorf("%s: nothing says what %c is in %s", entry.Name, letter, entry.Formula)
			}
		}
	}
}

// letterOf returns the letter that a description begins with, such as "m_p" of "m_p, in units of distance"; empty if it is a word.
func letterOf(text string) string {
	letter, _, _ := strings.Cut(strings.TrimSpace(text), ",")
	letter, _, _ = strings.Cut(letter, ":")
	if len([]rune(letter)) > 3 || strings.HasPrefix(letter, "if") {
		return ""
	}
	return letter
}

// fieldDocs returns the comment beside each field of the package's types, as "Circle.Margin".
func fieldDocs(t *testing.T) map[string]string {
	docs := make(map[string]string)
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if kind, ok := spec.Type.(*ast.StructType); ok {
					for _, field := range kind.Fields.List {
						for _, of := range field.Names {
							docs[spec.Name.Name+"."+of.Name] = field.Comment.Text()
						}
					}
				}
			}
			return true
		})
	}
	return docs
}

// TestFirstField: of two fields out of range Validate names the same one each time, the first in the order of the fields.
func TestFirstField(t *testing.T) {
	for _, entry := range losses.Catalogue() {
		kind := reflect.TypeOf(entry.Default)
		broken := func(fields ...int) losses.Loss {
			loss := reflect.New(kind).Elem()
			loss.Set(reflect.ValueOf(entry.Default))
			for _, i := range fields {
				loss.Field(i).SetFloat(math.NaN())
			}
			return loss.Interface().(losses.Loss)
		}
		var numbers []int
		for i := range kind.NumField() {
			if kind.Field(i).Type.Kind() == reflect.Float64 && broken(i).Validate() != nil {
				numbers = append(numbers, i)
			}
		}
		for a, first := range numbers {
			for _, second := range numbers[a+1:] {
				want := broken(first).Validate().Error()
				for range 20 {
					if got := broken(first, second).Validate().Error(); got != want {
						t.Errorf("%s: of two wrong fields: %s; want %s", entry.Name, got, want)
						break
					}
				}
			}
		}
	}
}
