package data_test

import (
	"context"
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

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
