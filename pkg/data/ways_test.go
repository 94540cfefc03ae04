package data_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// wayed is a set of rows of three numbers: which way it is, the class and the image.
type wayed struct {
	way, classes, perClass int
	further                []data.Dataset
}

func (n wayed) Name() string         { return "numbered" }
func (n wayed) Len() int             { return n.classes * n.perClass }
func (n wayed) Label(i int) int      { return i / n.perClass }
func (n wayed) Format() data.Format  { return data.Format{Channels: 1, Features: 3} }
func (n wayed) Ways() []data.Dataset { return n.further }
func (n wayed) Classes() (all []string) {
	for c := range n.classes {
		all = append(all, string(rune('a'+c)))
	}
	return all
}

func (n wayed) Image(i int) (data.Image, error) {
	return data.Image{Width: 3, Height: 1, Pixels: []float32{float32(n.way), float32(n.Label(i)), float32(i)}}, nil
}

// inWays is a set that was seen in further ways.
func inWays(perClass, further int) wayed {
	set := wayed{classes: 4, perClass: perClass}
	for way := range further {
		set.further = append(set.further, wayed{way: way + 1, classes: 4, perClass: perClass})
	}
	return set
}

// Batches draw each image in one of the ways, about equally often, the same in every iteration, and in two where it comes twice.
func TestWays(t *testing.T) {
	subset := func(set data.Dataset) data.Dataset {
		return data.Subset(set, "some", func(class string) bool { return class != "a" })
	}
	for name, c := range map[string]struct {
		set             data.Dataset
		classes, images int // of a batch and of a class
		ways            int
	}{
		"none":                 {inWays(5, 0), 4, 2, 1},
		"three":                {inWays(5, 2), 4, 2, 3},
		"an image comes twice": {inWays(1, 2), 4, 3, 3},
		"a subset":             {subset(inWays(5, 3)), 3, 2, 4},
	} {
		p := &data.PairBatches{Dataset: c.set, Classes: c.classes, PerClass: c.images, Seed: 3, Steps: 400}
		batches, seen := take(t, p, 0), make([]int, c.ways)
		for step, b := range batches {
			here := map[[2]float32]bool{}
			for row := range slices.Chunk(b.pixels, 3) {
				seen[int(row[0])]++
				if key := [2]float32{row[0], row[2]}; here[key] {
					t.Fatalf("%s: step %d has an image twice in a way: %v", name, step, b.pixels)
				} else {
					here[key] = true
				}
			}
		}
		each := 400 * c.classes * c.images / c.ways
		for way, count := range seen {
			if count < each*9/10 || count > each*11/10 {
				t.Errorf("%s: way %d comes %d times, want about %d", name, way, count, each)
			}
		}
		one := &data.PairBatches{Dataset: c.set, Classes: c.classes, PerClass: c.images, Seed: 3, Steps: 400, Workers: 1, Memory: 1, Start: 7}
		if again := take(t, one, 0); !slices.EqualFunc(again, batches[7:], equal) {
			t.Errorf("%s: one worker without memory makes other batches", name)
		}
	}
}

// Ways of other images are refused.
func TestWaysRefused(t *testing.T) {
	set := inWays(5, 1)
	set.further = append(set.further, wayed{classes: 4, perClass: 6})
	p := &data.PairBatches{Dataset: set, Classes: 2, PerClass: 2}
	if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "seen in another way 24 of") {
		t.Errorf("%v", err)
	}
}

// A crop is made of a larger picture, as batches do it.
func TestAugmentApplyTo(t *testing.T) {
	a := data.PhotoAugment()
	if got := a.Side(10); got != 20 {
		t.Errorf("the side is %d", got)
	}
	if got := data.DefaultAugment().Side(10); got != 10 {
		t.Errorf("the side without a crop is %d", got)
	}
	large := photo(20, 20)
	for example := range uint64(4) {
		small := a.ApplyTo(large, 10, 7, example)
		if small.Width != 10 || small.Height != 10 || len(small.Pixels) != 300 {
			t.Fatalf("%d × %d, %d numbers", small.Width, small.Height, len(small.Pixels))
		}
		if same := a.ApplyTo(large, 20, 7, example); !slices.Equal(same.Pixels, a.Apply(large, 7, example).Pixels) {
			t.Errorf("example %d at its own size is another", example)
		}
	}
}
