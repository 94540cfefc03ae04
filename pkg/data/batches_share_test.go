package data_test

import (
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// Parts of a batch have its labels, whole, and their images of it, whoever makes them, whether images come twice or in further ways.
func TestSharedBatches(t *testing.T) {
	for name, p := range map[string]*data.PairBatches{
		"changed at random": {Dataset: newPlain(7, 4, 5), Classes: 3, PerClass: 3, Size: 8, Augment: data.DefaultAugment()},
		"images come twice": {Dataset: newPlain(2, 4, 5), Classes: 3, PerClass: 3, Size: 2, Numbered: true},
		"in further ways":   {Dataset: inWays(2, 3), Classes: 4, PerClass: 3},
		"at random":         {Dataset: newPlain(7, 4, 5), Classes: 2, PerClass: 4, Size: 2, Random: true},
	} {
		p.Seed, p.Steps = 3, 5
		whole := take(t, p, 0)
		for _, cuts := range [][]int{{0, 1, 8}, {0, 3, 4, 8}} {
			cuts[len(cuts)-1] = p.Classes * p.PerClass
			joined := make([][]float32, len(whole))
			for i := range len(cuts) - 1 {
				p.Share = func(n int) (from, to int) {
					if n != p.Classes*p.PerClass {
						t.Errorf("%s: asked for a share of %d images", name, n)
					}
					return cuts[i], cuts[i+1]
				}
				for step, part := range take(t, p, 0) {
					if part.dimensions[0] != cuts[i+1]-cuts[i] || !slices.Equal(part.labels, whole[step].labels) {
						t.Errorf("%s: step %d has %v images and the labels %v", name, step, part.dimensions, part.labels)
					}
					joined[step] = append(joined[step], part.pixels...)
				}
			}
			for step := range whole {
				if !slices.Equal(joined[step], whole[step].pixels) {
					t.Errorf("%s: step %d is another batch in parts %v", name, step, cuts)
				}
			}
			p.Share = nil
		}
	}
}
