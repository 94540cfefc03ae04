package train_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// TestFit: an embedder makes images square as its network says, which is what training did.
func TestFit(t *testing.T) {
	wide := data.Image{Width: 40, Height: 20, Pixels: make([]float32, 40*20)}
	for i := range wide.Pixels {
		wide.Pixels[i] = float32(i%7) / 7
	}
	network := tiny().Network
	network.Fit = data.FitCrop
	cropping, err := train.NewEmbedder(backendtest.Go(t), network, 1)
	if err != nil {
		t.Fatal(err)
	}
	network.Fit = data.FitSqueeze
	squeezing, err := train.NewEmbedder(backendtest.Go(t), network, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := cropping.Embed(wide)
	if err != nil {
		t.Fatal(err)
	}
	want, err := squeezing.Embed(data.FitCrop.Square(wide))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := squeezing.Embed(wide)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) || slices.Equal(got, whole) {
		t.Errorf("cropped %v, want %v, not %v", got[:3], want[:3], whole[:3])
	}
	c := tiny()
	c.Fit = "corp"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "did you mean crop?") {
		t.Error(err)
	}
}
