package nearest_test

import (
	"testing"

	"github.com/unipair/unipair/internal/nearest"
)

func TestOf(t *testing.T) {
	known := []string{"circle", "triplet", "softmax", "am-softmax"}
	for word, want := range map[string]string{
		"circel": "circle", "tripplet": "triplet", "softmx": "softmax", "amsoftmax": "am-softmax", "": "circle",
	} {
		if got := nearest.Of(word, known); got != want {
			t.Errorf("Of(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	got, want := nearest.Suggest("b", []string{"ab", "cde"}), "did you mean ab? known: ab, cde"
	if got != want {
		t.Errorf("Suggest = %q, want %q", got, want)
	}
}
