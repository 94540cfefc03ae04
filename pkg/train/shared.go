package train

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
)

// checkShared returns an error if a set whose images have several labels cannot be learnt from as the configuration says.
func (c Config) checkShared(set data.Dataset, labels losses.Labels) error {
	refuse := func(what, instead string) error {
		return fmt.Errorf("train: the images of %s have several labels each, and %s: %s", set.Name(), what, instead)
	}
	switch {
	case labels == losses.ClassLabels:
		return refuse(fmt.Sprintf("%s compares an image with one class", c.Loss), "take a pair-wise loss (circle, multi-similarity, triplet)")
	case c.HardClasses > 0:
		return refuse("no class is taken for another", "leave HardClasses (--hard-classes) 0")
	case c.CrossBatch > 0:
		return refuse("a memory keeps one class of each", "leave CrossBatch (--cross-batch) 0")
	case c.ViewPairs:
		return refuse("none comes twice in a batch", "leave ViewPairs (--view-pairs) false")
	}
	names, of, _ := data.Labels(set)
	counts := make([]int, len(names))
	for _, labels := range of {
		for _, label := range labels {
			if counts[label]++; counts[label] > 1 {
				return nil
			}
		}
	}
	return fmt.Errorf("train: no label of %s is of two images, so that there is no pair to learn from: add images", set.Name())
}

// sharedRows says what the rows of a batch are of by their labels [batch, labels], 0 or 1.
func sharedRows(labels *tensors.Tensor) (rows, error) {
	flat, err := tensors.CopyFlatData[int32](labels)
	if err != nil {
		return rows{}, fmt.Errorf("train: labels of a batch: %w", err)
	}
	n := labels.Shape().Dim(0)
	each := len(flat) / n
	r := rows{classes: make([]int32, n), labels: make([][]int, n)}
	for i, has := range flat {
		if has != 0 {
			r.labels[i/each] = append(r.labels[i/each], i%each)
		}
	}
	return r, nil
}
