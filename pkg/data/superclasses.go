package data

import "strings"

// SuperClass returns what a class is a kind of, by its name: "Greek" of "Greek/character01", "WOMEN/Dresses" of
// "WOMEN/Dresses/id_00000002". It is empty for a class whose name has no slash.
func SuperClass(class string) string {
	return class[:max(0, strings.LastIndexByte(class, '/'))]
}

// superClasses holds the classes of a set by their super-class, for batches of classes that are hard to tell apart.
//
// H. O. Song, Y. Xiang, S. Jegelka, S. Savarese, CVPR 2016, draw pairs so; whole batches: F. Cakir et al., "Deep Metric Learning to
// Rank", CVPR 2019.
type superClasses struct {
	perBatch, each int     // super-classes in a batch, and classes of each of them
	classes        [][]int // of each super-class that has enough
	decks          []deck
}

// newSuperClasses lists the super-classes that have at least each classes, in the order in which they come first.
func newSuperClasses(classes []string, perBatch, each int) *superClasses {
	index := map[string]int{}
	var all [][]int
	for label, class := range classes {
		above := SuperClass(class)
		if _, ok := index[above]; !ok {
			index[above] = len(all)
			all = append(all, nil)
		}
		all[index[above]] = append(all[index[above]], label)
	}
	k := &superClasses{perBatch: perBatch, each: each}
	for _, of := range all {
		if len(of) >= each {
			k.classes = append(k.classes, of)
		}
	}
	k.decks = make([]deck, len(k.classes))
	return k
}
