package eval

import (
	"fmt"
	"slices"
)

// RetrieveShared compares a set whose vectors have several labels each with itself. What shares a label with a query is what it is to
// find. R counts these in the definitions of [Metrics]; a query that shares a label with none is lone. The Labels of the set are not
// looked at, and there are no means by class. labels holds at least one label for each vector.
func RetrieveShared(set Set, labels [][]int, options Options) (Retrieval, error) {
	if err := set.Validate(); err != nil {
		return Retrieval{}, err
	}
	return retrieveShared(set, set, labels, labels, true, options)
}

// RetrieveSharedFrom does what [RetrieveShared] does, for queries in references, of which none is left out. Both have the same labels.
func RetrieveSharedFrom(queries, references Set, queryLabels, referenceLabels [][]int, options Options) (Retrieval, error) {
	if err := checkPair(queries, references); err != nil {
		return Retrieval{}, err
	}
	return retrieveShared(queries, references, queryLabels, referenceLabels, false, options)
}

func retrieveShared(queries, references Set, ofQueries, ofReferences [][]int, within bool, options Options) (Retrieval, error) {
	for _, s := range []struct {
		set    Set
		labels [][]int
	}{{queries, ofQueries}, {references, ofReferences}} {
		if len(s.labels) != s.set.Len() {
			return Retrieval{}, fmt.Errorf("eval: want the labels of each of %d vectors, got those of %d", s.set.Len(), len(s.labels))
		}
		if none := slices.IndexFunc(s.labels, func(labels []int) bool { return len(labels) == 0 }); none >= 0 {
			return Retrieval{}, fmt.Errorf("eval: vector %d has no label: want at least one of each", none)
		}
	}
	members := map[int][]int{}
	for i, labels := range ofReferences {
		for _, label := range labels {
			members[label] = append(members[label], i)
		}
	}
	result, err := retrieveAmong(queries, references, func(q int) (class, relevant []int) {
		for _, label := range ofQueries[q] {
			class = append(class, members[label]...)
		}
		slices.Sort(class)
		class = slices.Compact(class)
		if !within {
			return class, class
		}
		return class, slices.DeleteFunc(slices.Clone(class), func(r int) bool { return r == q })
	}, options)
	result.Classes = nil
	return result, err
}
