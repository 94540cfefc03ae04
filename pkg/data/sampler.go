package data

import "math/rand/v2"

// sampler draws the images of batch after batch: P classes, K images of each.
type sampler struct {
	random            *rand.Rand
	byClass           [][]int       // the images of each class
	classes, perClass int           // P and K
	deck              deck          // of classes, or of super-classes
	decks             []deck        // of each class's images
	supers            *superClasses // nil to draw classes whatever their super-class
	near              [][]int       // of each class, those it is taken for; nil to draw them as they come
	once              bool          // an image may be of several classes, and comes once in a batch
}

func newSampler(byClass [][]int, classes, perClass int, seed uint64, since int) *sampler {
	return &sampler{
		// Augmentation takes its numbers from other streams: scatter makes no example of this one.
		random:  rand.New(rand.NewPCG(seed, scatter(^uint64(since)))),
		byClass: byClass, classes: classes, perClass: perClass, decks: make([]deck, len(byClass)),
	}
}

// sampler draws the batches that the fields ask for.
func (p *PairBatches) sampler() *sampler {
	if p.sets != nil && !p.Random {
		return newSharedSampler(p)
	}
	if !p.Random {
		s := newSampler(imagesByClass(p.Dataset), p.Classes, p.PerClass, p.Seed, p.Since)
		s.near = p.Near
		if p.SuperClasses > 0 {
			s.supers = newSuperClasses(p.Dataset.Classes(), p.SuperClasses, p.Classes/p.SuperClasses)
		}
		return s
	}
	all := make([]int, p.Dataset.Len()) // as if of one class
	for i := range all {
		all[i] = i
	}
	return newSampler([][]int{all}, 1, p.Classes*p.PerClass, p.Seed, p.Since)
}

// next returns the images of the next batch, class by class.
func (s *sampler) next() []int {
	if s.once {
		return s.nextShared()
	}
	drawn := make([]int, 0, s.classes*s.perClass)
	for _, class := range s.drawClasses() {
		all := s.byClass[class]
		for left := s.perClass; left > 0; {
			n := min(left, len(all)) // a class smaller than K is gone through again
			for _, i := range s.decks[class].take(n, len(all), s.random) {
				drawn = append(drawn, all[i])
			}
			left -= n
		}
	}
	return drawn
}

// drawClasses returns the classes of the next batch.
func (s *sampler) drawClasses() []int {
	if s.near != nil {
		return s.drawNear()
	}
	if s.supers == nil {
		return s.deck.take(s.classes, len(s.byClass), s.random)
	}
	var classes []int
	for _, super := range s.deck.take(s.supers.perBatch, len(s.supers.classes), s.random) {
		of := s.supers.classes[super]
		for _, i := range s.supers.decks[super].take(s.supers.each, len(of), s.random) {
			classes = append(classes, of[i])
		}
	}
	return classes
}
