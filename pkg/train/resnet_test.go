package train_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/nlpodyssey/safetensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/train/internal/network"
	"github.com/unipair/unipair/pkg/train/internal/networktest"
)

// A residual network trains from a file, is resumed, and needs the file no more.
func TestResNetTrains(t *testing.T) {
	b, c, dir := backendtest.XLA(t), tiny(), t.TempDir()
	c.Network = train.Network{Architecture: train.ArchitectureResNet18, Size: 32, Dim: 8}
	c.Steps, c.Warmup, c.LearningRate, c.Classes, c.PerClass = 5, 0, 1e-3, 2, 2
	layers, err := network.ResNet18.New(b, model.NewStore(), network.Spec{Dim: 8}, network.NewSource(1, network.ForLayers))
	if err != nil {
		t.Fatal(err)
	}
	c.Weights = networktest.WeightsFile(t, network.All(layers), "", safetensors.BF16, nil)
	set := tints{bars}
	ctx, options := interrupt(dir, 2)
	options.SaveEvery = 2
	if _, err := train.Run(ctx, b, c, set, options); err == nil {
		t.Fatal("was not interrupted")
	}
	if err := os.Remove(c.Weights); err != nil {
		t.Fatal(err)
	}
	result, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if h := result.History; len(h) != 5 || h[4].Loss == h[0].Loss {
		t.Errorf("%d records, loss %v at first, %v at last", len(h), h[0].Loss, h[len(h)-1].Loss)
	}
	loaded, err := train.Load(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	gray := data.Image{Width: 8, Height: 8, Pixels: make([]float32, 64)} // gray images are repeated
	one, err := loaded.Embed(gray)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := result.Embedder.Embed(gray.As(3)); err != nil || !slices.Equal(one, two) {
		t.Errorf("gray and repeated gray embed as %v and %v: %v", one, two, err)
	}
}

func TestWeightsRefuse(t *testing.T) {
	b, set, dir := backendtest.Go(t), tints{bars}, filepath.Join(t.TempDir(), "run")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(c *train.Config)
		want   string
	}{
		{"a text", func(c *train.Config) {
			c.Network, c.Weights = train.Network{Architecture: train.ArchitectureResNet18, Size: 32, Dim: 8}, text
		}, "is no safetensors file"},
		{"for another architecture", func(c *train.Config) { c.Weights = text }, "weights from a file are for resnet18"},
		{"images too small", func(c *train.Config) {
			c.Network = train.Network{Architecture: train.ArchitectureResNet18, Size: 28, Dim: 8}
		}, "in [32, 512] pixels for resnet18"},
		{"gray images", func(c *train.Config) {
			c.Network = train.Network{Architecture: train.ArchitectureResNet18, Size: 32, Dim: 8, Channels: 1}
		}, "resnet18 takes images in colour"},
	} {
		c := tiny()
		test.change(&c)
		if _, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%q: the directory was made before the refusal", test.want)
		}
	}
}
