package onnxfile_test

import (
	"slices"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// A vision transformer from an ONNX file learns, is saved and loaded.
func TestLearns(t *testing.T) {
	b := backendtest.XLA(t)
	f, err := onnxfile.Open(b, "testdata/vit.onnx", onnxfile.Choice{Pool: onnxfile.First, Preparation: &unit})
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		t.Fatal(err)
	}
	network := train.Function{Name: f.Sum[:12], Build: f.Trainable(f.Layers())}
	c := train.DefaultConfig()
	c.Network = train.Network{Size: f.Input.Size, Channels: f.Input.Channels, Dim: f.Dim}
	c.Steps, c.Classes, c.PerClass, c.LearningRate = 60, 8, 4, 0.01
	dir := t.TempDir()
	result, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir, Network: &network})
	if err != nil {
		t.Fatal(err)
	}
	h := result.History
	first, last := h[0], h[len(h)-1]
	apart := func(r train.Record) float64 { return float64(r.Positive.Mean - r.Negative.Mean) }
	if apart(last) < apart(first)+0.04 {
		t.Errorf("s_p − s_n is %.3f at first and %.3f at last", apart(first), apart(last))
	}
	image, err := set.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := train.LoadFunction(b, dir, network)
	if err != nil {
		t.Fatal(err)
	}
	want, err := result.Embedder.Embed(image)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := loaded.Embed(image); err != nil || !slices.Equal(got, want) {
		t.Errorf("loaded, it embeds an image as %v, %v; want %v", got, err, want)
	}
}
