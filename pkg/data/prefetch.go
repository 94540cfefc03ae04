package data

import (
	"context"
	"iter"
	"runtime"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
)

// Iter implements [train.Dataset]; every iteration begins with step Start. A wrong field or an image that cannot be read is
// yielded as an error, and ends it.
func (p *PairBatches) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		if err := p.Validate(); err != nil {
			yield(train.Batch{}, err)
			return
		}
		if err := p.Prepare(context.Background(), nil); err != nil {
			yield(train.Batch{}, err)
			return
		}
		for made := range p.ahead() {
			if made.err != nil {
				yield(train.Batch{}, made.err)
				return
			}
			n := len(made.pixels) / p.numbers()
			dims := []int{made.drawn}
			if each := len(made.labels) / made.drawn; each > 1 || made.several {
				dims = []int{made.drawn, each}
			}
			batch := train.Batch{
				Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(made.pixels, append([]int{n}, p.shape()...)...)},
				Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(made.labels, dims...)},
			}
			if !yield(batch, nil) {
				return
			}
		}
	}
}

// made is a finished batch, on the host.
type made struct {
	drawn  int // images
	pixels []float32
	labels []int32 // one per image, or two: its label and its number; or as many as there are labels

	several bool
	err     error
}

// ahead yields the batches in order while workers make the next ones.
func (p *PairBatches) ahead() iter.Seq[made] {
	return func(yield func(made) bool) {
		workers := p.Workers
		if workers == 0 {
			workers = runtime.GOMAXPROCS(0)
		}
		type job struct {
			step  int
			drawn []int
			done  chan made // holds one, so that a worker never waits for the consumer
		}
		stop := make(chan struct{})
		jobs := make(chan job)
		ordered := make(chan chan made, 2*workers) // its length bounds how far ahead the workers are
		p.several.Do(func() { p.names, p.sets, _ = Labels(p.Dataset) })
		var running sync.WaitGroup
		defer running.Wait()
		defer close(stop)

		running.Go(func() { // one goroutine draws, since a draw depends on all before it
			defer close(ordered)
			defer close(jobs)
			sampler := p.sampler()
			for step := p.Since; p.Steps == 0 || step < p.Steps; step++ {
				drawn := sampler.next()
				if step < p.Start {
					continue
				}
				next := job{step, drawn, make(chan made, 1)}
				select {
				case ordered <- next.done:
				case <-stop:
					return
				}
				select {
				case jobs <- next:
				case <-stop:
					return
				}
			}
		})
		for range workers {
			running.Go(func() {
				for j := range jobs {
					j.done <- p.batch(j.step, j.drawn)
				}
			})
		}
		for done := range ordered {
			if !yield(<-done) {
				return
			}
		}
	}
}

// batch makes the batch of a step of the images drawn for it. The random numbers of an example are its own, so that it does
// not matter who makes it, and when.
func (p *PairBatches) batch(step int, drawn []int) made {
	shape, numbers := p.shape(), p.numbers()
	from, to := 0, len(drawn)
	if p.Share != nil {
		from, to = p.Share(len(drawn))
	}
	out := made{drawn: len(drawn), pixels: make([]float32, (to-from)*numbers), labels: make([]int32, 0, 2*len(drawn))}
	if p.sets != nil {
		out.labels, out.several = p.labelsOf(drawn), true
	}
	drawnBefore := make(map[int]int)
	for k, i := range drawn {
		if p.sets == nil {
			out.labels = append(out.labels, int32(p.Dataset.Label(i)))
		}
		if p.Numbered {
			out.labels = append(out.labels, int32(i))
		}
		way := p.way(step, i, drawnBefore[i])
		drawnBefore[i]++
		if k < from || k >= to {
			continue
		}
		m, err := p.images.get(way*p.Dataset.Len() + i)
		if err != nil {
			return made{err: err}
		}
		into := out.pixels[(k-from)*numbers : (k-from+1)*numbers]
		if p.Augment == (Augment{}) {
			copy(into, m.Pixels)
		} else {
			p.Augment.change(Image{shape[1], shape[0], into}, m, p.Seed, uint64(step)*uint64(len(drawn))+uint64(k))
		}
	}
	normalise(out.pixels, p.Mean, p.Std)
	return out
}
