package data

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// LabelSet is a [Dataset] whose images may have several labels each: see [Labels].
type LabelSet interface {
	Dataset
	// Labels names all labels, and returns which each image has, rising and at least one; ok is false where an image is of its class alone.
	Labels() (names []string, of [][]int, ok bool)
}

// Labels returns the labels of a set whose images have several each, and which each image has, in their order. Images that share a label
// belong together, others do not. ok is false where an image is of one class, as [Dataset] has it. Where it is true, the Classes are the
// sets of labels that there are: no label is a class.
func Labels(ds Dataset) (names []string, of [][]int, ok bool) {
	if set, is := ds.(LabelSet); is {
		return set.Labels()
	}
	return nil, nil, false
}

func severalLabels(ds Dataset) bool {
	_, _, ok := Labels(ds)
	return ok
}

// labelDivider divides labels in a cell of a table, and in the names of classes that are sets of labels.
const labelDivider = ";"

// joinedLabels returns the class of a cell with labels: them in their order, each once.
func joinedLabels(cell string) (string, error) {
	all := strings.Split(cell, labelDivider)
	for i, label := range all {
		if all[i] = norm.NFC.String(strings.TrimSpace(label)); all[i] == "" {
			return "", fmt.Errorf("a label is empty: labels are divided by semicolons, as in cat;outdoor, here %q", cell)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), labelDivider), nil
}

// severalOf returns the columns that must and may be there where a table has labels in place of label.
func severalOf(columns, must, may []string) (mustBe, mayBe []string) {
	if !slices.Contains(may, "labels") {
		return must, may
	}
	may = slices.DeleteFunc(slices.Clone(may), func(column string) bool { return column == "labels" })
	if slices.Contains(columns, "labels") && !slices.Contains(columns, "label") {
		must = slices.Clone(must)
		must[slices.Index(must, "label")] = "labels"
	}
	return must, may
}

// Labels implements [LabelSet].
func (f *files) Labels() (names []string, of [][]int, ok bool) {
	if !f.several {
		return nil, nil, false
	}
	sets := make([][]string, len(f.classes))
	for i, class := range f.classes {
		sets[i] = strings.Split(class, labelDivider)
		names = append(names, sets[i]...)
	}
	names, _ = group(names)
	numbers := make([][]int, len(sets))
	for i, set := range sets {
		for _, label := range set {
			number, _ := slices.BinarySearch(names, label)
			numbers[i] = append(numbers[i], number)
		}
	}
	for _, class := range f.labels {
		of = append(of, numbers[class])
	}
	return names, of, true
}

// Labels implements [LabelSet]: the names are those of the whole set.
func (s *subset) Labels() (names []string, of [][]int, ok bool) {
	names, all, ok := Labels(s.Dataset)
	if !ok {
		return nil, nil, false
	}
	for _, i := range s.images {
		of = append(of, all[i])
	}
	return names, of, true
}

// Labels implements [LabelSet]: what is turned or mirrored has labels of its own.
func (v *variants) Labels() (names []string, of [][]int, ok bool) {
	first, all, ok := Labels(v.Dataset)
	if !ok {
		return nil, nil, false
	}
	for way := range v.ways {
		for _, name := range first {
			names = append(names, fmt.Sprint(name, v.suffixes[way]))
		}
		for _, labels := range all {
			moved := slices.Clone(labels)
			for i := range moved {
				moved[i] += way * len(first)
			}
			of = append(of, moved)
		}
	}
	return names, of, true
}

// cannotHoldOut returns the error for dividing images of several labels by class.
func cannotHoldOut(ds Dataset) error {
	return fmt.Errorf("data: the images of %s have several labels, which no division keeps apart: give the table a column split (train, val, "+
		"test), which may be all to learn from, in place of holding out classes", ds.Name())
}

// newSharedSampler draws images by their labels.
func newSharedSampler(p *PairBatches) *sampler {
	byLabel := make([][]int, len(p.names))
	for i, labels := range p.sets {
		for _, label := range labels {
			byLabel[label] = append(byLabel[label], i)
		}
	}
	byLabel = slices.DeleteFunc(byLabel, func(images []int) bool { return len(images) == 0 }) // a part of a set has not all labels
	s := newSampler(byLabel, p.Classes, p.PerClass, p.Seed, p.Since)
	s.once = true
	return s
}

// nextShared returns the images of the next batch: of each label as it comes, as many as a class has and are not in the batch yet.
func (s *sampler) nextShared() []int {
	most := s.classes * s.perClass
	drawn, has := make([]int, 0, most), make(map[int]bool, most)
	for len(drawn) < most {
		label := s.deck.take(1, len(s.byClass), s.random)[0]
		all := s.byClass[label]
		for tries, left := len(all), s.perClass; tries > 0 && left > 0 && len(drawn) < most; tries-- {
			i := all[s.decks[label].take(1, len(all), s.random)[0]]
			if !has[i] {
				has[i], drawn = true, append(drawn, i)
				left--
			}
		}
	}
	return drawn
}

// labelsOf returns which labels images have, 0 or 1, a row for each.
func (p *PairBatches) labelsOf(images []int) []int32 {
	rows := make([]int32, len(images)*len(p.names))
	for k, i := range images {
		for _, label := range p.sets[i] {
			rows[k*len(p.names)+label] = 1
		}
	}
	return rows
}

// validateLabels returns an error if batches cannot be drawn by the several labels of images.
func (p *PairBatches) validateLabels() error {
	names, sets, ok := Labels(p.Dataset)
	if !ok {
		return nil
	}
	if len(names) == 0 || len(sets) != p.Dataset.Len() {
		return fmt.Errorf("data: %s names %d labels, and says of %d images which they have: want those of each of %d",
			p.Dataset.Name(), len(names), len(sets), p.Dataset.Len())
	}
	for i, labels := range sets {
		if len(labels) == 0 || slices.Min(labels) < 0 || slices.Max(labels) >= len(names) {
			return fmt.Errorf("data: %s, image %d has the labels %v: want at least one, below %d", p.Dataset.Name(), i, labels, len(names))
		}
	}
	n := p.Classes * p.PerClass
	switch {
	case p.SuperClasses > 0 || p.Near != nil || p.Numbered:
		return fmt.Errorf("data: the images of %s have several labels each, and batches of such know no super-classes (--super-classes), near "+
			"classes or numbers: leave them empty", p.Dataset.Name())
	case n > p.Dataset.Len():
		return fmt.Errorf("data: %s has %d images, too few for batches of %d × %d in which none comes twice: ask for fewer",
			p.Dataset.Name(), p.Dataset.Len(), p.Classes, p.PerClass)
	case n > maxBatch/len(names):
		return fmt.Errorf("data: a batch of %d images with %d labels is too large: ask for fewer images", n, len(names))
	}
	return nil
}
