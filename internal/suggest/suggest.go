// Package suggest words what messages say of names: the known one that an unknown one was probably meant to be, and a few of many.
package suggest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// For ends an error about an unknown word: with the known word that was probably meant, or with all of them where none is near.
func For(word string, known []string) string {
	if near, ok := Near(word, known); ok {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "known: " + strings.Join(known, ", ")
}

// Near returns the element of known that word was probably meant to be. It is the shortest that goes on where word ends. Else it is one
// that is written alike but for a third of its letters: in a word of up to four, for one. Nothing is near a word of one or two letters but
// what begins so.
func Near(word string, known []string) (near string, ok bool) {
	if len(known) == 0 || word == "" {
		return "", false
	}
	for _, longer := range known {
		if strings.HasPrefix(longer, word) && (near == "" || len(longer) < len(near)) {
			near = longer
		}
	}
	if near != "" {
		return near, true
	}
	most := (len(word) + 2) / 3
	if len(word) < 5 { // two letters of four are another word
		most = 1
	}
	var alike []string
	for _, candidate := range known { // a distance is at least that of the lengths: a word as long as a file is not compared
		if len(word) > 2 && max(len(word), len(candidate))-min(len(word), len(candidate)) <= most {
			alike = append(alike, candidate)
		}
	}
	if len(alike) == 0 {
		return "", false
	}
	near = Closest(word, alike)
	return near, distance(word, near) <= most
}

// Beside returns the path of what lies where one leads that is not there, and is named almost like it: a folder, or anything else.
func Beside(path string, folder bool) (near string, ok bool) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if name := filepath.Base(path); err != nil || path == "" || name == "." || name == ".." {
		return "", false
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() == folder && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	near, ok = Near(filepath.Base(path), names)
	return filepath.Join(filepath.Dir(path), near), ok
}

// Closest returns the element of known, which is not empty, that is written most like word; the first of equals.
func Closest(word string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(word, a), distance(word, b)) })
}

// distance counts the letters to insert, delete, replace or exchange with their neighbour between a and b, whatever their case.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	var before, last, row []int // the usual table's last three rows
	for i := range len(a) + 1 {
		before, last, row = last, row, make([]int, len(b)+1)
		for j := range row {
			switch {
			case i == 0 || j == 0:
				row[j] = i + j
				continue
			case a[i-1] == b[j-1]:
				row[j] = last[j-1]
			default:
				row[j] = 1 + min(last[j-1], last[j], row[j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// Some returns the first few of names, and how many more there are.
func Some(names []string) string {
	const few = 3
	shown := fmt.Sprintf("%q", names[:min(few, len(names))])
	shown = shown[1 : len(shown)-1]
	if more := len(names) - few; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return shown
}
