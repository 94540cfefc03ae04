package eval

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// SampleEpisodes draws one-shot episodes from a set, each of that many classes: one vector of a class to know it by, and another one as a
// query. Classes with one vector take no part. The same seed gives the same episodes.
func SampleEpisodes(set Set, classes, episodes int, seed uint64) ([]Episode, error) {
	if err := set.Validate(); err != nil {
		return nil, err
	}
	members := make(map[int32][]int)
	for i, label := range set.Labels {
		members[label] = append(members[label], i)
	}
	maps.DeleteFunc(members, func(_ int32, of []int) bool { return len(of) < 2 })
	labels := slices.Sorted(maps.Keys(members))
	if classes < 2 || classes > len(labels) || episodes < 1 {
		return nil, fmt.Errorf("eval: want at least 1 episode of 2 to %d classes (as many have two vectors), got %d of %d",
			len(labels), episodes, classes)
	}
	random := rand.New(rand.NewPCG(seed, uint64(classes)))
	drawn := make([]Episode, episodes)
	for i := range drawn {
		support, queries := Set{Dim: set.Dim}, Set{Dim: set.Dim}
		for _, c := range random.Perm(len(labels))[:classes] {
			of := members[labels[c]]
			first := random.IntN(len(of))
			second := (first + 1 + random.IntN(len(of)-1)) % len(of)
			support.take(set, of[first])
			queries.take(set, of[second])
		}
		drawn[i] = Episode{Support: support, Queries: queries}
	}
	return drawn, nil
}

// take appends a vector of another set.
func (s *Set) take(from Set, i int) {
	s.Embeddings = append(s.Embeddings, from.Embeddings[i*from.Dim:(i+1)*from.Dim]...)
	s.Labels = append(s.Labels, from.Labels[i])
}
