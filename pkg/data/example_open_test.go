package data_test

import (
	"context"
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

// Published sets are opened by name; what is learnt from and what is measured with have no class in common.
func ExampleOpen() {
	for _, p := range data.Catalogue()[:3] {
		fmt.Println(p.Name+":", p.Licence)
	}
	parts, err := data.Open(context.Background(), "fashion-mnist", data.Options{Progress: func(line string) { fmt.Println(line) }})
	if err != nil {
		fmt.Println(err) // says what is missing, and what to do
		return
	}
	fmt.Println(parts.Train.Classes(), parts.Test.Classes(), parts.Disjoint())
}
