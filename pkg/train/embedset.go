package train

import (
	"context"
	"fmt"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/parallel"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// EmbedSet embeds a whole data set, in its order, with its labels. Images are read and resized by all processors while those
// before them are embedded; no more than a few hundred are in memory.
func (e *Embedder) EmbedSet(set data.Dataset) (eval.Set, error) {
	if e.Front == nil || set.Format().Features > 0 {
		return e.embedSet(set)
	}
	result := eval.Set{Dim: e.Network.Dim}
	var err error
	result.Embeddings, err = e.throughFront(func(front Front) ([]float32, error) {
		rows, err := front.Of(context.Background(), set)
		if err != nil {
			return nil, err
		}
		one, err := e.embedSet(rows)
		result.Labels = one.Labels
		return one.Embeddings, err
	})
	return result, err
}

// EmbedTogether embeds a whole data set by what embeds one, an [Embedder] or an [Ensemble] for instance, on several processes. Each embeds
// its share of the images, and all get the whole. A nil group is this process alone.
func EmbedTogether(g ranks.Group, by interface {
	EmbedSet(set data.Dataset) (eval.Set, error)
}, set data.Dataset) (eval.Set, error) {
	if g == nil || g.Size() == 1 {
		return by.EmbedSet(set)
	}
	if err := ranks.Same(g, "set of images", fmt.Sprintf("%+v", ContentOf(set))); err != nil {
		return eval.Set{}, err
	}
	from, to := ranks.ShareOf(g, set.Len())
	mine, err := by.EmbedSet(someImages{set, rowsFrom(from, to-from)})
	if err != nil {
		return eval.Set{}, err
	}
	all, err := g.Gather(tensors.FromFlatDataAndDimensions(mine.Embeddings, to-from, mine.Dim), set.Len())
	if err != nil {
		return eval.Set{}, err
	}
	whole := eval.Set{Dim: mine.Dim, Labels: make([]int32, set.Len())}
	for i := range whole.Labels {
		whole.Labels[i] = int32(set.Label(i))
	}
	whole.Embeddings, err = tensors.CopyFlatData[float32](all)
	return whole, err
}

// PartOf returns which of so many references a process searches, where several share it; nil is all of them, of one process.
func PartOf(g ranks.Group, references int) *eval.Part {
	if g == nil || g.Size() == 1 {
		return nil
	}
	from, to := ranks.ShareOf(g, references)
	return &eval.Part{
		From: from, To: to,
		Sum:      func(numbers []float64) ([]float64, error) { return ranks.Sums(g, numbers) },
		Greatest: func(number float64) (float64, error) { return ranks.Greatest(g, number) },
	}
}

// embedSet embeds a set of inputs of the network.
func (e *Embedder) embedSet(set data.Dataset) (eval.Set, error) {
	result := eval.Set{Dim: e.Network.Dim, Embeddings: make([]float32, 0, set.Len()*e.Network.Dim), Labels: make([]int32, set.Len())}
	for i := range result.Labels {
		result.Labels[i] = int32(set.Label(i))
	}
	type chunk struct {
		inputs []float32
		count  int
		err    error
	}
	ready, stop := make(chan chunk, 1), make(chan struct{})
	var reading sync.WaitGroup
	defer reading.Wait()
	defer close(stop)
	reading.Go(func() {
		defer close(ready)
		for first := 0; first < set.Len(); first += embedBatch {
			c := chunk{count: min(embedBatch, set.Len()-first)}
			c.inputs, c.err = e.read(set, first, c.count)
			select {
			case ready <- c:
			case <-stop:
				return
			}
		}
	})
	for c := range ready {
		if c.err != nil {
			return eval.Set{}, fmt.Errorf("train: %s: %w", set.Name(), c.err)
		}
		rows, err := e.embedViews(c.inputs)
		if err != nil {
			return eval.Set{}, err
		}
		result.Embeddings = append(result.Embeddings, rows[:c.count*e.Network.Dim]...)
		if e.Progress != nil {
			e.Progress(set.Name(), len(result.Embeddings)/e.Network.Dim, set.Len())
		}
	}
	if bad := network.NotFinite(result.Embeddings); bad >= 0 {
		return eval.Set{}, failure("train: the embedding of image %d of %s is not finite: the checkpoint is of a run that diverged",
			bad/e.Network.Dim, set.Name())
	}
	return result, nil
}

// read makes the inputs of so many images of a set, filled up to a whole batch. The error is that of the first bad one.
func (e *Embedder) read(set data.Dataset, first, count int) ([]float32, error) {
	n := e.numbers()
	inputs, errs := make([]float32, embedBatch*n), make([]error, count)
	parallel.For(count, func(i int) {
		image, err := set.Image(first + i)
		if err != nil {
			errs[i] = err
		} else if err := e.fill(inputs[i*n:(i+1)*n], image); err != nil {
			errs[i] = fmt.Errorf("image %d %w", first+i, err)
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return inputs, nil
}
