package recipe_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/pkg/data"
)

// written writes a file of settings and returns its name.
func written(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// A file of settings has one meaning, and what is wrong with it is said in its words.
func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"another name", "los: circle\n", `unknown setting "los": did you mean loss?`},
		{"text for a whole number", "steps: many\n", "steps must be a whole number, got text"},
		{"a part of a whole number", "steps: 6.5\n", "steps must be a whole number, got 6.5"},
		{"below 0", "seed: -1\n", "seed must be a whole number from 0 on, got -1"},
		{"text for a number", "learning_rate: fast\n", "learning_rate must be a number, got text"},
		{"no number", "learning_rate: .nan\n", "learning_rate must be a finite number, got NaN"},
		{"infinite in a list", "augment: {shear: [.inf]}\n", "augment.shear.0 must be a finite number, got +Inf"},
		{"infinite within", "augment: {shear: -.inf}\n", "augment.shear must be a finite number, got -Inf"},
		{"a number for names", "augment: 3\n", "augment must be names with values, got a number"},
		{"a number for true or false", "skip_bad: 1\n", "skip_bad must be true or false, got a number"},
		{"a list for text", "loss: [circle]\n", "loss must be text, got a list"},
		{"a list", "- loss\n", "the file must be names with values, got a list"},
		{"another case", "Loss: circle\n", `unknown setting "Loss": did you mean loss?`},
		{"upper case", "STEPS: 3\n", `unknown setting "STEPS": did you mean steps?`},
		{"another case within", "augment: {Shear: 1}\n", `unknown setting "Shear": did you mean shear?`},
		{"a name from within", "shear: 1\n", `unknown setting "shear"`},
		{"no value within", "set: {margin: }\n", "set.margin has no value"},
		{"names for text", "loss: {a: .nan}\n", "loss.a must be a finite number"},
		{"a number for a name", "1: 1\n", `unknown setting "1"`},
		{"no value", "steps:\n", "steps has no value: leave it out for the default"},
		{"a tilde for a value", "augment: {shear: ~}\n", "augment.shear has no value"},
		{"two documents", "data: glyphs\n---\nsteps: 3\n", "a second document follows"},
		{"an empty second document", "data: glyphs\n---\n", "a second document follows"},
		{"another name within", "augment: {share: 1}\n", `unknown setting "share": did you mean shear?`},
		{"two colons", "a: b: c\n", "mapping values are not allowed"},
		{"a name twice", "loss: circle\nloss: triplet\n", `bad.yaml: line 2: key "loss" already set`},
		{"a list for a name", "? [a, b]\n: 1\n", "bad.yaml: a setting's name must be text"},
		{"a tab", "\tloss: circle\n", "bad.yaml: found character that cannot start any token"},
		{"a number for a word", "invert: 3\n", "bad.yaml: invert must be true or false, got 3"},
	} {
		_, err := recipe.Read(written(t, c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %q: error %v, want one line with %q", c.name, c.text, err, c.want)
		}
	}
}

// Whether pictures are turned over is a word or its YAML; a file from before does not say it.
func TestReadInvert(t *testing.T) {
	for text, want := range map[string]data.Inversion{
		"invert: true": data.InvertOn, "invert: on": data.InvertOn, `invert: "off"`: data.InvertOff, "invert: false": data.InvertOff,
		"size: 28": data.InvertAsSet,
	} {
		r, err := recipe.Read(written(t, text+"\n"))
		if err != nil || r.Invert != want {
			t.Errorf("%s: %q, %v", text, r.Invert, err)
		}
	}
}

// What is written is read again; what a kill left is mended, and a user's note stays.
func TestWrite(t *testing.T) {
	r, dir := recipe.Default(), t.TempDir()
	r.Data, r.Seed, r.Set = "folder:내 사진", 1<<64-1, map[string]string{"margin": "0.3"}
	name := filepath.Join(dir, recipe.FileName)
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	if again, err := recipe.Read(name); err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("read again: %+v, %v; want %+v", again, err, r)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	noted := string(whole) + "# of the spring\n"
	for _, c := range []struct{ name, there, want string }{
		{"nothing", "", string(whole)}, {"cut", string(whole[:len(whole)/2]), string(whole)}, {"noted", noted, noted},
	} {
		if err := os.WriteFile(name, []byte(c.there), 0o644); err != nil {
			t.Fatal(err)
		}
		err := r.Write(dir)
		if got, wrong := os.ReadFile(name); err != nil || wrong != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v, %v; want %q", c.name, got, err, wrong, c.want)
		}
	}
}

// Every recipe is a training of this program's data.
func TestRecipes(t *testing.T) {
	for _, name := range recipe.Names() {
		r, err := recipe.Find(name)
		if err != nil || r.Validate() != nil || r.Data == "" {
			t.Errorf("%s: %+v, %v, %v", name, r, err, r.Validate())
		}
	}
	const want = `unknown recipe "omniglot-bset": did you mean omniglot-best?`
	if _, err := recipe.Find("omniglot-bset"); err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}
