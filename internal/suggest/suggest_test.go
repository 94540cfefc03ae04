package suggest_test

import (
	"testing"

	"github.com/unipair/unipair/internal/suggest"
)

func TestOf(t *testing.T) {
	known := []string{"circle", "triplet", "softmax", "am-softmax"}
	for word, want := range map[string]string{
		"circel": "circle", "tripplet": "triplet", "softmx": "softmax", "amsoftmax": "am-softmax", "": "circle",
	} {
		if got := suggest.Closest(word, known); got != want {
			t.Errorf("Of(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"recipe", "precision", "steps", "set", "lifted-structure", "Dq"}
	const all = "known: recipe, precision, steps, set, lifted-structure, Dq"
	for word, want := range map[string]string{
		"recpie": "did you mean recipe?",
		"RECIPE": "did you mean recipe?",
		"setps":  "did you mean steps?",
		"lifted": "did you mean lifted-structure?",
		"D":      "did you mean Dq?",
		"q":      all,
		"xx":     all,
		"":       all,
		"banana": all,
		"sat":    "did you mean set?",
		"sets":   "did you mean set?",
		"stop":   all, // two letters of four are another word
	} {
		if got := suggest.For(word, known); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", word, got, want)
		}
	}
}
