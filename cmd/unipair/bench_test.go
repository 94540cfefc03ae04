package main

import (
	"strings"
	"testing"

	"github.com/unipair/unipair/bench"
)

// Wrong words are refused before anything is installed or measured, with the nearest known ones.
func TestBenchWords(t *testing.T) {
	for words, want := range map[string]string{
		"pears":                        "did you mean pairs?",
		"pairs pairs":                  "named twice",
		"training --sizes 128":         "training has no --sizes",
		"training --losses circle":     "training has no --losses",
		"pairs --sizes 12x":            `got "12x"`,
		"pairs --sizes 0":              `got "0"`,
		"pairs --losses circel":        "did you mean circle?",
		"pairs --losses am-softmax":    "pairs has no loss",
		"pairs --losses circle,circle": "circle is named twice",
		"pairs --rounds -1":            "want 1 or more",
		"--sizes 128":                  "name one of pairs",
		"--write":                      "unipair bench all",
		"pairs --write":                "unipair bench all",
		"pairs --busy":                 "unipair bench all",
		"all --rounds 2":               "leave out --sizes",
		"pairs all":                    "leave out --sizes",
		"all --write --smallest":       "leave out --smallest",
		"al":                           "did you mean all?",
		"pairs --jason":                "did you mean --json?",
		"losses --losses siglip":       `losses has no loss "siglip"`,
		"pairs --losses circle --sizes 128 trainng": "did you mean training?",
	} {
		code, _, said := feed(t, strings.NewReader(""), append([]string{"bench"}, strings.Fields(words)...)...)
		if code != 2 || !strings.Contains(said, want) || strings.Count(said, "\n") != 1 {
			t.Errorf("bench %s: code %d, said %q, want %q", words, code, said, want)
		}
	}
}

// --list names every subject, and what is typed is what a section says one types.
func TestBenchListAndCommand(t *testing.T) {
	code, listing, said := feed(t, strings.NewReader(""), "bench", "--list")
	if code != 0 {
		t.Fatalf("code %d: %s", code, said)
	}
	for _, s := range bench.Subjects() {
		if !strings.Contains(listing, s.Name+" ") {
			t.Errorf("%s is not listed in\n%s", s.Name, listing)
		}
		words, err := parseBench([]string{s.Name, "--rounds", "3"}, stdio{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := words.again(s), "unipair bench "+s.Name+" --rounds 3"; got != want {
			t.Errorf("command %q, want %q", got, want)
		}
		if chosen, configs := words.chosen(bench.Config{Rounds: 3}); len(chosen) != 1 || chosen[0].Name != s.Name || configs[0].Rounds != 3 {
			t.Errorf("%s: chose %v", s.Name, chosen)
		}
	}
	words, failed := parseBench([]string{"pairs", "--sizes", "128,512", "--losses", "circle,nt-xent"}, stdio{})
	if failed != nil {
		t.Fatal(failed)
	}
	if got, want := words.again(bench.Subjects()[0]), "unipair bench pairs --sizes 128,512 --losses circle,nt-xent"; got != want {
		t.Errorf("command %q, want %q", got, want)
	}
	if chosen, configs := (benchWords{}).chosen(bench.Config{Root: "r"}); len(chosen) < 3 || configs[0].Root != "r" || configs[0].Rounds == 0 {
		t.Errorf("the quick set is %d subjects: %+v", len(chosen), configs)
	}
}

// How long it takes is said before anything is measured.
func TestBenchSaysHowLong(t *testing.T) {
	for words, want := range map[string]string{
		"":                      "about 5 min, on the machine of bench/RESULTS.md",
		"pairs eval":            "about 17 min, on the machine of bench/RESULTS.md",
		"pairs --losses circle": "at their own sizes, losses and rounds these take about 13 min",
		"all --smallest":        "every subject, of the smallest size: some minutes",
		"all --busy":            "about 54 min, on the machine of bench/RESULTS.md",
	} {
		w, err := parseBench(strings.Fields(words), stdio{})
		if err != nil {
			t.Fatal(err)
		}
		subjects, _ := w.chosen(bench.Config{})
		if got := w.howLong(subjects); got != want {
			t.Errorf("bench %s: %q, want %q", words, got, want)
		}
	}
}
