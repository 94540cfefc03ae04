package parts

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	gomlx "github.com/gomlx/gomlx/ml/train"

	"github.com/unipair/unipair/bench/retrieval"
	"github.com/unipair/unipair/bench/training"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/losses"
)

const (
	dim      = 128
	perClass = 4
)

// Names returns the losses that can be measured: all.
func Names() (names []string) {
	for _, entry := range losses.Catalogue() {
		names = append(names, entry.Name)
	}
	return names
}

// parts lists what is to be measured, and sets what is left open.
func (c *Config) parts() (all []part, err error) {
	if c.Duration == 0 {
		c.Duration = 200 * time.Millisecond
	}
	sizes, names := c.Sizes, c.Losses
	if len(sizes) == 0 {
		sizes = []int{32, 128, 512}
	}
	if len(names) == 0 {
		names = Names()
		all = append(all, c.pipeline(), c.step(), c.evaluation(false), c.evaluation(true))
	}
	for _, name := range names {
		entry, err := losses.Find(name)
		if err != nil {
			return nil, err
		}
		for _, rows := range sizes {
			if rows < 2*perClass || rows%perClass != 0 {
				return nil, fmt.Errorf("bench: a batch has %d rows of each class: its size must be a multiple of %d, at least %d, got %d",
					perClass, perClass, 2*perClass, rows)
			}
			all = append(all, c.loss(entry, rows))
		}
	}
	return all, nil
}

// loss returns value and gradients of a loss as a user binds it to a trainer, on a batch that lies on the device.
func (c *Config) loss(entry losses.Entry, rows int) part {
	return part{entry.Name, fmt.Sprintf("%d rows", rows), false, func(context.Context) (running, error) {
		bound := losses.PairWise(entry.Default, entry.Similarity, losses.Mean)
		weights := 0
		if entry.Labels == losses.ClassLabels {
			bound = losses.ClassLevel(entry.Default, entry.Similarity, losses.Mean)
			weights = rows / perClass * losses.CentersOf(entry.Default)
		}
		exec, err := graph.NewExec(c.device, func(batch []*graph.Node) []*graph.Node {
			value := bound(batch[:1], batch[1:])
			return append([]*graph.Node{value}, graph.Gradient(value, batch[1:]...)...)
		})
		if err != nil {
			return running{}, err
		}
		close := func() error { exec.Finalize(); return nil }
		inputs, err := c.batch(rows, weights)
		if err != nil {
			return running{}, errors.Join(err, close())
		}
		return running{close: close, run: func() error {
			out, err := exec.Call(inputs...)
			if err != nil {
				return err
			}
			_ = tensors.ToScalar[float32](out[0]) // waits for the whole program
			for _, t := range out {
				if err := t.FinalizeAll(); err != nil {
					return err
				}
			}
			return nil
		}}, nil
	}}
}

// batch puts labels, embeddings and, where there are any, class weights onto the device.
func (c *Config) batch(rows, weights int) (inputs []any, err error) {
	random := rand.New(rand.NewPCG(uint64(rows), 0))
	matrix := func(rows int) *tensors.Tensor {
		numbers := make([]float32, rows*dim)
		for i := range numbers {
			numbers[i] = float32(random.NormFloat64())
		}
		return tensors.FromFlatDataAndDimensions(numbers, rows, dim)
	}
	labels := make([]int32, rows)
	for i := range labels {
		labels[i] = int32(i / perClass)
	}
	all := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, rows), matrix(rows)}
	if weights > 0 {
		all = append(all, matrix(weights))
	}
	for _, t := range all {
		if err := t.ToDevice(c.device, 0); err != nil {
			return nil, err
		}
		inputs = append(inputs, t)
	}
	return inputs, nil
}

// pipeline returns the drawing and augmenting of the batches that [Config.step] trains on.
func (c *Config) pipeline() part {
	return part{"pipeline: a batch drawn and augmented", "96 images", true, func(context.Context) (running, error) {
		batches, err := training.Batches()
		if err != nil {
			return running{}, err
		}
		next, stop := iter.Pull2(batches.Iter())
		return running{close: func() error { stop(); return nil }, run: func() error {
			batch, err, more := next()
			if err == nil && !more {
				err = errors.New("there are no more batches")
			}
			return errors.Join(err, freed(batch))
		}}, nil
	}}
}

// freed frees what a batch holds.
func freed(batch gomlx.Batch) error {
	var failures []error
	for _, t := range append(batch.Inputs, batch.Labels...) {
		failures = append(failures, t.FinalizeAll())
	}
	return errors.Join(failures...)
}

// step returns a step of recipe R28, its batch included.
func (c *Config) step() part {
	return part{"training: a step of R28, its batch included", "96 images", true, func(ctx context.Context) (running, error) {
		steps, stop, err := training.Start(ctx, c.device)
		return running{close: stop, run: func() error {
			_, err := steps.Take(1)
			return err
		}}, err
	}}
}

// evaluation returns all scores of a set among itself, by the backend or in Go alone.
func (c *Config) evaluation(inGo bool) part {
	const vectors = 4000
	options, by := eval.Options{Backend: c.device}, c.device.Name()
	if inGo {
		options.Backend, by = nil, "Go alone"
	}
	return part{"evaluation: all scores, by " + by, fmt.Sprintf("%d × 64", vectors), true, func(context.Context) (running, error) {
		set := retrieval.Clusters(vectors, 20)
		return running{close: func() error { return nil }, run: func() error {
			_, err := eval.Retrieve(set, options)
			return err
		}}, nil
	}}
}
