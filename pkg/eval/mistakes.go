package eval

import (
	"cmp"
	"math"
	"slices"
)

// Confusion counts the queries of a class that have one of another class as the nearest.
type Confusion struct {
	Of, As int32 // the class of the queries, and that of what is nearest
	Count  int   // queries, above 0
}

// Confusions counts the classes of wrong nearest neighbours within a set, the most frequent first.
func Confusions(set Set) ([]Confusion, error) {
	nearest, err := NeighboursWithin(set, 1)
	if err != nil {
		return nil, err
	}
	counts := make(map[[2]int32]float64)
	for q, found := range nearest {
		if len(found) > 0 && set.Labels[found[0].Index] != set.Labels[q] {
			counts[[2]int32{set.Labels[q], set.Labels[found[0].Index]}]++
		}
	}
	var all []Confusion
	for _, pair := range sortedPairs(counts) {
		all = append(all, Confusion{pair[0], pair[1], int(counts[pair])})
	}
	slices.SortStableFunc(all, func(a, b Confusion) int { return cmp.Compare(b.Count, a.Count) })
	return all, nil
}

// Mistake is a query that has a vector of another class as the nearest.
type Mistake struct {
	Query, Nearest int     // numbers of the vectors in the set, from 0
	Right          int     // the nearest vector of the query's class
	Margin         float64 // how much farther that is; 0 where it is as near and only its index is higher
}

// Mistakes lists the queries of a set whose nearest other vector is of another class, those first whose own class is the farthest
// behind. Queries that are alone in their class have nothing to find, and are not among them.
func Mistakes(set Set) ([]Mistake, error) {
	if err := set.Validate(); err != nil {
		return nil, err
	}
	made := make([]*Mistake, set.Len())
	eachQuery(set, set, func(q int, distances []float64) {
		nearest, right := -1, -1
		for r := range distances {
			if r == q {
				continue
			}
			if nearest < 0 || compareAt(distances, r, nearest) < 0 {
				nearest = r
			}
			if set.Labels[r] == set.Labels[q] && (right < 0 || compareAt(distances, r, right) < 0) {
				right = r
			}
		}
		if right >= 0 && nearest != right {
			made[q] = &Mistake{q, nearest, right, math.Sqrt(distances[right]) - math.Sqrt(distances[nearest])}
		}
	})
	var all []Mistake
	for _, m := range made {
		if m != nil {
			all = append(all, *m)
		}
	}
	slices.SortStableFunc(all, func(a, b Mistake) int { return cmp.Compare(b.Margin, a.Margin) })
	return all, nil
}
