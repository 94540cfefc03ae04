package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// percent writes a fraction in percent, with the minus that tables have, or a question mark where it is not known.
func percent(x float64) string {
	if math.IsNaN(x) {
		return "?"
	}
	return strings.Replace(fmt.Sprintf("%.1f", 100*x), "-", "−", 1)
}

// counted writes small numbers as words.
func counted(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
	if n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n)
}
