package data_test

import (
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/unipair/unipair/pkg/data"
)

func example(t *testing.T) *data.PairBatches {
	return &data.PairBatches{
		Dataset: data.Rotations(glyphs(t, data.GlyphsConfig{Classes: 7, PerClass: 6, Size: 16})),
		Classes: 5, PerClass: 4, Size: 14, Augment: data.DefaultAugment(), Mean: 0.08, Std: 0.2, Seed: 11, Steps: 12,
	}
}

func equal(a, b batch) bool {
	return slices.Equal(a.pixels, b.pixels) && slices.Equal(a.labels, b.labels)
}

func TestWorkersChangeNothing(t *testing.T) {
	one := example(t)
	one.Workers = 1
	want := take(t, one, 0)
	if len(want) != 12 {
		t.Fatalf("%d batches of 12 steps", len(want))
	}
	for _, workers := range []int{0, 2, 3, 16} {
		p := example(t)
		p.Workers = workers
		for range 2 { // and a second iteration is the first again
			if got := take(t, p, 0); !slices.EqualFunc(got, want, equal) {
				t.Errorf("%d workers make other batches", workers)
			}
		}
	}
	p := example(t)
	p.Seed++
	if got := take(t, p, 0); slices.EqualFunc(got, want, equal) {
		t.Error("another seed makes the same batches")
	}
}

func TestStartGoesOn(t *testing.T) {
	want := take(t, example(t), 0)
	for _, start := range []int{0, 1, 5, 11, 12, 20} {
		p := example(t)
		p.Start = start
		if got := take(t, p, 0); !slices.EqualFunc(got, want[min(start, 12):], equal) {
			t.Errorf("from step %d on, batches are others: %d of %d", start, len(got), 12-start)
		}
	}
}

// TestBatchIsItsImages makes a batch once more, by the public pieces it is documented to be made of.
func TestBatchIsItsImages(t *testing.T) {
	p := example(t)
	plain := example(t)
	plain.Augment, plain.Mean, plain.Std = data.Augment{}, 0, 0
	changed, images := take(t, p, 3), take(t, plain, 3)
	for step := range images {
		for k := range images[step].labels {
			const area = 14 * 14
			original := data.Image{Width: 14, Height: 14, Pixels: images[step].pixels[k*area : (k+1)*area]}
			want := data.DefaultAugment().Apply(original, 11, uint64(step*20+k))
			for i, x := range want.Pixels {
				want.Pixels[i] = (x - 0.08) / 0.2
			}
			if !slices.Equal(want.Pixels, changed[step].pixels[k*area:(k+1)*area]) {
				t.Fatalf("step %d, example %d is another image", step, k)
			}
		}
	}
}

// TestStoppingLeavesNoGoroutine: a bubble of synctest fails when goroutines are left in it.
func TestStoppingLeavesNoGoroutine(t *testing.T) {
	for _, after := range []int{1, 2, 50} {
		for _, workers := range []int{0, 1, 5} {
			synctest.Test(t, func(t *testing.T) {
				p := example(t)
				p.Steps, p.Workers = 0, workers
				if got := take(t, p, after); len(got) != after {
					t.Errorf("%d batches, want %d", len(got), after)
				}
				next, stop := iter.Pull2(p.Iter())
				if _, err, ok := next(); err != nil || !ok {
					t.Error("no batch:", err)
				}
				stop()
			})
		}
	}
}

// TestPrefetchIsBounded: while the consumer rests, the workers make some batches and then rest, too.
func TestPrefetchIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted := &counter{Dataset: newPlain(3, 3)}
		// So large that the labels asked for by Validate do not matter.
		p := &data.PairBatches{Dataset: counted, Classes: 2, PerClass: 100, Size: 2, Workers: 3}
		for range p.Iter() {
			synctest.Wait() // returns when every worker rests; without a bound, never
			if made := counted.made.Load() / 200; made != 7 {
				t.Errorf("%d batches made, want the consumer's and two for each of 3 workers", made)
			}
			break
		}
	})
}

// counter counts how often it is asked for a label, which is once an example.
type counter struct {
	data.Dataset
	made atomic.Int64
}

func (c *counter) Label(i int) int {
	c.made.Add(1)
	return c.Dataset.Label(i)
}
