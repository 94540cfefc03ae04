package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// A small network learns ten characters in 40 steps. Then it is asked about ten others that it has never seen: is the nearest picture to
// each one of the same character?
func ExampleRun() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	characters, err := data.Glyphs(data.GlyphsConfig{Classes: 20, PerClass: 8, Size: 16})
	if err != nil {
		log.Fatal(err)
	}
	learnt, unseen, err := data.HoldOut(characters, 0.5, 1)
	if err != nil {
		log.Fatal(err)
	}

	config := train.DefaultConfig()
	config.Loss, config.Set = "circle", map[string]string{"margin": "0.4"}
	config.Network = train.Network{Size: 16, Width: 4, Dim: 16}
	config.PerClass, config.Steps, config.Warmup, config.LearningRate = 2, 40, 5, 1e-2
	result, err := train.Run(context.Background(), backend, config, learnt, train.Options{})
	if err != nil {
		log.Fatal(err)
	}

	first, last := result.History[0], result.History[result.Step-1]
	gap := func(r train.Record) float64 { return r.Positive.Mean - r.Negative.Mean }
	fmt.Println("within a class images have come nearer than between classes:", gap(last) > gap(first)+0.1)
	set, err := result.Embedder.EmbedSet(unseen)
	if err != nil {
		log.Fatal(err)
	}
	found, err := eval.Retrieve(set, eval.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the nearest is of the same class more often than not:", found.PrecisionAt1 > 0.5)
	// Output:
	// within a class images have come nearer than between classes: true
	// the nearest is of the same class more often than not: true
}
