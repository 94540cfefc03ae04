package data_test

import (
	"fmt"
	"strings"

	"github.com/unipair/unipair/pkg/data"
)

// Classes that are trained on and classes that are held out come from one rule and its opposite.
func ExampleSubset() {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 8, PerClass: 5, Size: 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	vowel := func(class string) bool { return strings.Contains("AEIOU", class) }
	held := data.Subset(glyphs, "vowels", vowel)
	rest := data.Subset(glyphs, "consonants", func(class string) bool { return !vowel(class) })
	fmt.Println(held.Name(), held.Len(), held.Classes())
	fmt.Println(rest.Name(), rest.Len(), rest.Classes())
	// Output:
	// vowels 10 [A E]
	// consonants 30 [B D F G H J]
}
