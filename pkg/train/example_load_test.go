package train_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// A run is kept in a directory. Its network is loaded again and embeds three pictures, whose cosines are compared.
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
