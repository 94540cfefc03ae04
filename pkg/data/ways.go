package data

import "fmt"

// WaySet is a [Dataset] whose images were seen in further ways before: see [Ways].
type WaySet interface {
	Dataset
	// Ways returns one set for each further way: image i of each is image i of this set, in the same format.
	Ways() []Dataset
}

// Ways returns the further ways in which the images of a set were seen before, one set for each; nil where there are none. It is for
// features of images that were changed at random: they cost too much to be made anew in each step. [PairBatches] draws one of the ways, the
// set itself among them, whenever it draws an image.
func Ways(ds Dataset) []Dataset {
	if set, ok := ds.(WaySet); ok {
		return set.Ways()
	}
	return nil
}

// Ways implements [WaySet].
func (s *subset) Ways() (some []Dataset) {
	for _, way := range Ways(s.Dataset) {
		part := *s
		part.Dataset = way
		some = append(some, &part)
	}
	return some
}

// way returns in which way image i is seen in a step, where it has been drawn so often in this step before. It is never one way twice
// while there are others. 0 is the set itself.
func (p *PairBatches) way(step, i, before int) int {
	first := scatter(scatter(p.Seed^uint64(step)) ^ uint64(i))
	return int((first + uint64(before)) % uint64(len(p.ways)))
}

// validateWays returns an error unless all ways are of the same images.
func (p *PairBatches) validateWays() error {
	for _, way := range Ways(p.Dataset) {
		if way.Len() != p.Dataset.Len() || way.Format() != p.Dataset.Format() {
			return fmt.Errorf("data: %s has %d images of the format %+v, and seen in another way %d of %+v: they must be the same",
				p.Dataset.Name(), p.Dataset.Len(), p.Dataset.Format(), way.Len(), way.Format())
		}
	}
	return nil
}
