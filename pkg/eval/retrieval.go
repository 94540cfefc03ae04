package eval

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/compute"
)

// Metric is a number and its name in JSON.
type Metric struct {
	Name  string  // such as recall_at_1
	Value float64 // a fraction of 1
}

// Metrics holds the retrieval metrics, fractions of 1. For one query, with R references of its class at the ranks r_1 < r_2 < …
// among all references:
type Metrics struct {
	PrecisionAt1 float64         // 1 if r_1 = 1: the nearest is of the class; the same as recall@1
	RecallAt     map[int]float64 // for each K: 1 if r_1 ≤ K, one of the K nearest is of the class
	RPrecision   float64         // how many of the R nearest are of the class, divided by R
	MAPAtR       float64         // Σ over r_i ≤ R of i/r_i, divided by R
	MAP          float64         // Σ over all r_i of i/r_i, divided by R
	MRR          float64         // 1/r_1
}

// List returns the metrics by their names in JSON: recall_at_1 and so on, precision_at_1, r_precision, map_at_r,
// mean_average_precision, mrr.
func (s Metrics) List() []Metric {
	var metrics []Metric
	for _, k := range slices.Sorted(maps.Keys(s.RecallAt)) {
		metrics = append(metrics, Metric{fmt.Sprintf("recall_at_%d", k), s.RecallAt[k]})
	}
	return append(metrics,
		Metric{"precision_at_1", s.PrecisionAt1},
		Metric{"r_precision", s.RPrecision},
		Metric{"map_at_r", s.MAPAtR},
		Metric{"mean_average_precision", s.MAP},
		Metric{"mrr", s.MRR},
	)
}

// ClassMetrics holds the means over the queries of one class.
type ClassMetrics struct {
	Metrics
	Label   int32 // the class
	Queries int   // that are counted in the means
}

// Retrieval holds the means over all queries that are not lone.
type Retrieval struct {
	Metrics
	Queries int            // how many queries it is the mean of
	Lone    int            // how many were left out because no reference is of their class
	Classes []ClassMetrics // the same by class, label rising; classes with lone queries only are not among them
}

// Options tells how far to look.
type Options struct {
	RecallAt   []int // the K of recall@K; nil is 1, 2, 4 and 8
	Neighbours int   // measure over this many nearest references only; 0 is all, as the definitions say

	// Backend computes the matrix products, if it is not nil. XLA is several times faster at that than Go, which does it else. The results
	// are the same.
	Backend compute.Backend

	// Part is the references that this process compares with, where several share the search; nil is all.
	Part *Part
}

// Retrieve compares a set with itself: each vector is a query to all others, itself left out.
func Retrieve(set Set, options Options) (Retrieval, error) {
	if err := set.Validate(); err != nil {
		return Retrieval{}, err
	}
	return retrieve(set, set, func(q, r int) bool { return q == r }, options)
}

// RetrieveFrom compares each query with all references. Nothing is left out: a vector that is in both sets finds itself.
func RetrieveFrom(queries, references Set, options Options) (Retrieval, error) {
	if err := checkPair(queries, references); err != nil {
		return Retrieval{}, err
	}
	return retrieve(queries, references, nil, options)
}

// retrieve compares each query with every reference, except those for which leaveOut(query, reference) is true; a nil leaveOut excludes
// none. It is called for references of the query's class alone.
func retrieve(queries, references Set, leaveOut func(query, reference int) bool, options Options) (Retrieval, error) {
	members := make(map[int32][]int)
	for i, label := range references.Labels {
		members[label] = append(members[label], i)
	}
	return retrieveAmong(queries, references, func(q int) (class, relevant []int) {
		class = members[queries.Labels[q]]
		if leaveOut == nil {
			return class, class
		}
		return class, slices.DeleteFunc(slices.Clone(class), func(r int) bool { return leaveOut(q, r) })
	}, options)
}

// retrieveAmong compares each query with every reference. of returns the references of its class, rising, and those of them that it is to
// find; the others of its class do not count. It is called from several goroutines.
func retrieveAmong(queries, references Set, of func(query int) (class, relevant []int), options Options) (Retrieval, error) {
	if options.Part != nil {
		return retrieveInBlocks(queries, references.stream(), of, options, streamRows, mostAtOnce)
	}
	recallAt, neighbours, err := options.among(references.Len())
	if err != nil {
		return Retrieval{}, err
	}
	metrics := make([]Metrics, queries.Len())
	found := make([]bool, queries.Len())
	err = eachKeys(queries, references, options.Backend, func(q int, ranks ranker) {
		class, relevant := of(q)
		if len(relevant) > 0 {
			metrics[q], found[q] = metricsOf(ranks(class, relevant, neighbours), recallAt, neighbours), true
		}
	})
	if err != nil {
		return Retrieval{}, err
	}
	return summary(queries.Labels, metrics, found)
}

// among returns the K of recall@K, and how many of so many references are looked at.
func (o Options) among(references int) (recallAt []int, neighbours int, err error) {
	recallAt, neighbours = o.RecallAt, o.Neighbours
	if recallAt == nil {
		recallAt = []int{1, 2, 4, 8}
	}
	for _, k := range recallAt {
		if k < 1 {
			return nil, 0, fmt.Errorf("eval: the K of recall@K must be at least 1, got %d", k)
		}
	}
	if neighbours < 0 {
		return nil, 0, fmt.Errorf("eval: Neighbours must be 0 (all) or more, got %d", neighbours)
	}
	if neighbours == 0 {
		neighbours = references
	}
	return recallAt, neighbours, nil
}

// metricsOf measures one query by the ranks of the references of its class, looking at ranks up to neighbours.
func metricsOf(ranks []int, recallAt []int, neighbours int) Metrics {
	r := len(ranks)
	s := Metrics{RecallAt: make(map[int]float64, len(recallAt))}
	for _, k := range recallAt {
		s.RecallAt[k] = indicator(ranks[0] <= min(k, neighbours))
	}
	s.PrecisionAt1 = indicator(ranks[0] == 1)
	if ranks[0] <= neighbours {
		s.MRR = 1 / float64(ranks[0])
	}
	hits := 0
	for i, rank := range ranks {
		if rank > neighbours {
			break
		}
		precision := float64(i+1) / float64(rank)
		s.MAP += precision
		if rank <= r {
			hits++
			s.MAPAtR += precision
		}
	}
	s.RPrecision = float64(hits) / float64(min(r, neighbours))
	s.MAP /= float64(r)
	s.MAPAtR /= float64(r)
	return s
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
