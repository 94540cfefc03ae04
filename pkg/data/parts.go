package data

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/suggest"
)

// Parts holds what a data set is divided into. A part that there is not is nil.
type Parts struct {
	Train      Dataset // to learn from
	Validation Dataset // to choose settings by
	Test       Dataset // to measure with, once all is chosen: the queries
	Gallery    Dataset // what the queries are looked for in; where it is nil, in Test itself, each but for itself
	Pairs      []Pair  // which images of Test to compare, for verification: is it the same class or not
	Undivided  Dataset // a set without a split, where [Options].Undivided asks for it: then there is no other part
}

// Pair is a question of a verification test: are two images of the same class?
type Pair struct {
	A, B int  // images of Test
	Same bool // the answer
	Fold int  // of cross-validation, from 0: a threshold for one fold is chosen on the others
}

// all lists the parts that there are, by name.
func (p Parts) all() map[string]Dataset {
	all := map[string]Dataset{"training": p.Train, "validation": p.Validation, "test": p.Test, "gallery": p.Gallery}
	for name, part := range all {
		if part == nil {
			delete(all, name)
		}
	}
	return all
}

// Disjoint returns an error if a class is both learnt from and measured with (or chosen by), as it is or turned or mirrored ([Origins]).
// Then one would not measure what the network makes of classes that it has never seen. The error names classes. Parts whose images have
// several labels ([Labels]) are let be: a label is in all of them.
func (p Parts) Disjoint() error {
	for _, pair := range [][2]string{{"training", "validation"}, {"training", "test"}, {"training", "gallery"}, {"validation", "test"}} {
		a, b := p.all()[pair[0]], p.all()[pair[1]]
		if a == nil || b == nil || severalLabels(a) || severalLabels(b) {
			continue
		}
		known, err := Origins(a)
		if err != nil {
			return err
		}
		asked, err := Origins(b)
		if err != nil {
			return err
		}
		learnt := make(map[string]bool)
		for _, o := range known {
			learnt[o.Class] = true
		}
		var both []string
		for label, class := range b.Classes() {
			if learnt[asked[label].Class] {
				both = append(both, class)
			}
		}
		if len(both) > 0 {
			return fmt.Errorf("data: the %s part (%s) and the %s part (%s) have classes in common: %s; put all images of a class into one part",
				pair[0], a.Name(), pair[1], b.Name(), suggest.Some(both))
		}
	}
	return nil
}

// withoutSplit divides a set that has no split, unless it is to stay undivided.
func withoutSplit(ds Dataset, o Options) (Parts, error) {
	if o.Undivided {
		return Parts{Undivided: ds}, nil
	}
	return HoldOutFifth(ds)
}

// ErrFewClasses is the cause of the error of [HoldOutFifth] for a set of fewer than 8 classes with more than one image.
var ErrFewClasses = errors.New("too few to hold out a fifth of them for the test, for which there must be 8")

// HoldOutFifth divides a set that has no split: a fifth of its classes, drawn by name, is for the test ([HoldOut]), the others are to learn
// from.
func HoldOutFifth(ds Dataset) (Parts, error) {
	if severalLabels(ds) {
		return Parts{}, cannotHoldOut(ds)
	}
	several := 0
	for _, images := range imagesByClass(ds) {
		if len(images) > 1 {
			several++
		}
	}
	if several < 8 { // a fifth of 7 is 1
		return Parts{}, fmt.Errorf("data: %s has %d classes with more than one image, %w: give a split, which may be all to learn from (docs/data.md)",
			ds.Name(), several, ErrFewClasses)
	}
	learn, hold, err := drawHeldOut(ds, 0.2, 1)
	if err != nil {
		return Parts{}, err
	}
	return Parts{Train: Subset(ds, ds.Name()+", training", learn), Test: Subset(ds, ds.Name()+", test", hold)}, nil
}

// partWords maps the words that people name the parts of a split with to the parts.
var partWords = map[string]string{
	"train": "training", "training": "training", "val": "validation", "valid": "validation", "validation": "validation",
	"dev": "validation", "test": "test", "testing": "test", "query": "query", "gallery": "gallery",
}

// partOf returns the part that a word stands for.
func partOf(word string) (string, error) {
	if part, ok := partWords[strings.ToLower(word)]; ok {
		return part, nil
	}
	var known []string
	for word := range partWords {
		known = append(known, word)
	}
	slices.Sort(known)
	return "", fmt.Errorf("%q names no part of a split: %s", word, suggest.For(word, known))
}

// partsOf puts the named parts of a set in their places. Queries are searched in the gallery; a test set is both.
func partsOf(set string, named map[string]Dataset) (Parts, error) {
	p := Parts{Train: named["training"], Validation: named["validation"], Test: named["test"], Gallery: named["gallery"]}
	query := named["query"]
	switch {
	case query != nil && p.Test != nil:
		return p, fmt.Errorf("data: %s: a split has queries with a gallery, or a test part, not both", set)
	case (query != nil) != (p.Gallery != nil):
		return p, fmt.Errorf("data: %s: a split with queries needs a gallery to look for them in, and a gallery needs queries", set)
	case query != nil:
		p.Test = query
	}
	return p, p.Disjoint()
}

// halves makes a class-disjoint split of a set whose published parts have the same classes. The first half of the classes of the one is
// to learn from, the second half of those of the other for the test.
func halves(name string, train, test Dataset) Parts {
	first := make(map[string]bool)
	for i, class := range train.Classes() {
		first[class] = i < len(train.Classes())/2
	}
	return Parts{
		Train: Subset(train, name+", training", func(class string) bool { return first[class] }),
		Test:  Subset(test, name+", test", func(class string) bool { return !first[class] }),
	}
}

// filled refuses a set with a part that has no image.
func (p Parts) filled() error {
	for _, name := range []string{"training", "test", "gallery"} {
		if part := p.all()[name]; part != nil && part.Len() == 0 {
			return fmt.Errorf("the %s part has no image: its list or its archive is not what is published: get it again", name)
		}
	}
	return nil
}

// look looks at the pictures of all parts, as [Folder] looks at those of a folder. It leaves out a pair of which it leaves out a picture.
func (p *Parts) look(ctx context.Context, o Options) error {
	for _, part := range []Dataset{p.Train, p.Test, p.Gallery} {
		f, ok := part.(*files)
		if !ok {
			continue
		}
		paths, channels := f.paths, f.channels
		if err := f.inspect(ctx, o); err != nil {
			return err
		}
		f.channels = channels // as the whole set has them
		if part == p.Test && len(p.Pairs) > 0 && f.Len() < len(paths) {
			if p.Pairs = pairsOf(p.Pairs, paths, f.paths); len(p.Pairs) == 0 {
				return fmt.Errorf("data: %s has no pair of which both images can be read", f.name)
			}
		}
	}
	return nil
}

// pairsOf returns the pairs both images of which are still there, by the paths before and after.
func pairsOf(pairs []Pair, before, after []string) (kept []Pair) {
	index := make(map[string]int, len(after))
	for i, path := range after {
		index[path] = i
	}
	for _, pair := range pairs {
		a, isA := index[before[pair.A]]
		b, isB := index[before[pair.B]]
		if isA && isB {
			pair.A, pair.B = a, b
			kept = append(kept, pair)
		}
	}
	return kept
}
