package eval

import (
	"fmt"
	"maps"
	"slices"
)

// summary takes the means over the queries that were found, in order, so that sums round the same way every time.
func summary(labels []int32, metrics []Metrics, found []bool) (Retrieval, error) {
	var all sum
	byClass := make(map[int32]*sum)
	result := Retrieval{}
	for q, s := range metrics {
		if !found[q] {
			result.Lone++
			continue
		}
		all.add(s)
		class := byClass[labels[q]]
		if class == nil {
			class = new(sum)
			byClass[labels[q]] = class
		}
		class.add(s)
	}
	if all.count == 0 {
		return Retrieval{}, fmt.Errorf("eval: none of the %d queries has a reference of its class: nothing to retrieve", len(metrics))
	}
	result.Metrics, result.Queries = all.mean(), all.count
	for _, label := range slices.Sorted(maps.Keys(byClass)) {
		class := byClass[label]
		result.Classes = append(result.Classes, ClassMetrics{Metrics: class.mean(), Label: label, Queries: class.count})
	}
	return result, nil
}

// sum adds up metrics.
type sum struct {
	total Metrics
	count int
}

func (a *sum) add(s Metrics) {
	if a.total.RecallAt == nil {
		a.total.RecallAt = make(map[int]float64, len(s.RecallAt))
	}
	for k, v := range s.RecallAt {
		a.total.RecallAt[k] += v
	}
	a.total.PrecisionAt1 += s.PrecisionAt1
	a.total.RPrecision += s.RPrecision
	a.total.MAPAtR += s.MAPAtR
	a.total.MAP += s.MAP
	a.total.MRR += s.MRR
	a.count++
}

func (a *sum) mean() Metrics {
	n := float64(a.count)
	mean := Metrics{
		PrecisionAt1: a.total.PrecisionAt1 / n, RPrecision: a.total.RPrecision / n, MAPAtR: a.total.MAPAtR / n,
		MAP: a.total.MAP / n, MRR: a.total.MRR / n, RecallAt: make(map[int]float64, len(a.total.RecallAt)),
	}
	for k, v := range a.total.RecallAt {
		mean.RecallAt[k] = v / n
	}
	return mean
}
