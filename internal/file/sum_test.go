package file_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/file"
)

// The sum of a text that keeps its own is that of the text with zeros in its place; no byte of it can change.
func TestSeal(t *testing.T) {
	text := []byte("{\"a\": 1, \"others\": \"" + file.NoSum + "\", \"own\": \"" + file.NoSum + "\"}\n")
	want := sha256.Sum256(text)
	own := hex.EncodeToString(want[:])
	sealed := file.Seal(text)
	if !bytes.HasSuffix(sealed, []byte(`"own": "`+own+"\"}\n")) || len(sealed) != len(text) || !file.Sealed(sealed, own) {
		t.Fatalf("sealed as %s, want the sum %s in the last place", sealed, own)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		sum := own
		if at := bytes.LastIndex(sealed, []byte(own)); i >= at && i < at+len(own) {
			sum = string(changed[at : at+len(own)]) // as it would be read
		}
		if file.Sealed(changed, sum) {
			t.Errorf("byte %d changed: taken for what was written", i)
		}
	}
	for _, sum := range []string{"", "0", own[1:]} {
		if file.Sealed(sealed, sum) {
			t.Errorf("%q is no sum", sum)
		}
	}
}

// Of a folder's files the one that has changed is named, and no name leads out of the folder.
func TestSums(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a": "1", "b": "2", "list": ""} {
		if err := file.WriteBytes(filepath.Join(dir, name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	sums := file.Sums{"list": file.NoSum}
	if err := sums.Add(dir, "a", "b"); err != nil || sums["a"] != "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b" {
		t.Fatal(sums, err)
	}
	if err := sums.Check(dir, "list"); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "b"), []byte("3"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := sums.Check(dir, "list"); !errors.Is(err, file.ErrChanged) || !strings.HasPrefix(err.Error(), "b is ") {
		t.Errorf("error %v, want one that names b", err)
	}
	if err := os.Remove(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	if err := sums.Check(dir, "list"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a: error %v", err)
	}
	if err := (file.Sums{"../a": sums["a"]}).Check(dir, "list"); err == nil || !strings.Contains(err.Error(), "no name of a file in the folder") {
		t.Errorf("out of the folder: error %v", err)
	}
}

// A folder is written whole or not at all, never over another, and with the permissions that the umask leaves.
func TestWriteDir(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "new")
	path := filepath.Join(parent, "a")
	stop := errors.New("stop")
	write := func(err error) error {
		return file.WriteDir(path, func(dir string) error {
			return errors.Join(file.WriteBytes(filepath.Join(dir, "deep", "b"), []byte("b")), err)
		})
	}
	if err := write(stop); !errors.Is(err, stop) {
		t.Errorf("error %v, want %v", err, stop)
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) > 0 {
		t.Errorf("left over: %v, %v", entries, err)
	}
	if err := write(nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(path, "deep", "b"))
	if entries, listed := os.ReadDir(parent); err != nil || string(text) != "b" || listed != nil || len(entries) != 1 {
		t.Errorf("%q, %v; the folder holds %v, %v", text, err, entries, listed)
	}
	if err := write(nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("again: error %v, want %v", err, os.ErrExist)
	}
	if err := file.Sync(path); err != nil {
		t.Error(err)
	}
}
