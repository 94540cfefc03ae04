package losses

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// RankedList draws positives inside a ball of radius α − m and drives negatives beyond α, the worst the most.
//
//	L = (1 − λ) Σ_p w_p (d_p − (α − m)) / Σ_p w_p + λ Σ_n w_n (α − d_n) / Σ_n w_n,  with d = −s
//	w_p = exp(T_p (d_p − (α − m))),  w_n = exp(T_n (α − d_n))
//
// The sums are over the positives beyond α − m and the negatives within α; an empty one counts 0. The weights have a gradient
// too. For Normalized(NegativeL2). An anchor needs a positive or a negative. The zero value is invalid: start from
// [DefaultRankedList].
//
// X. Wang et al., "Ranked List Loss for Deep Metric Learning", CVPR 2019.
type RankedList struct {
	Margin              float64 // m, the width between the two bounds, in units of distance, > 0
	Alpha               float64 // α, where negatives belong beyond, in units of distance, > m
	PositiveTemperature float64 // T_p, ≥ 0; at 0 all positives weigh the same
	NegativeTemperature float64 // T_n, ≥ 0
	Balance             float64 // λ, the weight of negatives, in [0, 1]
}

// DefaultRankedList returns the paper's simpler setting: m = 0.4, α = 1.2, T_p = 0, T_n = 10, λ = 0.5.
func DefaultRankedList() RankedList {
	return RankedList{Margin: 0.4, Alpha: 1.2, NegativeTemperature: 10, Balance: 0.5}
}

// PerAnchor implements [Loss].
func (l RankedList) PerAnchor(s Scores) *graph.Node {
	begin(l, s)
	weighted := func(violation, mask *graph.Node, temperature float64) *graph.Node {
		mask = within(mask, violation, 0, math.Inf(1))
		logWeights := graph.MulScalar(violation, temperature)
		return stable.MaskedSum(graph.Mul(stable.Softmax(logWeights, mask), violation), mask)
	}
	positive := weighted(graph.AddScalar(graph.Neg(s.Similarity), l.Margin-l.Alpha), s.Positive, l.PositiveTemperature)
	negative := weighted(graph.AddScalar(s.Similarity, l.Alpha), s.Negative, l.NegativeTemperature)
	return graph.Add(graph.MulScalar(positive, 1-l.Balance), graph.MulScalar(negative, l.Balance))
}

// Anchors implements [Loss]: those with a positive or a negative.
func (l RankedList) Anchors(s Scores) *graph.Node { return s.withAny() }

// Validate implements [Loss].
func (l RankedList) Validate() error {
	if err := requirePositive("RankedList: Margin", l.Margin); err != nil {
		return err
	}
	if err := require(finite(l.Alpha) && l.Alpha > l.Margin, "RankedList: Alpha", "a number > Margin", l.Alpha); err != nil {
		return err
	}
	if err := requireAtLeast0("RankedList: PositiveTemperature", l.PositiveTemperature); err != nil {
		return err
	}
	if err := requireAtLeast0("RankedList: NegativeTemperature", l.NegativeTemperature); err != nil {
		return err
	}
	return require(l.Balance >= 0 && l.Balance <= 1, "RankedList: Balance", "in [0, 1]", l.Balance)
}

// ThresholdConsistentMargin pulls up the positives whose similarity is below m_p and pushes down the negatives whose similarity is above
// m_n. Both thresholds are the same for all classes: added to another loss, it makes one threshold fit every class.
//
//	L = λ_p mean over the p with s_p < m_p of (m_p − s_p) + λ_n mean over the n with s_n > m_n of (s_n − m_n)
//
// The paper's means are over the batch: [MeanTerms]. For [Cosine]. An anchor needs a pair beyond a threshold. The zero value is
// invalid: start from [DefaultThresholdConsistentMargin].
//
// Q. Zhang et al., "Threshold-Consistent Margin Loss for Open-World Deep Metric Learning", ICLR 2024.
type ThresholdConsistentMargin struct {
	PositiveMargin float64 // m_p, in units of similarity, any number
	NegativeMargin float64 // m_n, in units of similarity, any number
	PositiveWeight float64 // λ_p, ≥ 0
	NegativeWeight float64 // λ_n, ≥ 0
}

// DefaultThresholdConsistentMargin returns the paper's setting: m_p = 0.9, m_n = 0.5, λ_p = λ_n = 1.
func DefaultThresholdConsistentMargin() ThresholdConsistentMargin {
	return ThresholdConsistentMargin{PositiveMargin: 0.9, NegativeMargin: 0.5, PositiveWeight: 1, NegativeWeight: 1}
}

// PerAnchor implements [Loss].
func (m ThresholdConsistentMargin) PerAnchor(s Scores) *graph.Node { return meanOfTerms(m.Terms(s)) }

