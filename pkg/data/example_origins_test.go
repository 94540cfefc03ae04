package data_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

// logged is a set of one's own that wraps another: it forwards what that knows beyond the methods of a Dataset.
type logged struct{ data.Dataset }

func (l logged) Image(i int) (data.Image, error) {
	fmt.Println("image", i)
	return l.Dataset.Image(i)
}

func (l logged) Source(i int) string             { return data.Source(l.Dataset, i) }
func (l logged) Cameras() ([]int, bool)          { return data.Cameras(l.Dataset) }
func (l logged) Origins() ([]data.Origin, error) { return data.Origins(l.Dataset) }

// A turned class knows of which it was made, also through a set that wraps it: so no split gives a held-out class away.
func ExampleOrigins() {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 2, PerClass: 1, Size: 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	set := logged{data.Mirrored(glyphs)}
	origins, err := data.Origins(set)
	if err != nil {
		fmt.Println(err)
		return
	}
	for label, class := range set.Classes() {
		fmt.Println(class, "is made of", origins[label].Class, origins[label].Changed)
	}
	// Output:
	// A is made of A false
	// B is made of B false
	// A@mirror is made of A true
	// B@mirror is made of B true
}
