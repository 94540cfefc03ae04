package data_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/unipair/unipair/pkg/data"
)

// An image is gray, from paper to ink.
func ExampleGlyphs() {
	ds, err := data.Glyphs(data.GlyphsConfig{Classes: 3, PerClass: 5, Size: 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ds.Name(), ds.Len(), ds.Classes())
	m, err := ds.Image(5)
	if err != nil {
		fmt.Println(err)
		return
	}
	m = data.Resize(m, 14)
	fmt.Println("a", ds.Classes()[ds.Label(5)])
	for y := range m.Height {
		var row strings.Builder
		for _, ink := range m.Pixels[y*m.Width : (y+1)*m.Width] {
			row.WriteByte(" .:+#"[int(4.99*ink)])
		}
		fmt.Println("|" + row.String() + "|")
	}
	// Output:
	// glyphs 15 [A B D]
	// a B
	// |              |
	// |              |
	// |   :######.   |
	// |    ##  +#+   |
	// |    ##  +#:   |
	// |   .#+ :#+    |
	// |   :####:     |
	// |   +#. :#+    |
	// |   ##   ##    |
	// |   ##  :##    |
	// |  ###+###.    |
	// |  ..::..      |
	// |              |
	// |              |
}

// Pair losses learn from batches with several images of each of several classes. Turned characters are further classes.
func ExamplePairBatches() {
	glyphs, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		fmt.Println(err)
		return
	}
	batches := &data.PairBatches{
		Dataset: data.Rotations(glyphs), Classes: 3, PerClass: 2, Size: 28,
		Augment: data.DefaultAugment(), Mean: 0.2, Std: 0.3, Steps: 2,
	}
	for batch, err := range batches.Iter() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch.Inputs[0].Shape(), batch.Labels[0])
	}
	// Output:
	// (Float32)[6, 28, 28, 1] [6]int32{79, 79, 39, 39, 0, 0}
	// (Float32)[6, 28, 28, 1] [6]int32{214, 214, 33, 33, 185, 185}
}

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

// The background set is split by alphabet; the official runs are only for a last evaluation.
func ExampleOmniglotSmall1() {
	ctx := context.Background()
	small, err := data.OmniglotSmall1(ctx, data.Options{})
	if err != nil {
		fmt.Println(err) // says what is missing, and what to do
		return
	}
	validated := data.Alphabets("Balinese", "Early_Aramaic")
	training := data.Subset(small, "training", func(class string) bool { return !validated(class) })
	validation := data.Subset(small, "validation", validated)
	fmt.Println(len(training.Classes()), len(validation.Classes()))
}
