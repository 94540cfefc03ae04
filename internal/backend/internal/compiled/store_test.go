package compiled

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An executable is found by what it was compiled of and for, whole or not at all.
func TestStore(t *testing.T) {
	program, options, executable := []byte("program"), []byte("options"), []byte("code")
	same := [2]string{"program", "options"}
	overwrite := func(change func(kept []byte) []byte) func(t *testing.T, s *store) {
		return func(t *testing.T, s *store) {
			path := s.path(program, options)
			kept, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, change(kept), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		spoil func(t *testing.T, s *store)
		ask   [2]string // program and options
		want  string
	}{
		"as it was kept":       {nil, same, "code"},
		"another program":      {nil, [2]string{"Program", "options"}, ""},
		"other options":        {nil, [2]string{"program", "Options"}, ""},
		"letters moved across": {nil, [2]string{"programo", "ptions"}, ""},
		"another machine":      {func(_ *testing.T, s *store) { s.machine = "other" }, same, ""},
		"a bit changed":        {overwrite(func(kept []byte) []byte { kept[len(kept)-1] ^= 1; return kept }), same, ""},
		"cut off":              {overwrite(func(kept []byte) []byte { return kept[:len(kept)-1] }), same, ""},
		"empty":                {overwrite(func([]byte) []byte { return nil }), same, ""},
		"for others to write": {func(t *testing.T, s *store) {
			if err := os.Chmod(s.path(program, options), 0o666); err != nil {
				t.Fatal(err)
			}
		}, same, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := openStore(filepath.Join(t.TempDir(), "new", "folder"), "machine")
			if err != nil {
				t.Fatal(err)
			}
			if err := s.keep(program, options, executable); err != nil {
				t.Fatal(err)
			}
			if c.spoil != nil {
				c.spoil(t, &s)
			}
			if got := s.find([]byte(c.ask[0]), []byte(c.ask[1])); string(got) != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// A folder in which others could put executables is not used.
func TestStoreOfAll(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(dir, ""); err == nil {
		t.Error("a folder that all can write to is used")
	}
}

// Where there are too many executables, those go that were not asked for the longest, and nothing else.
func TestStoreMakesRoom(t *testing.T) {
	s, err := openStore(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.most = 3 * (32 + 100)
	const own = "thesis.dat" // the folder may have the user's files too
	if err := os.WriteFile(filepath.Join(s.dir, own), make([]byte, 10*s.most), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(s.dir, own), time.Unix(0, 0), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a", "b", "c"} {
		if err := s.keep([]byte(name), nil, bytes.Repeat([]byte{1}, 100)); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := os.Chtimes(s.path([]byte(name), nil), at, at); err != nil {
			t.Fatal(err)
		}
	}
	s.find([]byte("a"), nil)
	if err := s.keep([]byte("d"), nil, bytes.Repeat([]byte{1}, 100)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if got := s.find([]byte(name), nil) != nil; got != want {
			t.Errorf("%s is there: %v, want %v", name, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, own)); err != nil {
		t.Error(err)
	}
}
