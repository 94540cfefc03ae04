package main

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What help shows to call can be called: the command is there, and so is each flag.
func TestHelpShowsCallsThatWork(t *testing.T) {
	shown := slices.Clone(firstCalls)
	for _, c := range commands() {
		its := examples[c.name]
		if len(its) == 0 || len(its) > 3 {
			t.Errorf("help of %s shows %d calls, at most three are wanted", c.name, len(its))
		}
		_, help, _ := call(t, c.name, "--help")
		for _, e := range its {
			if !strings.Contains(help, e.call) || !strings.Contains(help, e.does) {
				t.Errorf("%s --help has no %q", c.name, e.call)
			}
		}
		shown = append(shown, its...)
	}
	for _, e := range shown {
		line, _, _ := strings.Cut(e.call, " < ")
		words := strings.Fields(line)
		if code, out, said := call(t, append(words[1:], "--help")...); code != 0 || !strings.HasPrefix(out, "unipair "+words[1]+": ") {
			t.Errorf("%s: exit %d, wrote %.60q, said %q", e.call, code, out, said)
		}
	}
}

// Who calls the program without a word sees on one screen what it is for, what to call first, and what there is.
func TestHelpIsOneScreen(t *testing.T) {
	_, asked, _ := call(t, "help")
	code, _, said := call(t)
	if code != 2 || !strings.HasPrefix(said, asked) {
		t.Errorf("exit %d, said %q", code, said)
	}
	lines := strings.Split(asked, "\n")
	if len(lines) > 25 {
		t.Errorf("help has %d lines", len(lines))
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) > 120 {
			t.Errorf("a line of help is too long: %q", line)
		}
	}
	for _, c := range commands() {
		if !strings.Contains(asked, "\n  "+c.name+" ") {
			t.Errorf("help has no %s", c.name)
		}
	}
}

// A wrong word is met by the near one, or by where all are listed; never by all of them.
func TestWrongWordsAreMetByTheNearOne(t *testing.T) {
	for said, want := range map[string]string{
		"trian":                       `unknown command "trian": did you mean train?`,
		"embeddings":                  "unknown command \"embeddings\": `unipair help` lists the commands",
		"train --lose circle":         "train: unknown flag --lose: did you mean --loss?",
		"train -l circle":             "train: unknown flag --l: did you mean --loss?",
		"train --lr 0.1":              "train: unknown flag --lr: did you mean --learning-rate?",
		"train --batch-size 32":       "train: unknown flag --batch-size: did you mean --classes and --per-class?",
		"train --margin 0.2":          "train: unknown flag --margin: did you mean --set margin=VALUE?",
		"eval --lr 0.1":               "eval: unknown flag --lr: unipair eval --help lists the flags",
		"eval --margin 0.1":           "eval: unknown flag --margin: unipair eval --help lists the flags",
		"train --data":                "train: --data needs a value: write --data=VALUE",
		"train --steps many":          `train: --steps: want a whole number, got "many"`,
		"index ad --index x --data y": `index: unknown word "ad": did you mean add?; `,
		"data xyzzy":                  "unknown data set \"xyzzy\": `unipair data` lists the names; your own pictures are folder:PLACE",
	} {
		code, _, got := call(t, strings.Fields(said)...)
		if code != 2 || !strings.HasPrefix(got, "unipair: "+want) {
			t.Errorf("unipair %s: exit %d, said %q, want %q", said, code, got, want)
		}
	}
}
