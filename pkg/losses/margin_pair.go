package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Contrastive draws positives in to one margin and drives negatives out to another.
//
//	L = mean over p of [d_p − m_p]_+ + mean over n of [m_n − d_n]_+,  with d = −s
//	Squared: L = mean over p of [d_p − m_p]_+² + mean over n of [m_n − d_n]_+²
//
// With [NegativeL2] of normalised vectors the margins are distances; with [NegativeSquaredL2] squared ones. With [Cosine] a
// similarity s is the margin −s: m_p = −1, m_n = 0 draws cosines to 1 and drives them below 0. An anchor needs a positive or
// a negative. Hadsell et al. square the hinges, and halve them; most implementations do neither.
//
// R. Hadsell, S. Chopra, Y. LeCun, "Dimensionality Reduction by Learning an Invariant Mapping", CVPR 2006.
type Contrastive struct {
	PositiveMargin float64 // m_p, in units of distance, any number
	NegativeMargin float64 // m_n, in units of distance, any number
	Squared        bool    // the hinges squared
}

// DefaultContrastive draws positives to distance 0 and drives negatives to 1, for Normalized(NegativeL2).
func DefaultContrastive() Contrastive { return Contrastive{PositiveMargin: 0, NegativeMargin: 1} }

// PerAnchor implements [Loss].
func (c Contrastive) PerAnchor(s Scores) *graph.Node {
	begin(c, s)
	term := func(of func(similarity *graph.Node) *graph.Node) fold.Term {
		return func(similarity *graph.Node, _ []fold.Result) *graph.Node { return of(similarity) }
	}
	return s.sum(fold.Formula{Rounds: [][]fold.Sum{{
		{Positive: term(c.positive), Negative: term(c.negative)},
		{Positive: fold.One, Negative: fold.One},
	}}, Combine: func(sums []fold.Result) *graph.Node {
		sum, count := sums[0], sums[1]
		return graph.Add(stable.Ratio(sum.Positive, count.Positive), stable.Ratio(sum.Negative, count.Negative))
	}})
}

// Terms implements [Termwise]: a kind for positive pairs, a kind for negative pairs.
func (c Contrastive) Terms(s Scores) []Terms {
	begin(c, s)
	return []Terms{termsOfPairs(c.positive(s.Similarity), s.Positive), termsOfPairs(c.negative(s.Similarity), s.Negative)}
}

// positive returns the terms of positive pairs.
func (c Contrastive) positive(similarity *graph.Node) *graph.Node {
	return c.hinge(graph.AddScalar(graph.Neg(similarity), -c.PositiveMargin))
}

// negative returns the terms of negative pairs.
func (c Contrastive) negative(similarity *graph.Node) *graph.Node {
	return c.hinge(graph.AddScalar(similarity, c.NegativeMargin))
}

// hinge returns [x]_+, or its square.
func (c Contrastive) hinge(x *graph.Node) *graph.Node {
	if c.Squared {
		return graph.Square(stable.Hinge(x))
	}
	return stable.Hinge(x)
}

// Anchors implements [Loss]: those with a positive or a negative.
func (c Contrastive) Anchors(s Scores) *graph.Node { return s.withAny() }

// Validate implements [Loss].
func (c Contrastive) Validate() error {
	return validateMargins("Contrastive", c.PositiveMargin, c.NegativeMargin)
}

// Margin keeps positives within β − α of the anchor and negatives beyond β + α.
//
//	L = Σ over the pairs of [α + y(d − β)]_+ / the number of them above 0,  y = 1 for positives, −1 for negatives, d = −s
//
// The value of an anchor is the mean over all its pairs; [MeanNonZero] divides by the pairs above 0, as published. β may be
// learnt: add it to the similarities before, see [Margin.WithBeta]. For Normalized(NegativeL2). An anchor needs a positive or
// a negative. The zero value is invalid: start from [DefaultMargin].
//
// C.-Y. Wu et al., "Sampling Matters in Deep Embedding Learning", ICCV 2017.
type Margin struct {
	Alpha float64 // α, half the width of the gap, in units of distance, > 0
	Beta  float64 // β, the boundary, in units of distance, any number
}

// DefaultMargin returns the paper's setting: α = 0.2, β = 1.2.
func DefaultMargin() Margin { return Margin{Alpha: 0.2, Beta: 1.2} }

// WithBeta returns the scores under which the loss has a learnt boundary in place of Beta. There beta is a float variable, a scalar for
// all or [anchors] of each anchor's class. Its gradient is that of the formula.
func (m Margin) WithBeta(s Scores, beta *graph.Node) Scores {
	if !beta.IsScalar() {
		beta = stable.Column(beta)
	}
	s.Similarity = graph.AddScalar(graph.Add(s.Similarity, graph.ConvertDType(beta, s.Similarity.DType())), -m.Beta)
	return s
}

// PerAnchor implements [Loss].
func (m Margin) PerAnchor(s Scores) *graph.Node { return meanOfTerms(m.Terms(s)) }

// Terms implements [Termwise]: one kind, of all pairs.
func (m Margin) Terms(s Scores) []Terms {
	begin(m, s)
	beyond := graph.AddScalar(graph.Neg(s.Similarity), -m.Beta)
	terms := stable.Hinge(graph.AddScalar(graph.Where(s.Positive, beyond, graph.Neg(beyond)), m.Alpha))
	return []Terms{termsOfPairs(terms, graph.LogicalOr(s.Positive, s.Negative))}
}

// Anchors implements [Loss]: those with a positive or a negative.
func (m Margin) Anchors(s Scores) *graph.Node { return s.withAny() }

// Validate implements [Loss].
func (m Margin) Validate() error {
	if err := requirePositive("Margin: Alpha", m.Alpha); err != nil {
		return err
	}
	return require(finite(m.Beta), "Margin: Beta", "a number", m.Beta)
}
