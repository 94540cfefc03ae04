// Package strictjson reads JSON that has one meaning: each name once and in its own case, the text in UTF-8 and nothing behind it.
// encoding/json takes the last of two equal names, any case, and text that is no UTF-8 without a word.
//
// Its errors are in the words of the text: where, and what is wanted there.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// UnmarshalSome reads a value from text that has it and nothing else, but for names that are not known: another version of the program
// may have written them. The types are those of encoding/json, but for json.Number. Null leaves a number 0 and a list empty.
func UnmarshalSome(text []byte, into any) error {
	err := json.Unmarshal(text, into)
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		return semantic(wrong)
	}
	if err != nil {
		return Syntax(text, err)
	}
	return nil
}

// semantic says what a place of the text must be.
func semantic(err *json.SemanticError) error {
	where := ""
	if name := strings.TrimPrefix(string(err.JSONPointer), "/"); name != "" {
		where = name + " "
	}
	switch {
	case err.JSONValue != nil:
		return fmt.Errorf("%smust be %s, got %s", where, Kind(err.GoType), err.JSONValue)
	case err.JSONKind != 0 && err.GoType != nil:
		return fmt.Errorf("%smust be %s, got %s", where, Kind(err.GoType), Kinds[err.JSONKind])
	}
	return fmt.Errorf("%scannot be read: %w", where, errors.Unwrap(err))
}

// Kinds says what JSON has in a place.
var Kinds = map[jsontext.Kind]string{
	'n': "null", 'f': "false", 't': "true", '"': "text", '0': "a number", '{': "an object", '[': "a list",
}

// Kind says what values of a type are called by people who do not know Go.
func Kind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return Kind(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number from 0 on"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.String:
		return "text"
	case reflect.Slice, reflect.Array:
		return "a list"
	}
	return "names with values"
}

// Syntax says what an error of package jsontext found, and in which line where the text is given.
func Syntax(text []byte, err error) error {
	wrong, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return err
	}
	what := strings.TrimPrefix(wrong.Err.Error(), "jsontext: ")
	where := fmt.Sprintf("at byte %d", wrong.ByteOffset+1)
	if at := min(int(wrong.ByteOffset), len(text)); text != nil {
		where = fmt.Sprintf("in line %d", 1+bytes.Count(text[:at], []byte("\n")))
	}
	switch {
	case errors.Is(wrong.Err, io.ErrUnexpectedEOF):
		what = "it is cut short: " + what
	case errors.Is(wrong.Err, jsontext.ErrDuplicateName):
		what = fmt.Sprintf("the name %q comes twice", wrong.JSONPointer.LastToken())
	}
	return fmt.Errorf("%s %s", what, where)
}
