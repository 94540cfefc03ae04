package data

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/unipair/unipair/internal/file"
)

// maxListBytes bounds a list: that of In-shop has 5 MB.
const maxListBytes = 1 << 25

// fileOf returns the content of a file in a tree, of so many bytes at most.
func fileOf(tree fs.FS, name string, most int64) ([]byte, error) {
	opened, err := tree.Open(name)
	if err != nil {
		return nil, err
	}
	raw, err := file.ReadAll(opened, name, most)
	if err := firstOf(err, opened.Close()); err != nil {
		return nil, file.Named(name, err)
	}
	return raw, nil
}

// text returns the content of a list in a tree.
func text(tree fs.FS, name string) (string, error) {
	raw, err := fileOf(tree, name, maxListBytes)
	if err != nil {
		return "", err
	}
	return readable(name, raw)
}

// readable refuses a list that is empty or no text.
func readable(name string, raw []byte) (string, error) {
	list := string(raw)
	if strings.TrimSpace(list) == "" {
		return "", fmt.Errorf("%s is empty: get it again", name)
	}
	for i, r := range list {
		torn := r == utf8.RuneError && !utf8.ValidString(list[i:min(i+utf8.UTFMax, len(list))])
		if torn || unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) {
			return "", fmt.Errorf("%s is no text, by its byte %d: get it again", name, i+1)
		}
	}
	return list, nil
}

// words reads a list with count words per line, below head lines of another kind.
func words(tree fs.FS, name string, count, head int) ([][]string, error) {
	list, err := text(tree, name)
	if err != nil {
		return nil, err
	}
	var lines [][]string
	number := 0
	for line := range strings.Lines(list) {
		number++
		fields := strings.Fields(line)
		if number <= head || len(fields) == 0 {
			continue
		}
		if len(fields) != count {
			return nil, fmt.Errorf("%s, line %d: expected %d words, found %s", name, number, count, quoted(strings.TrimSpace(line)))
		}
		lines = append(lines, fields)
	}
	return lines, nil
}
