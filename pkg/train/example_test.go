package train_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// A small network learns characters in 40 steps, and then finds those of one kind among others that it has never seen.
func ExampleRun() {
	backend, err := compute.NewWithConfig("go")
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

// A run is kept in a directory, and its network is brought back to compare three pictures.
func ExampleLoad() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		log.Fatal(err)
	}
	characters, err := data.Glyphs(data.GlyphsConfig{Classes: 10, PerClass: 8, Size: 16})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	config := train.DefaultConfig()
	config.Network = train.Network{Size: 16, Width: 4, Dim: 16}
	config.PerClass, config.Steps, config.Warmup, config.LearningRate = 3, 30, 5, 1e-2
	config.Augment = data.Augment{}
	if _, err := train.Run(context.Background(), backend, config, characters, train.Options{Dir: dir}); err != nil {
		log.Fatal(err)
	}

	embedder, err := train.Load(backend, dir)
	if err != nil {
		log.Fatal(err)
	}
	var pictures []data.Image
	for _, i := range []int{0, 1, 8} { // two of the first character, and one of the second
		picture, err := characters.Image(i)
		if err != nil {
			log.Fatal(err)
		}
		pictures = append(pictures, picture)
	}
	vectors, err := embedder.Embed(pictures...)
	if err != nil {
		log.Fatal(err)
	}
	cosine := func(i, j int) (sum float32) {
		dim := embedder.Network.Dim
		for k := range dim {
			sum += vectors[i*dim+k] * vectors[j*dim+k]
		}
		return sum
	}
	fmt.Println(characters.Label(0) == characters.Label(1), characters.Label(0) == characters.Label(8))
	fmt.Println("nearer to its own kind:", cosine(0, 1) > cosine(0, 2)+0.5)
	// Output:
	// true false
	// nearer to its own kind: true
}
