package data_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// blocksOfThree says of each of so many classes that it is taken for those of its block of three.
func blocksOfThree(classes int) [][]int {
	near := make([][]int, classes)
	for class := range near {
		for other := class / 3 * 3; other < class/3*3+3; other++ {
			if other != class {
				near[class] = append(near[class], other)
			}
		}
	}
	return near
}

// classesOf returns the classes of a batch, in their order.
func classesOf(b batch) []int32 { return slices.Compact(slices.Clone(b.labels)) }

// Batches of near classes have as many different classes as others, those that belong together together, and each class comes.
func TestNearClasses(t *testing.T) {
	ds := newPlain(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)
	for seed := range uint64(20) {
		p := &data.PairBatches{Dataset: ds, Classes: 6, PerClass: 2, Size: 2, Seed: seed, Near: blocksOfThree(12)}
		seen := map[int32]bool{}
		for _, b := range take(t, p, 12) {
			classes, blocks := classesOf(b), map[int32]int{}
			for _, class := range classes {
				seen[class] = true
				blocks[class/3]++
			}
			if len(classes) != 6 || len(blocks) != 2 {
				t.Fatalf("seed %d: classes %v are not of two blocks", seed, classes)
			}
		}
		if len(seen) != 12 {
			t.Errorf("seed %d: %d classes came, want all 12", seed, len(seen))
		}
	}
}

// What is drawn since a step is the same wherever an iteration begins, and other than what is drawn since another.
func TestNearSince(t *testing.T) {
	ds := newPlain(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)
	p := &data.PairBatches{Dataset: ds, Classes: 6, PerClass: 2, Size: 2, Augment: data.DefaultAugment(), Near: blocksOfThree(12), Since: 4, Start: 4, Steps: 10}
	whole := take(t, p, 10)
	if len(whole) != 6 {
		t.Fatalf("%d batches of the steps 4 to 9", len(whole))
	}
	p.Start = 7
	for i, b := range take(t, p, 10) {
		if !slices.Equal(b.pixels, whole[3+i].pixels) || !slices.Equal(b.labels, whole[3+i].labels) {
			t.Errorf("step %d is another where an iteration begins with step 7", 7+i)
		}
	}
	p.Since = 5
	if b := take(t, p, 10)[0]; slices.Equal(b.labels, whole[3].labels) && slices.Equal(b.pixels, whole[3].pixels) {
		t.Error("step 7 is the same since step 5 as since step 4")
	}
}

func TestNearRefuses(t *testing.T) {
	ds := newPlain(2, 2, 2, 2)
	for want, change := range map[string]func(p *data.PairBatches){
		"Near lists of 3":                 func(p *data.PairBatches) { p.Near = blocksOfThree(3) },
		"Near has the class 5, near to 3": func(p *data.PairBatches) { p.Near = [][]int{{}, {}, {}, {5}} },
		"are drawn by class":              func(p *data.PairBatches) { p.Near, p.Random = blocksOfThree(4), true },
		"Since must be from 0 to Start":   func(p *data.PairBatches) { p.Since = 1 },
	} {
		p := &data.PairBatches{Dataset: ds, Classes: 2, PerClass: 2, Size: 2}
		change(p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
