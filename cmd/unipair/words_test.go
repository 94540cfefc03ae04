package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A name with spaces that a shell has divided is met by what to do.
func TestDividedNames(t *testing.T) {
	for _, words := range [][]string{
		{"data", "folder:my", "photos"}, {"train", "--data", "folder:my", "photos", "--out", "x"}, {"eval", "--checkpoint", "my", "run"},
	} {
		if code, _, said := call(t, words...); code != 2 || !strings.Contains(said, "what has spaces in quotes") {
			t.Errorf("%q: exit %d, said %q", words, code, said)
		}
	}
}

// The word after a flag in help is what the flag takes, not another command.
func TestHelpSaysWhatFlagsTake(t *testing.T) {
	for command, takes := range map[string][]string{
		"train": {"--invert on|off\n", "--loss name\n"}, "search": {"--index directory\n"}, "export": {"--out string\n", "--part string\n", "--checkpoint directory\n"},
	} {
		_, help, _ := call(t, command, "--help")
		for _, want := range takes {
			if !strings.Contains(help, want) {
				t.Errorf("%s --help has no %q", command, want)
			}
		}
	}
}

// A training on data without a part to measure with does not send its user there.
func TestTrainSaysHowToMeasure(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	few, _ := pictures(t, []string{"a", "b"}, 4)
	words := []string{"--out", "", "--width", "4", "--dim", "16", "--size", "16", "--steps", "1", "--per-class", "2"}
	for data, want := range map[string]string{"folder:" + few: "--data OTHER\n", "glyphs": "--data glyphs\n"} {
		words[1] = filepath.Join(t.TempDir(), "run")
		code, out, said := call(t, append([]string{"train", "--data", data}, words...)...)
		if code != 0 || !strings.HasSuffix(out, want) {
			t.Errorf("%s: exit %d, wrote %q, said %q; want %q", data, code, out, said, want)
		}
	}
}
