package data

import (
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// Tensor resizes images and makes a tensor float32 [len(images), size, size, channels] of them, (x − mean) / std, as
// [PairBatches] does; a std of 0 stands for 1. The channels are those of the first image, and the others are converted to them
// by [Image.As]; where the batches of a set are turned over ([Inversion]), give it [Image.Inverted] ones. It is for evaluation; the
// tensor belongs to the caller.
func Tensor(images []Image, size int, mean, std float32) (*tensors.Tensor, error) {
	switch {
	case len(images) == 0:
		return nil, errors.New("data: a tensor needs at least one image, got none")
	case size < 1 || size > 1<<12 || len(images) > maxBatch/size/size/max(1, images[0].Channels()):
		return nil, fmt.Errorf("data: a tensor of %d images of %d × %d pixels cannot be made: at least 1 pixel and at most %d numbers in all",
			len(images), size, size, maxBatch)
	case !normal(mean, std):
		return nil, fmt.Errorf("data: a tensor needs a finite mean and a finite std of at least 0, got %g and %g", mean, std)
	}
	channels := max(1, images[0].Channels())
	pixels := make([]float32, 0, len(images)*size*size*channels)
	for i, m := range images {
		if err := m.validate(); err != nil {
			return nil, fmt.Errorf("data: image %d: %w", i, err)
		}
		pixels = append(pixels, Resize(m, size).As(channels).Pixels...)
	}
	normalise(pixels, mean, std)
	return tensors.FromFlatDataAndDimensions(pixels, len(images), size, size, channels), nil
}

// normal reports whether pixels can be normalised by mean and std.
func normal(mean, std float32) bool {
	return !math.IsNaN(float64(mean)) && !math.IsInf(float64(mean), 0) && std >= 0 && !math.IsInf(float64(std), 0)
}

// normalise replaces x by (x − mean) / std.
func normalise(pixels []float32, mean, std float32) {
	if std == 0 {
		std = 1
	}
	for i, x := range pixels {
		pixels[i] = (x - mean) / std
	}
}
