package onnx_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/onnx"
	"github.com/unipair/unipair/pkg/train"
)

// A linear head learns on a network from an ONNX file, a small transformer here, whose tokens are pooled by their mean. The run is opened
// again, and embeds pictures.
func ExampleRun() {
	ctx := context.Background()
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	characters, err := data.Glyphs(data.GlyphsConfig{Classes: 10, PerClass: 8, Size: 28})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	config := train.DefaultConfig()
	config.Network = train.Network{
		Architecture: "onnx:../../internal/onnxfile/testdata/vit.onnx",
		Dim:          16,
		Backbone:     train.Backbone{Pixels: onnx.Presets()["clip"], Pool: "mean"},
	}
	config.PerClass, config.Steps, config.Warmup, config.LearningRate = 3, 300, 5, 1e-2
	result, err := onnx.Run(ctx, backend, config, characters, train.Options{Dir: dir}, nil)
	if err != nil {
		log.Fatal(err)
	}
	first, last := result.History[0], result.History[result.Step-1]
	gap := func(r train.Record) float64 { return r.Positive.Mean - r.Negative.Mean }
	fmt.Println("within a class images have come nearer than between classes:", gap(last) > 2*gap(first))

	embedder, err := onnx.Load(ctx, backend, dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	set, err := embedder.EmbedSet(characters)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("embeddings:", len(set.Labels), "of", set.Dim, "numbers")
	// Output:
	// within a class images have come nearer than between classes: true
	// embeddings: 80 of 16 numbers
}

// The network of a run becomes one file, for programs without Go.
func ExampleWrite() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	photos, err := data.Folder(context.Background(), "photos", data.Options{})
	if err != nil {
		log.Fatal(err)
	}
	run := filepath.Join("runs", "photos")
	if err := onnx.Write(context.Background(), backend, "photos.onnx", run, photos); err != nil {
		log.Fatal(err)
	}
}
