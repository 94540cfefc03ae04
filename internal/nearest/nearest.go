// Package nearest finds the known word that an unknown one was probably meant to be.
package nearest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Suggest ends an error about an unknown word: the nearest known one by edit distance, and all of them. known is not empty.
func Suggest(word string, known []string) string {
	return fmt.Sprintf("did you mean %s? known: %s", Of(word, known), strings.Join(known, ", "))
}

// Of returns the element of known, which is not empty, with the least Levenshtein distance from word; the first of equals.
func Of(word string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(word, a), distance(word, b)) })
}

// distance counts the letters to insert, delete or replace between a and b, in one row of the usual table.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
