package train

import (
	"errors"
	"fmt"
	"iter"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
)

// batch is what a step learns from.
type batch struct {
	images, labels *tensors.Tensor // float32 [batch, size, size, channels] or [batch, features], int32 [batch]
	classes        []int32         // the labels once more, on the host
}

// pairBatches are the batches of a run, from the one after done on.
func pairBatches(set data.Dataset, c Config, done int) *data.PairBatches {
	channels := 0
	if !c.onFeatures() {
		channels = c.channels()
	}
	return &data.PairBatches{
		Channels: channels,
		Dataset:  set, Classes: c.Classes, PerClass: c.PerClass, Size: c.Size, Invert: c.Invert, Fit: c.Fit, Augment: c.Augment, Seed: c.Seed,
		Random: c.Sampling == SampleRandom, SuperClasses: c.SuperClasses,
		Start: done, Steps: c.Steps,
	}
}

// pull returns a function that gives the batches one by one, and one that ends it.
func pull(batches *data.PairBatches) (next func() (batch, error), stop func()) {
	take, stop := iter.Pull2(batches.Iter())
	return func() (batch, error) {
		yielded, err, ok := take()
		if !ok {
			return batch{}, errors.New("train: there are fewer batches than steps")
		}
		if err != nil {
			return batch{}, fmt.Errorf("train: %w", err)
		}
		b := batch{images: yielded.Inputs[0], labels: yielded.Labels[0]}
		if b.classes, err = tensors.CopyFlatData[int32](b.labels); err != nil {
			return batch{}, fmt.Errorf("train: labels of a batch: %w", err)
		}
		return b, nil
	}, stop
}
