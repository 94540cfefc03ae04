package losses

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// Similarity compares vectors. Those of this package are comparable values that print as their names; [Pairs] and [Classes] recognise
// the ones that have a quick way. [SimilarityFunc] makes one of a function. As functions are not comparable, compare with a value of
// this package, as in sim == losses.Cosine: that never panics, where comparing two unknown values may.
type Similarity interface {
	// Of compares every row of x, float [A, d], with every row of y, float [C, d]: float [A, C], larger is closer.
	Of(x, y *graph.Node) *graph.Node
}

// SimilarityFunc makes a [Similarity] of a function of one's own. It is differentiated by autodiff over the whole matrix, even if it calls
// one of this package. A function that returns Cosine.Of(x, y) has the values and gradients of [Cosine] without its quick way.
type SimilarityFunc func(x, y *graph.Node) *graph.Node

// Of calls f.
func (f SimilarityFunc) Of(x, y *graph.Node) *graph.Node { return f(x, y) }

// String returns "function": a function has no name of its own.
func (SimilarityFunc) String() string { return "function" }

// NamedSimilarity is a [Similarity] without settings. Its value is its name in programs, as in [Similarities].
type NamedSimilarity string

const (
	// Cosine is x·y / (|x|·|y|), in [−1, 1]. A vector shorter than 1e-12 has no direction: similarity 0, gradient 0.
	Cosine NamedSimilarity = "cosine"

	// Dot is the inner product x·y.
	Dot NamedSimilarity = "dot"

	// UnitDot is x·y/|x|: the vectors x are normalised, the class weights y keep their lengths. A vector x shorter than 1e-12 has
	// similarity 0, gradient 0.
	UnitDot NamedSimilarity = "unit-dot"

	// NegativeL2 is −|x − y|, in (−∞, 0]; equal vectors have 0 and gradient 0. Vectors as long as the type allows do not overflow; a
	// distance that is itself beyond the type is infinite or NaN.
	//
	// Where A·C·d ≤ 2²², of A vectors x, C vectors y and dimension d, it is made of the differences x − y, and near vectors lose no
	// digit. Beyond, it is a matrix product in float64: the distance has a relative error of about 1e-16·(|x|/|x − y|)², 1e-4 at
	// |x − y|/|x| = 1e-6. Within rounding of 0, below 4e-8, it is 0, with gradient 0. Its gradient in float32 is off by
	// about 1e-6·|x|/|x − y| of itself, 1 % at 1e-4. Where a component of all vectors is within a factor of
	// three, its middle is taken out of x and y first. Vectors far away from 0 are then as exact as vectors about it.
	NegativeL2 NamedSimilarity = "l2"

	// NegativeSquaredL2 is −|x − y|², in (−∞, 0]; equal vectors have 0 and gradient 0. A square beyond the type is infinite or NaN.
	//
	// Of few vectors it is made of differences, as [NegativeL2] is. Beyond A·C·d = 2²² it is a matrix product in the type of x. It then
	// has a relative error of about 1e-16·(|x|/|x − y|)² in float64 and 1e-7·(|x|/|x − y|)² in float32. Within rounding of 0 it is 0,
	// with gradient 0.
	NegativeSquaredL2 NamedSimilarity = "l2-squared"

	// NegativeSNR is −var(x − y)/var(x), in (−∞, 0]: the noise that turns the anchor x into y against the anchor's own signal. It is not
	// symmetric. An anchor whose numbers are all alike has no signal: 0, with gradient 0. Near vectors are as in [NegativeSquaredL2].
	//
	// T. Yuan et al., "Signal-to-Noise Ratio: A Robust Distance Metric for Deep Metric Learning", CVPR 2019.
	NegativeSNR NamedSimilarity = "snr"
)

// Of implements [Similarity]. It panics with a name that is none of the constants.
func (n NamedSimilarity) Of(x, y *graph.Node) *graph.Node {
	switch n {
	case Cosine:
		return ofUnits(Dot, x, y)
	case Dot:
		return products(x, y)
	case UnitDot:
		return products(Normalize(x), y)
	case NegativeL2:
		x, y = centred(x, y)
		return distances(x, y, 0)
	case NegativeSquaredL2:
		return graph.Neg(graph.ConvertDType(squaredDistances(x, y, itself), x.DType()))
	case NegativeSNR:
		return negativeSNR(x, y)
	}
	panic(n.Validate())
}

// Validate returns an error unless n is one of the constants.
func (n NamedSimilarity) Validate() error {
	return validateName("similarity", n, Cosine, Dot, UnitDot, NegativeL2, NegativeSquaredL2, NegativeSNR)
}

// Normalized brings the vectors to length 1 before sim compares them. Normalized(NegativeL2), in [−2, 0], is what the distance losses
// are used with: directions that differ by no more than the rounding of their numbers have 0 and gradient 0. Normalized(Dot) is
// [Cosine]. What it returns is comparable if sim is.
func Normalized(sim Similarity) Similarity {
	if sim == Dot {
		return Cosine
	}
	return normalized{sim}
}

// normalized holds the setting of [Normalized].
type normalized struct{ sim Similarity }

// Of implements [Similarity].
func (n normalized) Of(x, y *graph.Node) *graph.Node {
	if n.sim == NegativeL2 {
		return ofUnits(SimilarityFunc(unitDistances), x, y)
	}
	return ofUnits(n.sim, x, y)
}

// Validate returns an error if what compares the vectors is invalid.
func (n normalized) Validate() error { return validate(n.sim) }

func (n normalized) String() string { return fmt.Sprintf("normalized-%v", n.sim) }

// ofUnits compares vectors over their lengths; one node if they are one.
func ofUnits(sim Similarity, x, y *graph.Node) *graph.Node {
	assertGiven(sim)
	return sim.Of(each(Normalize, x, y))
}

// NegativeLp returns the similarity −(Σ_k |x_k − y_k|^p)^(1/p), in (−∞, 0], for p ≥ 1. Vectors of distance 0 have gradient 0. It
// takes time for every component of every pair, where [NegativeL2] is a matrix product.
func NegativeLp(p float64) Similarity { return negativeLp{p} }

// negativeLp holds the setting of [NegativeLp].
type negativeLp struct{ p float64 }

// Of implements [Similarity].
func (n negativeLp) Of(x, y *graph.Node) *graph.Node {
	if err := n.Validate(); err != nil {
		panic(err)
	}
	return negativeLpDistances(x, y, n.p)
}

// Validate returns an error unless p is a number from 1 on.
func (n negativeLp) Validate() error {
	return require(n.p >= 1 && finite(n.p), "NegativeLp: p", "a number ≥ 1", n.p)
}

func (n negativeLp) String() string { return fmt.Sprintf("l%g", n.p) }
