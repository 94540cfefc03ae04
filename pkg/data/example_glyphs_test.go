package data_test

import (
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
