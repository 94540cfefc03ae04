package data

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"slices"
)

// HoldOut divides a set by class: fraction of the classes, rounded, to validate with, and the others to train on. No class is in both
// parts. A class goes with its [Rotations] and [Mirrored] forms, which would give it away; the validation part has only the class as it
// is. HoldOut asks [Origins] what a class was made of, also through sets that wrap others. Which classes are held out depends on their
// names and the seed alone, so that a class which is added or taken away hardly moves the others.
//
// Images of several labels ([Labels]) cannot be divided so: a label is in both parts.
//
// A class with a single image is trained on, and does not count for the fraction: without a second image there is nothing to
// retrieve. It is an error unless at least 2 of the other classes are in each part, and if the set does not say what its classes were
// made of ([OriginSet]).
func HoldOut(ds Dataset, fraction float64, seed uint64) (training, validation Dataset, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, fmt.Errorf("data: the fraction of classes to hold out must be in (0, 1), got %g", fraction)
	}
	learn, hold, err := drawHeldOut(ds, fraction, seed)
	if err != nil {
		return nil, nil, err
	}
	return Subset(ds, ds.Name()+", training classes", learn), Subset(ds, ds.Name()+", validation classes", hold), nil
}

// drawHeldOut chooses the classes of [HoldOut]: learn keeps those to train on, hold those to validate with.
func drawHeldOut(ds Dataset, fraction float64, seed uint64) (learn, hold func(class string) bool, err error) {
	if severalLabels(ds) {
		return nil, nil, cannotHoldOut(ds)
	}
	origins, err := Origins(ds)
	if err != nil {
		return nil, nil, err
	}
	images := make(map[string]int) // of each class as it is
	for label, of := range imagesByClass(ds) {
		if o := origins[label]; !o.Changed {
			images[o.Class] += len(of)
		}
	}
	var names []string
	for name, count := range images {
		if count > 1 {
			names = append(names, name)
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
	of := make(map[string]Origin, len(origins))
	for label, class := range ds.Classes() {
		of[class] = origins[label]
	}
	return func(class string) bool { return !out[of[class].Class] },
		func(class string) bool { return out[of[class].Class] && !of[class].Changed }, nil
}

// lot returns the place of a class in the draw of a seed.
func lot(class string, seed uint64) uint64 {
	hash := fnv.New64a()
	_, _ = io.WriteString(hash, class) // a hash takes all
	return scatter(hash.Sum64() ^ scatter(seed))
}
