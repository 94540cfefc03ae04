package losses

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Reduction makes a scalar of a loss over the scores. For no reduction take [Loss.PerAnchor] itself. Those of this package are
// comparable values that print as their names; [ReductionFunc] makes one of a function.
type Reduction interface {
	// Of returns the loss over the scores, a scalar.
	Of(loss Loss, s Scores) *graph.Node
}

// ReductionFunc makes a [Reduction] of a function of one's own.
type ReductionFunc func(loss Loss, s Scores) *graph.Node

// Of calls f.
func (f ReductionFunc) Of(loss Loss, s Scores) *graph.Node { return f(loss, s) }

// String returns "function": a function has no name of its own.
func (ReductionFunc) String() string { return "function" }

// NamedReduction is a [Reduction] without settings. Its value is its name in programs, as in [Reductions].
type NamedReduction string

const (
	// Mean is the mean over the anchors that have what the loss needs, and 0 with a zero gradient when none has.
	Mean NamedReduction = "mean"

	// MeanAll is the mean over all anchors; those that lack what the loss needs count as 0.
	MeanAll NamedReduction = "mean-all"

	// Sum is the sum over all anchors.
	Sum NamedReduction = "sum"

	// MeanTerms is the mean over all terms: pairs or triplets for a [Termwise] loss, anchors for others.
	MeanTerms NamedReduction = "mean-terms"

	// MeanNonZero is the mean over the terms above 0: pairs or triplets for a [Termwise] loss, anchors for others. As hinges fall silent
	// the rest weigh more. It is the default of pytorch-metric-learning for contrastive, triplet and Circle.
	MeanNonZero NamedReduction = "mean-nonzero"
)

// Of implements [Reduction]. It panics with a name that is none of the constants.
func (n NamedReduction) Of(loss Loss, s Scores) *graph.Node {
	switch n {
	case Mean:
		return stable.Ratio(Sum.Of(loss, s), graph.ReduceAllSum(graph.ConvertDType(anchorsOf(loss, s), s.Similarity.DType())))
	case MeanAll:
		return graph.MulScalar(Sum.Of(loss, s), 1/float64(s.Similarity.Shape().Dim(0)))
	case Sum:
		begin(loss, s)
		return s.shown(graph.ReduceAllSum(perAnchor(loss, s)))
	case MeanTerms:
		return MeanBetween(math.Inf(-1), math.Inf(1)).Of(loss, s)
	case MeanNonZero:
		return MeanBetween(0, math.Inf(1)).Of(loss, s)
	}
	panic(n.Validate())
}

// Validate returns an error unless n is one of the constants.
func (n NamedReduction) Validate() error {
	return validateName("reduction", n, Mean, MeanAll, Sum, MeanTerms, MeanNonZero)
}

// MeanBetween returns the mean over the terms strictly between two bounds, and 0 where there is none: pairs or triplets for a
// [Termwise] loss, anchors for others. A bound below leaves out what is learnt, one above what may be mislabelled.
func MeanBetween(above, below float64) Reduction { return meanBetween{above, below} }

// meanBetween holds the setting of [MeanBetween].
type meanBetween struct{ above, below float64 }

// Of implements [Reduction].
func (m meanBetween) Of(loss Loss, s Scores) *graph.Node {
	begin(loss, s)
	if err := m.Validate(); err != nil {
		panic(err)
	}
	return s.shown(sumOver(termsOf(loss, s), func(kind Terms) *graph.Node {
		sum, count := kind(m.above, m.below)
		return stable.Ratio(graph.ReduceAllSum(sum), graph.ReduceAllSum(count))
	}))
}

// Validate returns an error unless the bounds are in order.
func (m meanBetween) Validate() error {
	if !(m.above < m.below) {
		return fmt.Errorf("losses.MeanBetween: the bounds must be in order, got %g and %g", m.above, m.below)
	}
	return nil
}

func (m meanBetween) String() string { return fmt.Sprintf("mean-between(%g, %g)", m.above, m.below) }

// MeanWeighted returns [MeanTerms] with each term times a weight of its anchor, float [anchors]: the weights of the anchors' classes,
// graph.Gather(classWeights, labels), or of hard examples. It divides by the number of terms, not by the sum of the weights.
func MeanWeighted(weights *graph.Node) Reduction { return meanWeighted{weights} }

// meanWeighted holds the setting of [MeanWeighted].
type meanWeighted struct{ weights *graph.Node }

// Of implements [Reduction].
func (m meanWeighted) Of(loss Loss, s Scores) *graph.Node {
	begin(loss, s)
	anchors, shape := s.Similarity.Shape().Dim(0), m.weights.Shape()
	if shape.Rank() != 1 || shape.Dim(0) != anchors || !shape.DType.IsFloat() {
		exceptions.Panicf("losses.MeanWeighted: weights must be float [%d], one per anchor, got %s", anchors, shape)
	}
	return s.shown(sumOver(termsOf(loss, s), func(kind Terms) *graph.Node {
		sum, count := kind(math.Inf(-1), math.Inf(1))
		weighted := graph.Mul(sum, graph.ConvertDType(m.weights, sum.DType()))
		return stable.Ratio(graph.ReduceAllSum(weighted), graph.ReduceAllSum(count))
	}))
}

func (meanWeighted) String() string { return "mean-weighted" }

// shown returns the value of a loss, and NaN where a vector or a similarity behind it is infinite or no number. Comparisons that choose
// pairs would pass over it, and a run that explodes would have a loss of 0. It looks at what there are few of: not at class weights, nor at
// similarities as they were made, which may have a quick way.
func (s Scores) shown(value *graph.Node) *graph.Node {
	looked := []*graph.Node{s.AnchorVectors}
	if s.CandidateVectors != s.AnchorVectors && !s.ofClasses() {
		looked = append(looked, s.CandidateVectors)
	}
	if !s.untouched() {
		looked = append(looked, s.Similarity)
	}
	for _, x := range looked {
		if x != nil {
			value = graph.Add(value, graph.ConvertDType(unlessFinite(x), value.DType()))
		}
	}
	return value
}

// unlessFinite returns 0, and NaN where x, a matrix, has a number that is infinite or none. Its rows come first: XLA would write all down.
func unlessFinite(x *graph.Node) *graph.Node {
	return graph.StopGradient(graph.ReduceAllSum(stable.Sum(graph.MulScalar(x, 0), 1)))
}
