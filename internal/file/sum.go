package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Sums are the SHA-256 of a folder's files, in hexadecimals, by name. The file that keeps them may be one of these: its own sum is that
// of its text with [NoSum] in the sum's place, see [Seal].
type Sums map[string]string

// NoSum stands in a text for the text's own sum.
var NoSum = strings.Repeat("0", 2*sha256.Size)

// ErrChanged is wrapped by the errors for files that are not as they were when they were summed.
var ErrChanged = errors.New("not as it was written")

// Add sums files of a folder.
func (s Sums) Add(dir string, names ...string) error {
	for _, name := range names {
		sum, err := sumOf(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		s[name] = sum
	}
	return nil
}

// Check returns an error that names the first file of a folder that has another sum, leaving out one: that which keeps the sums.
func (s Sums) Check(dir, except string) error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if name == except {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%q is no name of a file in the folder", name)
		}
		sum, err := sumOf(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if sum != s[name] {
			return fmt.Errorf("%s is %w", name, ErrChanged)
		}
	}
	return nil
}

// Seal puts a text's own sum where it has [NoSum] for the last time.
func Seal(text []byte) []byte {
	sum := sha256.Sum256(text)
	return replaceLast(text, NoSum, hex.EncodeToString(sum[:]))
}

// Sealed reports whether a text that keeps its own sum is as it was when [Seal] put it there.
func Sealed(text []byte, sum string) bool {
	return len(sum) == len(NoSum) && bytes.Equal(Seal(replaceLast(text, sum, NoSum)), text)
}

// replaceLast returns a copy of a text in which the last of a word is another.
func replaceLast(text []byte, old, new string) []byte {
	at := bytes.LastIndex(text, []byte(old))
	if at < 0 {
		return text
	}
	return slices.Concat(text[:at], []byte(new), text[at+len(old):])
}

func sumOf(path string) (string, error) {
	opened, err := Open(path)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, opened)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, opened.Close())
}
