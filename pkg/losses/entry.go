package losses

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/suggest"
)

// Labels says what kind of labels a loss is made for. Every [Loss] takes both kinds of scores; this is what its paper
// trains with, and what programs choose for it.
type Labels string

// The kinds of labels.
const (
	PairLabels  Labels = "pair-wise"   // the batch against itself: [Pairs]
	ClassLabels Labels = "class-level" // the batch against class weights: [Classes]
)

// Entry is a loss of the catalogue: its name in programs, its paper's setting, and what to say of it.
type Entry struct {
	Name       string     // lower case, with dashes
	Aliases    []string   // other names that find it
	Labels     Labels     // what its paper trains with
	Default    Loss       // the default setting
	Similarity Similarity // what its paper measures with: one of [Similarities]
	Formula    string     // the value of an anchor
	Means      []string   // what each field of Default is in Formula, by the letter it has there
	Ranges     []Range    // where each field of Default is worth trying
	Paper      string     // where it comes from; empty for a textbook loss
}

// Parameter is a setting of a loss: a field of its value.
type Parameter struct {
	Name    string // lower case, with dashes: the field's name
	Default any    // float64, int, bool or string
	Means   string // what it is in the loss's formula, by the letter it has there
	Range   Range  // where it is worth trying
}

// Parameters lists what can be set, in the order of the fields.
func (e Entry) Parameters() []Parameter {
	value := reflect.ValueOf(e.Default)
	var parameters []Parameter
	for i := range value.NumField() {
		parameters = append(parameters,
			Parameter{Name: dashed(value.Type().Field(i).Name), Default: basic(value.Field(i)), Means: e.Means[i], Range: e.Ranges[i]})
	}
	return parameters
}

// With returns the loss with the default setting changed where settings names a parameter. It refuses unknown parameters
// and values that are not of the parameter's kind or out of its range.
func (e Entry) With(settings map[string]string) (Loss, error) {
	changed := reflect.New(reflect.TypeOf(e.Default)).Elem()
	changed.Set(reflect.ValueOf(e.Default))
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		field, err := e.field(changed, name)
		if err != nil {
			return nil, err
		}
		if err := assign(field, settings[name]); err != nil {
			return nil, fmt.Errorf("loss %s: parameter %s: %w", e.Name, name, err)
		}
	}
	loss := changed.Interface().(Loss)
	if err := loss.Validate(); err != nil {
		return nil, err
	}
	return loss, nil
}

// field finds the field that a parameter's name means.
func (e Entry) field(value reflect.Value, name string) (reflect.Value, error) {
	var known []string
	for i := range value.NumField() {
		parameter := dashed(value.Type().Field(i).Name)
		if parameter == name {
			return value.Field(i), nil
		}
		known = append(known, parameter)
	}
	if len(known) == 0 {
		return reflect.Value{}, fmt.Errorf("loss %s has no parameters, got %q", e.Name, name)
	}
	return reflect.Value{}, fmt.Errorf("loss %s: unknown parameter %q: %s", e.Name, name, suggest.For(name, known))
}

func assign(field reflect.Value, text string) error {
	switch field.Kind() {
	case reflect.Float64:
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("want a number, got %q", text)
		}
		field.SetFloat(number)
	case reflect.Int:
		number, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("want a whole number, got %q", text)
		}
		field.SetInt(int64(number))
	case reflect.Bool:
		truth, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("want true or false, got %q", text)
		}
		field.SetBool(truth)
	case reflect.String:
		field.SetString(text)
	default:
		return fmt.Errorf("a %s cannot be set from text", field.Type())
	}
	return nil
}

// basic returns a field's value without its named type.
func basic(field reflect.Value) any {
	if field.Kind() == reflect.String {
		return field.String()
	}
	return field.Interface()
}

// dashed turns a field's name into a parameter's: PositiveMargin, positive-margin.
func dashed(field string) string {
	var name strings.Builder
	for i, letter := range field {
		if i > 0 && 'A' <= letter && letter <= 'Z' {
			name.WriteByte('-')
		}
		name.WriteRune(letter)
	}
	return strings.ToLower(name.String())
}
