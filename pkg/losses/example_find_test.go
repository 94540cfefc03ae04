package losses_test

import (
	"fmt"
	"log"

	"github.com/unipair/unipair/pkg/losses"
)

// Programs choose losses, similarities and reductions by their names.
func ExampleFind() {
	entry, err := losses.Find("circle")
	if err != nil {
		log.Fatal(err)
	}
	loss, err := entry.With(map[string]string{"margin": "0.25", "gamma": "256"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T%+v of %v\n", loss, loss, entry.Similarity)
	_, err = losses.FindSimilarity("cosin")
	fmt.Println(err)
	// Output:
	// losses.Circle{Margin:0.25 Gamma:256} of cosine
	// unknown similarity "cosin": did you mean cosine?
}
