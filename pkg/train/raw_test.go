package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// unit returns numbers brought to length 1.
func unit(numbers []float32) (out []float32) {
	length := 0.0
	for _, x := range numbers {
		length += float64(x) * float64(x)
	}
	for _, x := range numbers {
		out = append(out, float32(float64(x)/math.Sqrt(length)))
	}
	return out
}

// near reports whether numbers are the same but for rounding.
func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-6 })
}

// Pixels and features are embedded as they are once they are prepared, by their direction.
func TestRaw(t *testing.T) {
	picture := data.Image{Width: 3, Height: 2, Pixels: []float32{
		1, 0, 0, 0.5, 0.5, 0, 0, 0, 1, 0.2, 0.4, 0.6, 0.9, 0.8, 0.7, 0, 1, 0,
	}}
	row := data.Image{Width: 4, Height: 1, Pixels: []float32{3, 0, -4, 12}}
	sum := make([]float32, 5*5)
	small := data.Preparation{Size: 5, Channels: 1}.Of(picture)
	for _, view := range append(data.SmallViews(), data.View{}) {
		for i, x := range unit(view.Apply(small).Pixels) {
			sum[i] += x
		}
	}
	for name, c := range map[string]struct {
		network train.Network
		views   []data.View
		of      data.Image
		want    []float32
	}{
		"features": {train.Network{Architecture: train.ArchitectureFeatures, Features: 4, Dim: 4}, nil, row, []float32{3. / 13, 0, -4. / 13, 12. / 13}},
		"pixels": {train.Network{Architecture: train.ArchitecturePixels, Size: 5, Dim: 75, Channels: 3, Fit: data.FitPad, Invert: data.InvertOn}, nil, picture,
			unit(data.Preparation{Size: 5, Channels: 3, Fit: data.FitPad, Invert: true}.Of(picture).Pixels)},
		"pixels, gray and cropped": {train.Network{Architecture: train.ArchitecturePixels, Size: 2, Dim: 4, Fit: data.FitCrop}, nil, picture,
			unit(data.Preparation{Size: 2, Channels: 1, Fit: data.FitCrop}.Of(picture).Pixels)},
		"pixels, in views": {train.Network{Architecture: train.ArchitecturePixels, Size: 5, Dim: 25}, data.SmallViews(), picture, unit(sum)},
	} {
		e, err := train.NewEmbedder(backendtest.Go(t), c.network, 0)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e.Views = c.views
		if got, err := e.Embed(c.of); err != nil || !near(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
}

// What has nothing to learn is refused by a training, and what cannot be so large by all.
func TestRawRefuses(t *testing.T) {
	frozen := train.Network{Architecture: "onnx:a.onnx", Backbone: train.Backbone{Head: train.HeadNone}}
	for name, c := range map[string]struct {
		network train.Network
		want    string
	}{
		"pixels":                        {train.Network{Architecture: train.ArchitecturePixels, Size: 8}, "pixels has nothing to learn: `unipair eval --architecture pixels`"},
		"features":                      {train.Network{Architecture: train.ArchitectureFeatures}, "features has nothing to learn: `unipair eval --architecture features`"},
		"a network without a head":      {frozen, "there is nothing to learn: give --head linear, or --train-backbone; `unipair eval --architecture`"},
		"pixels of no size":             {train.Network{Architecture: train.ArchitecturePixels}, "the image size must be in [1, 1024] pixels, got 0"},
		"pixels and a head":             {train.Network{Architecture: train.ArchitecturePixels, Size: 8, Backbone: train.Backbone{Pool: "mean"}}, "are for networks from elsewhere"},
		"features that are turned over": {train.Network{Architecture: train.ArchitectureFeatures, Invert: data.InvertOn}, "which are not turned over"},
	} {
		config := tiny()
		config.Network = c.network
		if _, err := train.Run(t.Context(), backendtest.Go(t), config, bars, train.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	n := train.Network{Architecture: train.ArchitecturePixels, Size: 8, Dim: 63}
	if _, err := train.NewEmbedder(backendtest.Go(t), n, 0); err == nil || !strings.Contains(err.Error(), "pixels leaves 64 numbers as they are") {
		t.Errorf("too few numbers: %v", err)
	}
}
