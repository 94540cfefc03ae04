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

// A run is kept in a directory. Its network is loaded again, embeds a picture, and finds those most like it.
func ExampleLoad() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
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
	references, err := embedder.EmbedSet(characters)
	if err != nil {
		log.Fatal(err)
	}
	picture, err := characters.Image(0) // of a file: data.ReadImage
	if err != nil {
		log.Fatal(err)
	}
	vector, err := embedder.Embed(picture)
	if err != nil {
		log.Fatal(err)
	}
	query := eval.Set{Dim: references.Dim, Embeddings: vector, Labels: []int32{-1}} // its class is not asked
	nearest, err := eval.Neighbours(query, references, 3)
	if err != nil {
		log.Fatal(err)
	}
	for _, found := range nearest[0] {
		fmt.Println("of class", references.Labels[found.Index], "itself:", found.Distance == 0)
	}
	// Output:
	// of class 0 itself: true
	// of class 0 itself: false
	// of class 0 itself: false
}
