package data_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
)

// batch is a batch on the host.
type batch struct {
	pixels     []float32
	labels     []int32
	dimensions []int
}

// take returns the first n batches, or all if there are fewer.
func take(t *testing.T, p *data.PairBatches, n int) (taken []batch) {
	t.Helper()
	for b, err := range p.Iter() {
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Inputs) != 1 || len(b.Labels) != 1 {
			t.Fatalf("%d inputs, %d labels", len(b.Inputs), len(b.Labels))
		}
		pixels, err := tensors.CopyFlatData[float32](b.Inputs[0])
		if err != nil {
			t.Fatal(err)
		}
		labels, err := tensors.CopyFlatData[int32](b.Labels[0])
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, batch{pixels, labels, b.Inputs[0].Shape().Dimensions})
		if err := b.Finalize(); err != nil {
			t.Fatal(err)
		}
		if len(taken) == n {
			break
		}
	}
	return taken
}

// TestPasses checks, over seeds and shapes, that a batch has P classes with K images each, that each class comes once in a pass
// over the classes, and each image once in a pass over its class.
func TestPasses(t *testing.T) {
	ds := newPlain(7, 4, 5, 4, 9, 6, 4)
	for seed := range uint64(30) {
		for _, shape := range [][2]int{{1, 1}, {2, 3}, {3, 4}, {5, 2}, {6, 1}, {7, 4}} {
			classes, perClass := shape[0], shape[1]
			// Pixel 0 of an image is its index, and a size of 1 pixel would mix it with its neighbour.
			p := &data.PairBatches{Dataset: ds, Classes: classes, PerClass: perClass, Size: 2, Seed: seed}
			t.Run(fmt.Sprintf("seed %d, %d × %d", seed, classes, perClass), func(t *testing.T) {
				var drawnClasses []int
				drawnImages := map[int][]int{}
				for _, b := range take(t, p, 30) {
					if !slices.Equal(b.dimensions, []int{classes * perClass, 2, 2, 1}) || len(b.labels) != classes*perClass {
						t.Fatalf("dimensions %v, %d labels", b.dimensions, len(b.labels))
					}
					inBatch := map[int]bool{}
					for k := range b.labels {
						class, index := int(b.labels[k]), int(b.pixels[4*k])
						if k%perClass == 0 {
							if inBatch[class] {
								t.Fatalf("class %d twice in a batch", class)
							}
							inBatch[class] = true
							drawnClasses = append(drawnClasses, class)
						} else if class != int(b.labels[k-1]) {
							t.Fatalf("labels %v are not %d a class", b.labels, perClass)
						}
						if ds.Label(index) != class {
							t.Fatalf("image %d has the label %d", index, class)
						}
						drawnImages[class] = append(drawnImages[class], index)
					}
					for images := range slices.Chunk(b.pixels, 4*perClass) {
						same := map[float32]bool{}
						for k := range perClass {
							same[images[4*k]] = true
						}
						if len(same) != perClass {
							t.Fatalf("an image twice in a batch: %v", images)
						}
					}
				}
				checkPasses(t, "classes", drawnClasses, len(ds.sizes))
				for class, images := range drawnImages {
					checkPasses(t, fmt.Sprint("images of class ", class), images, ds.sizes[class])
				}
			})
		}
	}
}

// checkPasses checks that each of so many values comes once in every pass.
func checkPasses(t *testing.T, what string, drawn []int, values int) {
	t.Helper()
	for pass := range slices.Chunk(drawn, values) {
		unique := map[int]bool{}
		for _, x := range pass {
			unique[x] = true
		}
		if len(unique) != len(pass) {
			t.Fatalf("%s: a pass of %d has repetitions: %v", what, values, pass)
		}
	}
}

func TestPassesDiffer(t *testing.T) {
	ds := newPlain(slices.Repeat([]int{2}, 20)...)
	first := func(seed uint64, step int) []int32 {
		return take(t, &data.PairBatches{Dataset: ds, Classes: 20, PerClass: 1, Size: 2, Seed: seed}, step+1)[step].labels
	}
	if slices.Equal(first(1, 0), first(1, 1)) || slices.Equal(first(1, 0), first(2, 0)) || slices.IsSorted(first(1, 0)) {
		t.Error("two steps or two seeds have the same order")
	}
}

func TestShortClasses(t *testing.T) {
	p := &data.PairBatches{Dataset: newPlain(4, 3, 1, 9), Classes: 4, PerClass: 4, Size: 2}
	if got := p.Short(); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("short classes %q, want b and c", got)
	}
	for _, b := range take(t, p, 20) {
		times := map[float32]int{}
		for k := range b.labels {
			times[b.pixels[4*k]]++
		}
		// Class b has the images 4 to 6, c has 7: all of them come, as often as each other but for one.
		if b := times[4] + times[5] + times[6]; b != 4 || min(times[4], times[5], times[6]) < 1 || times[7] != 4 {
			t.Errorf("how often each image comes: %v", times)
		}
	}
}

// Random batches take every image once before one comes again, whatever its class.
func TestRandomPasses(t *testing.T) {
	ds := newPlain(7, 4, 5)
	p := &data.PairBatches{Dataset: ds, Classes: 2, PerClass: 4, Random: true, Size: 2, Seed: 3}
	var drawn []int
	for _, b := range take(t, p, 6) {
		for k, label := range b.labels {
			index := int(b.pixels[4*k])
			if ds.Label(index) != int(label) {
				t.Fatalf("image %d has the label %d", index, label)
			}
			drawn = append(drawn, index)
		}
	}
	for pass := 0; pass < 48; pass += 16 {
		seen := slices.Sorted(slices.Values(drawn[pass : pass+16]))
		if len(slices.Compact(seen)) != 16 {
			t.Errorf("pass %d has %v, want each of 16 images once", pass/16, seen)
		}
	}
	p = &data.PairBatches{Dataset: ds, Classes: 5, PerClass: 4, Random: true, Size: 2}
	if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "16 images, too few for random batches of 20") {
		t.Errorf("error %v, want one about too few images", err)
	}
}
