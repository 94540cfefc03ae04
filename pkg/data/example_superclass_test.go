package data_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

// Classes of a few kinds in a batch are harder to tell apart: here two alphabets.
func ExampleSuperClass() {
	fmt.Println(data.SuperClass("Greek/character01"), data.SuperClass("WOMEN/Dresses/id_00000002"))
	// Output:
	// Greek WOMEN/Dresses
}
