package data

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"slices"
)

// HoldOut parts a set by class: fraction of the classes to validate with, rounded, and the others to train on. No class is in
// both parts, and a class goes with its [Rotations] and [Mirrored] forms, which would give it away; the held-out part has only
// the class as it is. Which classes are held out depends on their names and the seed alone, so that a class which is added or
// taken away hardly moves the others.
//
// A class with a single image is trained on, and does not count for the fraction: without a second image there is nothing to
// retrieve. It is an error unless at least 2 of the other classes are in each part.
func HoldOut(ds Dataset, fraction float64, seed uint64) (training, held Dataset, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, fmt.Errorf("data: the fraction of classes to hold out must be in (0, 1), got %g", fraction)
	}
	sources := sourcesOf(ds)
	var names []string
	images := make(map[string]int)
	for i := range ds.Len() {
		if s := sources[ds.Label(i)]; s.itself {
			images[s.class]++
		}
	}
	for _, s := range sources {
		if s.itself && images[s.class] > 1 {
			names = append(names, s.class)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(lot(a, seed), lot(b, seed)), cmp.Compare(a, b))
	})
	count := int(math.Round(fraction * float64(len(names))))
	if count < 2 || len(names)-count < 2 {
		return nil, nil, fmt.Errorf("data: %s has %d classes of more than one image: holding out %g of them leaves %d to validate with and %d to train on, want 2 at least of each",
			ds.Name(), len(names), fraction, count, len(names)-count)
	}
	out := make(map[string]bool, count)
	for _, name := range names[:count] {
		out[name] = true
	}
	bySource := make(map[string]source, len(sources))
	for label, class := range ds.Classes() {
		bySource[class] = sources[label]
	}
	training = Subset(ds, ds.Name()+", training classes", func(class string) bool { return !out[bySource[class].class] })
	held = Subset(ds, ds.Name()+", validation classes", func(class string) bool {
		s := bySource[class]
		return s.itself && out[s.class]
	})
	return training, held, nil
}

// source is the class that a class was made of by [Rotations] or [Mirrored].
type source struct {
	class  string
	itself bool // nothing was done to it
}

// sourcesOf returns the source of each class of a set.
func sourcesOf(ds Dataset) []source {
	var inner []source
	switch s := ds.(type) {
	case *variants:
		inner = sourcesOf(s.Dataset)
		all := make([]source, 0, len(s.classes))
		for way := range s.ways {
			for _, of := range inner {
				all = append(all, source{of.class, of.itself && way == 0})
			}
		}
		return all
	case *subset:
		inner = sourcesOf(s.Dataset)
		byName := make(map[string]source, len(inner))
		for label, class := range s.Dataset.Classes() {
			byName[class] = inner[label]
		}
		all := make([]source, len(s.classes))
		for label, class := range s.classes {
			all[label] = byName[class]
		}
		return all
	}
	for _, class := range ds.Classes() {
		inner = append(inner, source{class, true})
	}
	return inner
}

// lot is a class's place in the draw of a seed.
func lot(class string, seed uint64) uint64 {
	hash := fnv.New64a()
	_, _ = io.WriteString(hash, class) // a hash takes all
	return scatter(hash.Sum64() ^ scatter(seed))
}
