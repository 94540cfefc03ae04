package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file of settings has one meaning, and what is wrong with it is said in its words.
func TestRunFileRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"los: circle\n":                 `unknown setting "los": did you mean loss?`,
		"steps: many\n":                 "steps must be a whole number, got text",
		"steps: 6.5\n":                  "steps must be a whole number, got 6.5",
		"seed: -1\n":                    "seed must be a whole number from 0 on, got -1",
		"learning_rate: fast\n":         "learning_rate must be a number, got text",
		"learning_rate: .nan\n":         "learning_rate must be a finite number, got NaN",
		"augment: {shear: [.inf]}\n":    "augment.shear.0 must be a finite number, got +Inf",
		"augment: {shear: -.inf}\n":     "augment.shear must be a finite number, got -Inf",
		"augment: 3\n":                  "augment must be names with values, got a number",
		"skip_bad: 1\n":                 "skip_bad must be true or false, got a number",
		"loss: [circle]\n":              "loss must be text, got a list",
		"- loss\n":                      "the file must be names with values, got a list",
		"Loss: circle\n":                `unknown setting "Loss": did you mean loss?`,
		"STEPS: 3\n":                    `unknown setting "STEPS": did you mean steps?`,
		"augment: {Shear: 1}\n":         `unknown setting "Shear": did you mean shear?`,
		"shear: 1\n":                    `unknown setting "shear"`,
		"set: {margin: }\n":             "set.margin has no value",
		"loss: {a: .nan}\n":             "loss.a must be a finite number",
		"1: 1\n":                        `unknown setting "1"`,
		"steps:\n":                      "steps has no value: leave it out for the default",
		"augment: {shear: ~}\n":         "augment.shear has no value",
		"data: glyphs\n---\nsteps: 3\n": "a second document follows",
		"data: glyphs\n---\n":           "a second document follows",
		"augment: {share: 1}\n":         `unknown setting "share": did you mean shear?`,
		"a: b: c\n":                     "mapping values are not allowed",
		"loss: circle\nloss: triplet\n": `bad.yaml: line 2: key "loss" already set` + "\n",
		"? [a, b]\n: 1\n":               "bad.yaml: a setting's name must be text",
		"\tloss: circle\n":              "bad.yaml: found character that cannot start any token",
		"data: glyphs\nloss: circel\n":  `unknown loss "circel": did you mean circle?`,
	} {
		file := filepath.Join(t.TempDir(), "bad.yaml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		code, _, messages := call(t, "train", "--config", file, "--out", filepath.Join(t.TempDir(), "run"))
		if code != 2 || !strings.Contains(messages, want) || strings.Count(messages, "\n") != 1 {
			t.Errorf("%q: exit %d, said %q, want %q", text, code, messages, want)
		}
	}
}
