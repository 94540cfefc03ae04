package recipe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode"

	goyaml "go.yaml.in/yaml/v2"

	"github.com/unipair/unipair/internal/strictjson"
	"github.com/unipair/unipair/internal/suggest"
)

// check returns an error unless the text is one document of settings that there are, in their own case and with values. The
// library takes the first document of several, names in any case, and no value for the default.
func check(text []byte, t reflect.Type) error {
	documents := goyaml.NewDecoder(bytes.NewReader(text))
	var all, more any
	if err := documents.Decode(&all); errors.Is(err, io.EOF) {
		return nil // nothing is said
	} else if err != nil {
		return inFileWords(err)
	}
	if err := documents.Decode(&more); !errors.Is(err, io.EOF) {
		return errors.New("a second document follows, after ---: a file says one run")
	}
	return settingsAre(all, t, "")
}

// settingsAre checks the names of a value, and those within.
func settingsAre(value any, t reflect.Type, within string) error {
	switch value := value.(type) {
	case nil:
		return fmt.Errorf("%s has no value: leave it out for the default", cmp.Or(strings.TrimSuffix(within, "."), "the file"))
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Errorf("%s must be a finite number, got %g", strings.TrimSuffix(within, "."), value)
		}
	case []any:
		for i, element := range value {
			if err := settingsAre(element, reflect.TypeFor[any](), fmt.Sprint(within, i, ".")); err != nil {
				return err
			}
		}
	case map[any]any:
		known := map[string]reflect.Type{}
		if t.Kind() == reflect.Struct {
			known = settingsOf(t)
		}
		given := make(map[string]any)
		for name, value := range value {
			given[fmt.Sprint(name)] = value
		}
		for _, name := range slices.Sorted(maps.Keys(given)) {
			if t.Kind() != reflect.Struct { // names of the user's, or a wrong type, which the library tells
				known[name] = reflect.TypeFor[any]()
			}
			if known[name] == nil {
				return fmt.Errorf("unknown setting %q: %s", name, suggest.For(name, slices.Sorted(maps.Keys(known))))
			}
			if err := settingsAre(given[name], known[name], within+name+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// settingsOf returns the names that a file may use for the fields of a struct, with their types.
func settingsOf(t reflect.Type) map[string]reflect.Type {
	known := make(map[string]reflect.Type)
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name != "":
			known[name] = field.Type
		case field.Anonymous:
			maps.Copy(known, settingsOf(field.Type))
		}
	}
	return known
}

// inWords says a wrong type in the words of the file. The library reads YAML as JSON.
func inWords(err error) error {
	if err == nil {
		return nil
	}
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok { // a setting's own words
		return inFileWords(err)
	}
	var name []string
	for part := range strings.SplitSeq(wrong.Field, ".") {
		if part != "" && !unicode.IsUpper(rune(part[0])) { // the names of embedded structs are Go's
			name = append(name, part)
		}
	}
	got := strings.TrimPrefix(wrong.Value, "number ")
	got = cmp.Or(map[string]string{"string": "text", "number": "a number", "bool": "true or false", "object": "names with values",
		"array": "a list"}[got], got)
	return fmt.Errorf("%s must be %s, got %s", cmp.Or(strings.Join(name, "."), "the file"), strictjson.Kind(wrong.Type), got)
}

// libraryWords are those of the library's errors that say nothing of the file.
var libraryWords = strings.NewReplacer("error unmarshaling JSON: while decoding JSON: ", "", "error converting YAML to JSON: ", "",
	"yaml: unmarshal errors:\n  ", "", "yaml: ", "", " already set in map", " already set")

// inFileWords leaves out of an error what is the library's.
func inFileWords(err error) error {
	if strings.Contains(err.Error(), "invalid map key") {
		return errors.New("a setting's name must be text, not a list or names with values")
	}
	return errors.New(libraryWords.Replace(err.Error()))
}
