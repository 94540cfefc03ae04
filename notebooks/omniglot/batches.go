package omniglot

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Alone returns the fraction of the images in a recipe's batches that have no other of their class beside them.
func (r Recipe) Alone() (float64, error) {
	learn, err := r.learns()
	if err != nil {
		return 0, err
	}
	c, alone, all := r.Config(), 0, 0
	batches := data.PairBatches{Dataset: learn, Classes: c.Classes, PerClass: c.PerClass, Random: c.Sampling == train.SampleRandom,
		Size: 1, Seed: c.Seed, Steps: c.Steps} // what is drawn depends on neither size nor augmentation
	for batch, err := range batches.Iter() {
		if err != nil {
			return 0, err
		}
		labels, err := tensors.CopyFlatData[int32](batch.Labels[0])
		if err != nil {
			return 0, err
		}
		count := map[int32]int{}
		for _, label := range labels {
			count[label]++
		}
		for _, label := range labels {
			if count[label] == 1 {
				alone++
			}
		}
		all += len(labels)
	}
	return float64(alone) / float64(all), nil
}
