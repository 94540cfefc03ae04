package data

import "fmt"

// NearGroup counts the classes of a batch that belong together where [PairBatches].Near says which are taken for each other.
const NearGroup = 4

// drawNear returns classes in groups: one of a pass, with the first of those that it is taken for. One that has come with another is left
// out of its pass. As in
//
//	Y. Suh et al., "Stochastic Class-based Hard Example Mining for Deep Metric Learning", CVPR 2019.
func (s *sampler) drawNear() []int {
	drawn, has := make([]int, 0, s.classes), make(map[int]bool, s.classes)
	add := func(class int) bool {
		if has[class] || len(drawn) == s.classes {
			return false
		}
		has[class], drawn = true, append(drawn, class)
		return true
	}
	for len(drawn) < s.classes {
		first := s.deck.take(1, len(s.byClass), s.random)[0]
		if !add(first) {
			continue
		}
		left := NearGroup - 1
		for _, class := range s.near[first] {
			if left > 0 && add(class) {
				left--
			}
		}
	}
	return drawn
}

// validateNear returns an error if batches cannot be drawn by the classes that are taken for each other.
func (p *PairBatches) validateNear() error {
	classes := len(p.Dataset.Classes())
	switch {
	case p.Near == nil:
		return nil
	case p.Random || p.SuperClasses > 0:
		return fmt.Errorf("data: batches of near classes are drawn by class, not at random or by super-classes; got Random %v, SuperClasses %d",
			p.Random, p.SuperClasses)
	case len(p.Near) != classes:
		return fmt.Errorf("data: %s has %d classes, and Near lists of %d what they are near to", p.Dataset.Name(), classes, len(p.Near))
	}
	for of, near := range p.Near {
		for _, class := range near {
			if class < 0 || class >= classes {
				return fmt.Errorf("data: Near has the class %d, near to %d, and %s has %d", class, of, p.Dataset.Name(), classes)
			}
		}
	}
	return nil
}
