// Package recipe reads and writes trainings in words: the run.yaml beside a checkpoint, files of settings, and the recipes of this program.
package recipe

import (
	"embed"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/pkg/train"
)

// FileName is the file beside a checkpoint that says what was trained: `unipair train --config` reads it.
const FileName = "run.yaml"

// Run is a training in words: all that the flags of train can say of what is learnt. Devices are of the machine: they move
// rounding alone, and a checkpoint goes on with any number of them.
type Run struct {
	Data    string `json:"data"`
	SkipBad bool   `json:"skip_bad,omitempty"`
	// AllClasses is whether the classes of the data's validation and test parts are learnt from, too: nothing is left to measure with.
	AllClasses bool `json:"all_classes,omitempty"`
	train.Config
}

// Default returns the training that is meant where nothing is said; it has no data.
func Default() Run { return Run{Config: train.DefaultConfig()} }

// largest bounds the bytes of settings that are read.
const largest = 1 << 20

// Read reads a run from a file of YAML. What the file does not say is as by default; what is no setting is refused.
func Read(name string) (Run, error) {
	text, err := file.Read(name, largest)
	if err != nil {
		return Run{}, err
	}
	return parse(name, text)
}

func parse(name string, text []byte) (Run, error) {
	r := Default()
	err := check(text, reflect.TypeFor[Run]())
	if err == nil {
		err = inWords(yaml.UnmarshalStrict(text, &r))
	}
	if err != nil {
		return Run{}, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// Write leaves the run in its directory, whole. A file that says the same stays as the user has it; one that was cut is mended.
func (r Run) Write(dir string) error {
	name := filepath.Join(dir, FileName)
	if there, err := Read(name); err == nil && reflect.DeepEqual(there, r) {
		return nil
	}
	err := r.Save(name, fmt.Sprintf("What was trained here. `unipair train --config %s --out DIR` trains it again.", FileName))
	if err != nil {
		return fmt.Errorf("cannot write %s: %w; give the same command again when there is room", FileName, err)
	}
	return nil
}

// Save writes the run to a file, with a line about it at its head.
func (r Run) Save(name, about string) error {
	text, err := yaml.Marshal(r)
	if err != nil {
		return err
	}
	return file.Write(name, func(to io.Writer) error {
		_, err := fmt.Fprintf(to, "# %s\n%s", about, text)
		return err
	})
}

// recipes are trainings that are measured, in the form of a run's file.
//
//go:embed recipes/*.yaml
var recipes embed.FS

// Names lists the recipes.
func Names() []string {
	entries, err := recipes.ReadDir("recipes")
	if err != nil {
		panic(err) // they are in the program
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), path.Ext(entry.Name())))
	}
	return names
}

// Find returns the run of a recipe.
func Find(name string) (Run, error) {
	if !slices.Contains(Names(), name) {
		return Run{}, fmt.Errorf("unknown recipe %q: %s", name, suggest.For(name, Names()))
	}
	text, err := recipes.ReadFile("recipes/" + name + ".yaml")
	if err != nil {
		return Run{}, err
	}
	return parse("recipe "+name, text)
}
