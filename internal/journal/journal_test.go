package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/journal"
)

type entry struct{ Seed int }

func TestGoesOnWhereItWas(t *testing.T) {
	for _, test := range []struct {
		name, text string
		there      []entry
		damaged    bool
	}{
		{name: "no file"},
		{name: "one line", text: "{\"Seed\":3}\n", there: []entry{{3}}},
		{name: "a torn last line", text: "{\"Seed\":3}\n{\"Se", there: []entry{{3}}},
		{name: "a last line without its end", text: "{\"Seed\":3}\n{\"Seed\":4}", there: []entry{{3}}},
		{name: "nothing but a torn line", text: "{"},
		{name: "a torn line in the middle", text: "{\"Se\n{\"Seed\":4}\n", damaged: true},
	} {
		name := filepath.Join(t.TempDir(), "of", "it", "log.jsonl")
		if test.name != "no file" {
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(test.text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		j, err := journal.Open[entry](name)
		if test.damaged {
			if err == nil || !strings.Contains(err.Error(), "line 1 is damaged") {
				t.Errorf("%s: error %v", test.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(j.Entries, test.there) {
			t.Errorf("%s: %v, want %v", test.name, j.Entries, test.there)
		}
		if err := errors.Join(j.Append(entry{7}), j.Append(entry{8}), j.Close()); err != nil {
			t.Fatal(err)
		}
		again, err := journal.Read[entry](name)
		if err != nil || !slices.Equal(again.Entries, append(test.there, entry{7}, entry{8})) {
			t.Errorf("%s: then %v, %v", test.name, again, err)
		}
	}
}

func TestOneWriter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log.jsonl")
	j, err := journal.Open[entry](name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open[entry](name); !errors.Is(err, journal.ErrHeld) {
		t.Errorf("error %v", err)
	}
	if _, err := journal.Read[entry](name); err != nil {
		t.Error(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = journal.Open[entry](name); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}
