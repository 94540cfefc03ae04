package data_test

import (
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

// Classes are held out to validate with: what counts is how well a network tells apart what it has never seen.
func ExampleHoldOut() {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 10, PerClass: 5, Size: 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	training, validation, err := data.HoldOut(data.Rotations(glyphs), 0.3, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(training.Classes()), "classes to train on: 7 characters and how they look when they are turned")
	fmt.Println(len(validation.Classes()), "classes to validate with, as they are:", validation.Classes())
	// Output:
	// 28 classes to train on: 7 characters and how they look when they are turned
	// 3 classes to validate with, as they are: [A E G]
}
