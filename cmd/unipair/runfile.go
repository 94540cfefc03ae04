package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/nearest"
	"github.com/unipair/unipair/pkg/train"
)

// runFileName is the file beside a checkpoint that says what was trained: `unipair train --config` reads it.
const runFileName = "run.yaml"

// runFile is a training in words: all that the flags of train can say of what is learnt. Devices are of the machine: they move
// rounding alone, and a checkpoint goes on with any number of them.
type runFile struct {
	Data    string `json:"data"`
	SkipBad bool   `json:"skip_bad,omitempty"`
	train.Config
}

// readRunFile reads a run from YAML. What the file does not say is as by default; what is no setting is refused.
func readRunFile(name string) (runFile, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return runFile{}, usagef("train: --config: %w", err)
	}
	return parseRunFile(name, text)
}

func parseRunFile(name string, text []byte) (runFile, error) {
	r := runFile{Config: train.DefaultConfig()}
	if err := yaml.UnmarshalStrict(text, &r); err != nil {
		return runFile{}, usagef("train: %s: %s", name, inYAML(err))
	}
	return r, nil
}

// The library reads YAML as JSON, and its errors are the text of those of encoding/json.
var (
	unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)
	wrongType    = regexp.MustCompile(`cannot unmarshal (\S+) into Go struct field \S*?(\w+) of type (\S+)`)
)

// inYAML says what is wrong in the words of the file.
func inYAML(err error) string {
	text := err.Error()
	if found := unknownField.FindStringSubmatch(text); found != nil {
		return fmt.Sprintf("unknown setting %q: %s", found[1], nearest.Suggest(found[1], settingNames()))
	}
	if found := wrongType.FindStringSubmatch(text); found != nil {
		return fmt.Sprintf("%s must be of type %s, got a %s", found[2], found[3], found[1])
	}
	return strings.TrimPrefix(text, "error converting YAML to JSON: ")
}

// settingNames lists the names that a run's file may use, at its top and within.
func settingNames() []string {
	var names []string
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for field := range t.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name != "" {
				names = append(names, name)
			}
			if field.Type.Kind() == reflect.Struct {
				walk(field.Type)
			}
		}
	}
	walk(reflect.TypeFor[runFile]())
	return names
}

// write leaves the run in its directory, whole. A file that says the same stays as the user has it; one that was cut is mended.
func (r runFile) write(dir string) error {
	name := filepath.Join(dir, runFileName)
	if there, err := readRunFile(name); err == nil && reflect.DeepEqual(there, r) {
		return nil
	}
	text, err := yaml.Marshal(r)
	if err == nil {
		err = file.Write(name, func(to io.Writer) error {
			_, err := fmt.Fprintf(to, "# What was trained here. `unipair train --config %s --out DIR` trains it again.\n%s", runFileName, text)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("train: cannot write %s: %w; give the same command again when there is room", runFileName, err)
	}
	return nil
}
