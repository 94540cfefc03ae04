package fold

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// packing puts what sums come to into lists of nodes and takes it out again: each side that a sum looks at, once if both are one.
type packing []Sum

// packed returns the packing of all rounds.
func packed(rounds [][]Sum) packing { return slices.Concat(rounds...) }

// sides calls do with each side of each sum that is summed up by itself.
func (p packing) sides(do func(k int, sum Sum, negative bool)) {
	for k, sum := range p {
		if sum.Positive != nil {
			do(k, sum, false)
		}
		if sum.Negative != nil && !sum.Together {
			do(k, sum, true)
		}
	}
}

// nodes lists what sums came to, or, if learnt, that of those that have a derivative.
func (p packing) nodes(all []Result, learnt bool) []*graph.Node {
	var nodes []*graph.Node
	p.sides(func(k int, sum Sum, negative bool) {
		switch {
		case learnt && sum.By == Largest:
		case negative:
			nodes = append(nodes, all[k].Negative)
		default:
			nodes = append(nodes, all[k].Positive)
		}
	})
	return nodes
}

// learnt counts what sums came to that has a derivative.
func (p packing) learnt() (count int) {
	p.sides(func(_ int, sum Sum, _ bool) {
		if sum.By != Largest {
			count++
		}
	})
	return count
}

// results takes what nodes listed, and returns what is left.
func (p packing) results(nodes []*graph.Node, learnt bool) (all []Result, rest []*graph.Node) {
	all = make([]Result, len(p))
	p.sides(func(k int, sum Sum, negative bool) {
		switch {
		case learnt && sum.By == Largest:
			return
		case negative:
			all[k].Negative = nodes[0]
		default:
			all[k].Positive = nodes[0]
			if sum.Together {
				all[k].Negative = nodes[0]
			}
		}
		nodes = nodes[1:]
	})
	return all, nodes
}

// known takes what sums came to and the pulls.
func (p packing) known(nodes []*graph.Node) (all known, rest []*graph.Node) {
	all.results, nodes = p.results(nodes, false)
	all.pulls, nodes = p.results(nodes, true)
	return all, nodes
}

// start lists the states before any pair, of the anchors of some vectors.
func (p packing) start(vectors *graph.Node) []*graph.Node {
	zero := graph.ReduceSum(graph.ZerosLike(vectors), 1)
	states := make([]sumState, len(p))
	p.sides(func(k int, sum Sum, negative bool) {
		s := state{sum: zero, peak: stable.Fill(zero, stable.Absent)}
		switch sum.By {
		case Adding:
			s.peak = nil
		case Largest:
			s = state{peak: stable.Fill(zero, stable.Lowest(zero))}
		}
		if negative {
			states[k].negative = s
		} else {
			states[k].positive = s
		}
	})
	return p.stateNodes(states)
}

// stateNodes lists states.
func (p packing) stateNodes(all []sumState) []*graph.Node {
	var nodes []*graph.Node
	p.sides(func(k int, sum Sum, negative bool) {
		s := all[k].positive
		if negative {
			s = all[k].negative
		}
		for _, x := range []*graph.Node{s.sum, s.peak} {
			if x != nil {
				nodes = append(nodes, x)
			}
		}
	})
	return nodes
}

// states takes what stateNodes listed, and returns what is left.
func (p packing) states(nodes []*graph.Node) (all []sumState, rest []*graph.Node) {
	next := func() *graph.Node {
		x := nodes[0]
		nodes = nodes[1:]
		return x
	}
	all = make([]sumState, len(p))
	p.sides(func(k int, sum Sum, negative bool) {
		var s state
		if sum.By != Largest {
			s.sum = next()
		}
		if sum.By != Adding {
			s.peak = next()
		}
		if negative {
			all[k].negative = s
			return
		}
		all[k].positive = s
		if sum.Together {
			all[k].negative = s
		}
	})
	return all, nodes
}
