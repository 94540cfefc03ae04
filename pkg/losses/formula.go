package losses

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
)

// formulaOf returns the formula that a loss is; ok tells whether it is one. Then PerAnchor returns what a formula sums up to and nothing
// else. Anchors asks no more than which anchors have a positive and which a negative. It looks at what the loss does with scores of a
// graph that is thrown away. So a loss which embeds another, or calls it, is one too, unless it changes what the other gives. These scores
// are of one anchor with as many candidates and of the type that it will be given: which formula it is may depend on them. After miners it
// is one if they choose by sums. The last round of count counts the pairs which they keep.
func formulaOf(backend compute.Backend, loss Loss, miners []Miner, candidates int, dtype dtypes.DType) (
	f fold.Formula, count [][]fold.Sum, ok bool) {
	g := graph.NewGraph(backend, "losses.formulaOf")
	defer g.Finalize()
	matrix := func(name string, dtype dtypes.DType) *graph.Node {
		return graph.Parameter(g, name, shapes.Make(dtype, 1, candidates))
	}
	s := Scores{
		Similarity: matrix("similarity", dtype),
		Positive:   matrix("positive", dtypes.Bool),
		Negative:   matrix("negative", dtypes.Bool),
	}
	var summed, value, anchors *graph.Node
	labels := graph.Parameter(g, "labels", shapes.Make(dtypes.Int32, 1)) // as if of classes: they tell what an anchor has
	s.origin = &origin{made: s, labels: labels, sum: func(of fold.Formula) *graph.Node {
		f, summed = of, fold.Whole(of, s.Similarity, s.Positive, s.Negative)
		return summed
	}}
	refused := exceptions.Try(func() {
		if s = mine(s, miners); !s.untouched() {
			return
		}
		s.origin.labels = labels
		s.sum(fold.Formula{Rounds: [][]fold.Sum{{{Positive: fold.One, Negative: fold.One}}}, Combine: func(sums []fold.Result) *graph.Node {
			return sums[0].Positive
		}})
		count = f.Rounds
		summed = nil
		value, anchors = loss.PerAnchor(s), loss.Anchors(s)
	})
	if refused != nil || summed == nil || value != summed {
		return fold.Formula{}, nil, false // it looks at vectors, say
	}
	return f, count, !looksAt(anchors, s.Similarity, s.Positive, s.Negative)
}

// looksAt tells whether a node is made of one of some others.
func looksAt(x *graph.Node, others ...*graph.Node) bool {
	seen := map[*graph.Node]bool{}
	var look func(x *graph.Node) bool
	look = func(x *graph.Node) bool {
		if seen[x] {
			return false
		}
		seen[x] = true
		return slices.Contains(others, x) || slices.ContainsFunc(x.Inputs(), look)
	}
	return look(x)
}
