package train

import (
	"errors"
	"fmt"
	"iter"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// batch holds what a step learns from.
type batch struct {
	images, labels *tensors.Tensor // float32 [batch, size, size, channels] or [batch, features], int32 as the loss takes them
	rows           rows
}

// pairBatches returns the batches of a run, from the one after done on.
func pairBatches(set data.Dataset, c Config, done int) *data.PairBatches {
	channels := c.channels()
	if c.onFeatures() { // pictures were prepared before the backbone
		c.Invert, c.Fit, c.Resampling, c.Augment, channels = "", "", "", data.Augment{}, 0
	}
	return &data.PairBatches{
		Channels: channels,
		Dataset:  set, Classes: c.Classes, PerClass: c.PerClass, Size: c.Size, Invert: c.Invert, Fit: c.Fit, Resampling: c.Resampling, Augment: c.Augment, Seed: c.Seed,
		Random: c.Sampling == SampleRandom, SuperClasses: c.SuperClasses,
		Start: done, Steps: c.Steps,
	}
}

// checkPairs returns whether batches may have an image twice that is to be no pair. It is an error if the loss would have no pair of one
// class at all, or was to have those of an image with itself and there are none.
func (c Config) checkPairs(batches *data.PairBatches, labels losses.Labels) (numbered bool, err error) {
	set, several := batches.Dataset, false
	if _, _, ok := data.Labels(set); ok {
		return false, c.checkShared(set, labels)
	}
	images := make([]int, len(set.Classes()))
	for i := range set.Len() {
		images[set.Label(i)]++
		several = several || images[set.Label(i)] > 1
	}
	short := c.Sampling == SampleClasses && len(batches.Short()) > 0
	switch {
	case c.ViewPairs && !short:
		return false, fmt.Errorf("train: no image of %s comes twice in a batch, as every class has %d or more: views of one image cannot be "+
			"pairs: leave ViewPairs (--view-pairs) false", set.Name(), c.PerClass)
	case !several && !c.ViewPairs && labels == losses.PairLabels:
		return false, fmt.Errorf("train: no class of %s has two images, so that there is no pair of one class to learn from: add images, "+
			"take a loss with class weights (am-softmax), or learn without labels from differently changed views of each image (--view-pairs)",
			set.Name())
	}
	return short && !c.ViewPairs, nil
}

// pull returns a function that gives the batches one by one, and one that ends it. The labels are int32 [batch], or, of numbered batches
// for pairs, [batch, 2], as [losses.OtherImages] takes them, or, of images with several labels, [batch, labels], for [losses.SharedLabels].
func pull(batches *data.PairBatches, forPairs bool) (next func() (batch, error), stop func()) {
	take, stop := iter.Pull2(batches.Iter())
	_, _, several := data.Labels(batches.Dataset)
	return func() (batch, error) {
		yielded, err, ok := take()
		if !ok {
			return batch{}, errors.New("train: there are fewer batches than steps")
		}
		if err != nil {
			return batch{}, fmt.Errorf("train: %w", err)
		}
		b := batch{images: yielded.Inputs[0], labels: yielded.Labels[0]}
		if several {
			b.rows, err = sharedRows(b.labels)
			return b, err
		}
		if b.rows.classes, err = tensors.CopyFlatData[int32](b.labels); err != nil {
			return batch{}, fmt.Errorf("train: labels of a batch: %w", err)
		}
		if !batches.Numbered {
			return b, nil
		}
		both := b.rows.classes
		b.rows = rows{}
		for i := 0; i < len(both); i += 2 {
			b.rows.classes, b.rows.images = append(b.rows.classes, both[i]), append(b.rows.images, both[i+1])
		}
		if !forPairs {
			if err := b.labels.FinalizeAll(); err != nil {
				return batch{}, fmt.Errorf("train: labels of a batch: %w", err)
			}
			b.labels = tensors.FromFlatDataAndDimensions(b.rows.classes, len(b.rows.classes))
		}
		return b, nil
	}, stop
}
