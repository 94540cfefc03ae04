package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// packing puts what folds come to into lists of nodes and takes it out again: each side that a fold looks at, once if both are one.
type packing []Fold

// sides calls do with each side of each fold that is summed up by itself.
func (p packing) sides(do func(k int, fold Fold, negative bool)) {
	for k, fold := range p {
		if fold.Positive != nil {
			do(k, fold, false)
		}
		if fold.Negative != nil && !fold.Together {
			do(k, fold, true)
		}
	}
}

// nodes lists what folds came to, or, if learnt, that of those that have a derivative.
func (p packing) nodes(all []Folded, learnt bool) []*graph.Node {
	var nodes []*graph.Node
	p.sides(func(k int, fold Fold, negative bool) {
		switch {
		case learnt && fold.By == ByLargest:
		case negative:
			nodes = append(nodes, all[k].Negative)
		default:
			nodes = append(nodes, all[k].Positive)
		}
	})
	return nodes
}

// folded takes what nodes listed, and returns what is left.
func (p packing) folded(nodes []*graph.Node, learnt bool) (all []Folded, rest []*graph.Node) {
	all = make([]Folded, len(p))
	p.sides(func(k int, fold Fold, negative bool) {
		switch {
		case learnt && fold.By == ByLargest:
			return
		case negative:
			all[k].Negative = nodes[0]
		default:
			all[k].Positive = nodes[0]
			if fold.Together {
				all[k].Negative = nodes[0]
			}
		}
		nodes = nodes[1:]
	})
	return all, nodes
}

// anchored takes what folds came to and the pulls.
func (p packing) anchored(nodes []*graph.Node) (known anchored, rest []*graph.Node) {
	known.folded, nodes = p.folded(nodes, false)
	known.pull, nodes = p.folded(nodes, true)
	return known, nodes
}

// start lists the states before any pair, of the anchors of some vectors.
func (p packing) start(vectors *graph.Node) []*graph.Node {
	zero := graph.ReduceSum(graph.ZerosLike(vectors), 1)
	states := make([]foldState, len(p))
	p.sides(func(k int, fold Fold, negative bool) {
		s := state{sum: zero, peak: stable.Fill(zero, stable.Absent)}
		switch fold.By {
		case BySum:
			s.peak = nil
		case ByLargest:
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
func (p packing) stateNodes(all []foldState) []*graph.Node {
	var nodes []*graph.Node
	p.sides(func(k int, fold Fold, negative bool) {
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
func (p packing) states(nodes []*graph.Node) (all []foldState, rest []*graph.Node) {
	next := func() *graph.Node {
		x := nodes[0]
		nodes = nodes[1:]
		return x
	}
	all = make([]foldState, len(p))
	p.sides(func(k int, fold Fold, negative bool) {
		var s state
		if fold.By != ByLargest {
			s.sum = next()
		}
		if fold.By != BySum {
			s.peak = next()
		}
		if negative {
			all[k].negative = s
			return
		}
		all[k].positive = s
		if fold.Together {
			all[k].negative = s
		}
	})
	return all, nodes
}
