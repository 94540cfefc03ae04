package losses

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Loss makes one value an anchor of the scores. It sees only the anchor's own row, so that a batch can be taken in blocks
// of rows. A loss is a plain value: comparable, printable, without state.
type Loss interface {
	// PerAnchor returns the loss of each anchor, float [anchors], 0 with gradient 0 for one that lacks what the loss needs.
	PerAnchor(s Scores) *graph.Node
	// Anchors tells which anchors have what the loss needs, bool [anchors].
	Anchors(s Scores) *graph.Node
	// Validate returns an error that names the first field out of its range.
	Validate() error
}

// Termwise is a loss whose value for an anchor is a mean of terms: one a pair, or one a triplet. Reductions that count terms
// rather than anchors, as [MeanNonZero], need it.
type Termwise interface {
	Loss
	// Terms returns the sums of each anchor, one element a kind of term; the kinds' means are added up.
	Terms(s Scores) []Terms
}

// Joint is a loss whose value of an anchor looks at more than the anchor's row. Its scores must be whole, from [Pairs] of the
// batch; it cannot be taken in blocks of rows.
type Joint interface {
	Loss
	// Joint says which other entries the value looks at, for messages and docs.
	Joint() string
}

// Terms sums up the terms of one kind of each anchor.
type Terms struct {
	Sum     *graph.Node // float [anchors]: the sum of the terms
	Count   *graph.Node // float [anchors]: how many terms there are
	NonZero *graph.Node // float [anchors]: how many of them are above 0
}

// termsOfPairs sums up the terms [anchors, terms] that chosen takes.
func termsOfPairs(terms, chosen *graph.Node) Terms {
	some := graph.LogicalAnd(chosen, graph.GreaterThan(terms, graph.ZerosLike(terms)))
	return Terms{
		Sum:     maskedSum(terms, chosen),
		Count:   countTrue(chosen, terms.DType()),
		NonZero: countTrue(some, terms.DType()),
	}
}

// termsOf returns the terms of any loss: its own, or else one an anchor.
func termsOf(loss Loss, s Scores) []Terms {
	if termwise, ok := loss.(Termwise); ok {
		return termwise.Terms(s)
	}
	value := loss.PerAnchor(s)
	nonZero := graph.ConvertDType(graph.GreaterThan(value, graph.ZerosLike(value)), value.DType())
	return []Terms{{Sum: value, Count: graph.ConvertDType(loss.Anchors(s), value.DType()), NonZero: nonZero}}
}

// meanOfTerms adds up the means of each kind of term in each anchor.
func meanOfTerms(kinds []Terms) *graph.Node {
	total := ratio(kinds[0].Sum, kinds[0].Count)
	for _, kind := range kinds[1:] {
		total = graph.Add(total, ratio(kind.Sum, kind.Count))
	}
	return total
}

// begin is the first line of every PerAnchor: it panics on an invalid loss or on scores that do not fit together.
func begin(loss Loss, s Scores) {
	if err := loss.Validate(); err != nil {
		exceptions.Panicf("%v", err)
	}
	s.check()
}

// finite reports whether x is a number: neither NaN nor infinite.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// require returns an error about a field of a loss unless ok.
func require(ok bool, field, rule string, got any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("losses.%s must be %s, got %v", field, rule, got)
}

// requirePositive returns an error unless value is a number above 0.
func requirePositive(field string, value float64) error {
	return require(finite(value) && value > 0, field, "a number > 0", value)
}