// Terms implements [Termwise]: a kind for the positives, a kind for the negatives that are beyond their threshold.
func (m ThresholdConsistentMargin) Terms(s Scores) []Terms {
	begin(m, s)
	low, high := m.beyond(s)
	return []Terms{
		termsOfPairs(graph.MulScalar(graph.AddScalar(graph.Neg(s.Similarity), m.PositiveMargin), m.PositiveWeight), low),
		termsOfPairs(graph.MulScalar(graph.AddScalar(s.Similarity, -m.NegativeMargin), m.NegativeWeight), high),
	}
}

// Anchors implements [Loss]: those with a pair beyond its threshold.
func (m ThresholdConsistentMargin) Anchors(s Scores) *graph.Node {
	low, high := m.beyond(s)
	return graph.LogicalOr(stable.Any(low), stable.Any(high))
}

func (m ThresholdConsistentMargin) beyond(s Scores) (low, high *graph.Node) {
	return graph.LogicalAnd(s.Positive, graph.LessThan(s.Similarity, stable.Fill(s.Similarity, m.PositiveMargin))),
		graph.LogicalAnd(s.Negative, graph.GreaterThan(s.Similarity, stable.Fill(s.Similarity, m.NegativeMargin)))
}

// Validate implements [Loss].
func (m ThresholdConsistentMargin) Validate() error {
	const name = "ThresholdConsistentMargin"
	if err := validateMargins(name, m.PositiveMargin, m.NegativeMargin); err != nil {
		return err
	}
	if err := requireAtLeast0(name+": PositiveWeight", m.PositiveWeight); err != nil {
		return err
	}
	return requireAtLeast0(name+": NegativeWeight", m.NegativeWeight)
}

// IntraPairVariance evens out the similarities of the positive pairs, and those of the negative pairs: each kind is held to its
// own mean in the batch. It is added to another loss.
//
//	L = mean over p of [(1 − ε_p) s̄_p − s_p]_+² + mean over n of [s_n − (1 + ε_n) s̄_n]_+²
//
// s̄ are the means over all pairs of the batch, and have a gradient. The paper's outer means are over the batch too: [MeanTerms].
// For [Cosine]. An anchor needs a positive or a negative. The zero value is invalid: start from [DefaultIntraPairVariance].
//
// B. Yu, D. Tao, "Deep Metric Learning with Tuplet Margin Loss", ICCV 2019, section 3.3.
type IntraPairVariance struct {
	PositiveSlack float64 // ε_p, in (0, 1]
	NegativeSlack float64 // ε_n, in (0, 1]
}

// DefaultIntraPairVariance returns the loss with ε_p = ε_n = 0.01.
func DefaultIntraPairVariance() IntraPairVariance {
	return IntraPairVariance{PositiveSlack: 0.01, NegativeSlack: 0.01}
}

// PerAnchor implements [Loss].
func (v IntraPairVariance) PerAnchor(s Scores) *graph.Node { return meanOfTerms(v.Terms(s)) }

// Terms implements [Termwise]: a kind for positive pairs, a kind for negative pairs.
func (v IntraPairVariance) Terms(s Scores) []Terms {
	begin(v, s)
	mean := func(mask *graph.Node) *graph.Node {
		sum, count := stable.MaskedSum(s.Similarity, mask), stable.CountTrue(mask, s.Similarity.DType())
		return stable.Ratio(graph.ReduceAllSum(sum), graph.ReduceAllSum(count))
	}
	low := graph.Sub(graph.MulScalar(mean(s.Positive), 1-v.PositiveSlack), s.Similarity)
	high := graph.Sub(s.Similarity, graph.MulScalar(mean(s.Negative), 1+v.NegativeSlack))
	return []Terms{
		termsOfPairs(graph.Square(stable.Hinge(low)), s.Positive),
		termsOfPairs(graph.Square(stable.Hinge(high)), s.Negative),
	}
}

// Joint implements [Joint].
func (v IntraPairVariance) Joint() string { return "the mean similarities of all pairs of the batch" }

// Anchors implements [Loss]: those with a positive or a negative.
func (v IntraPairVariance) Anchors(s Scores) *graph.Node { return s.withAny() }

// Validate implements [Loss].
func (v IntraPairVariance) Validate() error {
	const rule = "in (0, 1]"
	if err := require(v.PositiveSlack > 0 && v.PositiveSlack <= 1, "IntraPairVariance: PositiveSlack", rule, v.PositiveSlack); err != nil {
		return err
	}
	return require(v.NegativeSlack > 0 && v.NegativeSlack <= 1, "IntraPairVariance: NegativeSlack", rule, v.NegativeSlack)
}
