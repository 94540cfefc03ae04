package eval

import (
	"cmp"
	"math"
	"slices"
)

// few bounds how many relevant references that are close to another are compared with it one by one.
const few = 16

// decide returns how many relevant references stand before one whose key is close to some of theirs.
func (p *placer) decide(query, reference int, key float32) int32 {
	first, _ := slices.BinarySearch(p.near, key-p.window)
	last := first
	for last < len(p.near) && p.near[last] <= key+p.window && last-first <= few {
		last++
	}
	if first == last {
		return int32(first)
	}
	distance := p.distance(query, reference)
	if last-first > few {
		return int32(p.among(query, distance, reference))
	}
	place := first
	for i := first; i < last; i++ {
		index := p.relevant[uint32(p.sorted[i])]
		if math.IsNaN(p.exact[i]) {
			p.exact[i] = p.distance(query, index)
		}
		if p.exact[i] < distance || p.exact[i] == distance && index < reference {
			place++
		}
	}
	return int32(place)
}

// among counts all relevant references that stand before another. It sorts them by distance once.
func (p *placer) among(query int, distance float64, reference int) int {
	if len(p.ordered) == 0 {
		for i := range p.exact {
			if math.IsNaN(p.exact[i]) {
				p.exact[i] = p.distance(query, p.relevant[uint32(p.sorted[i])])
			}
			p.ordered = append(p.ordered, i)
		}
		slices.SortFunc(p.ordered, func(i, j int) int {
			return cmp.Or(cmp.Compare(p.exact[i], p.exact[j]), cmp.Compare(uint32(p.sorted[i]), uint32(p.sorted[j])))
		})
	}
	at, _ := slices.BinarySearchFunc(p.ordered, reference, func(i, reference int) int {
		return cmp.Or(cmp.Compare(p.exact[i], distance), cmp.Compare(p.relevant[uint32(p.sorted[i])], reference))
	})
	return at
}

// distance returns the squared distance, in float64.
func (p *placer) distance(query, reference int) float64 {
	return squaredDistance(p.queries[query*p.dim:(query+1)*p.dim], p.references[(reference-p.first)*p.dim:(reference-p.first+1)*p.dim])
}
