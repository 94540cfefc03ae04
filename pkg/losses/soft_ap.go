package losses

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/internal/gaps"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// SmoothAP is 1 − the average precision of an anchor's ranking, where "before" is a sigmoid of the difference of similarities.
//
//	L = 1 − mean over p of R⁺_p / R_p,  R⁺_p = 1 + Σ_{j ∈ P, j ≠ p} σ((s_j − s_p)/τ),  R_p = R⁺_p + Σ_{j ∈ N} σ((s_j − s_p)/τ)
//
// R_p is the soft rank of a positive among all, R⁺_p among the positives. Classes may have any sizes. For [Cosine]. An anchor
// needs a positive; without a negative it has 0. It takes time for every three, O(anchors · candidates²), in pieces of
// 64 MiB or a 64th of it. The zero value is invalid: start from [DefaultSmoothAP].
//
// A. Brown et al., "Smooth-AP: Smoothing the Path Towards Large-Scale Image Retrieval", ECCV 2020.
type SmoothAP struct {
	Temperature float64 // τ, of the sigmoid, > 0
}

// DefaultSmoothAP returns the paper's τ = 0.01.
func DefaultSmoothAP() SmoothAP { return SmoothAP{Temperature: 0.01} }

// PerAnchor implements [Loss].
func (a SmoothAP) PerAnchor(s Scores) *graph.Node {
	begin(a, s)
	// Among the positives each counts itself with σ(0) = ½, whose gradient is 0.
	among := graph.AddScalar(softRank(s, s.Positive, a.Temperature), 0.5)
	before := softRank(s, s.Negative, a.Temperature)
	return stable.MaskedMean(graph.Div(before, graph.Add(among, before)), s.Positive) // 1 − R⁺/R, exact near 0
}

// Anchors implements [Loss]: those with a positive.
func (a SmoothAP) Anchors(s Scores) *graph.Node { return s.withPositive() }

// Validate implements [Loss].
func (a SmoothAP) Validate() error { return requirePositive("SmoothAP: Temperature", a.Temperature) }

// Penalty says what [PNP] makes of the number of negatives before a positive, R.
type Penalty string

// The penalties, under the paper's names: the slope of O is constant, of Iu and Ib it increases with R, of Ds and Dq it decreases.
const (
	PenaltyO  Penalty = "O"  // R
	PenaltyIu Penalty = "Iu" // (1 + R) log(1 + R), unbounded slope
	PenaltyIb Penalty = "Ib" // (bR − log(1 + bR))/b², bounded slope
	PenaltyDs Penalty = "Ds" // log(1 + R)
	PenaltyDq Penalty = "Dq" // 1 − (1 + R)^−α
)

// PNP penalises the negatives before a positive, and nothing else of the ranking.
//
//	L = mean over p of f(R_p),  R_p = Σ_n σ((s_n − s_p)/τ)
//
// f is the [Penalty]. For [Cosine]. An anchor needs a positive; without a negative it has 0. It takes time for every three,
// O(anchors · candidates²), in pieces of 64 MiB or a 64th of it. The zero value is invalid: start from [DefaultPNP].
//
// Z. Li et al., "Rethinking the Optimization of Average Precision: Only Penalizing Negative Instances before Positive Ones is
// Enough", AAAI 2022.
type PNP struct {
	Penalty     Penalty // f: O, Iu, Ib, Ds or Dq
	Alpha       float64 // α, of Dq, > 0
	B           float64 // b, of Ib, > 0
	Temperature float64 // τ, of the sigmoid, > 0
}

// DefaultPNP returns the loss with the penalty Dq, of the decreasing kind that the paper finds best, with α = 1, b = 2, τ = 0.01.
func DefaultPNP() PNP { return PNP{Penalty: PenaltyDq, Alpha: 1, B: 2, Temperature: 0.01} }

// PerAnchor implements [Loss].
func (l PNP) PerAnchor(s Scores) *graph.Node { return meanOfTerms(l.Terms(s)) }

// Terms implements [Termwise]: one term per positive pair.
func (l PNP) Terms(s Scores) []Terms {
	begin(l, s)
	return []Terms{termsOfPairs(l.penalty(softRank(s, s.Negative, l.Temperature)), s.Positive)}
}

func (l PNP) penalty(before *graph.Node) *graph.Node {
	log := stable.Log1p(before)
	switch l.Penalty {
	case PenaltyIu:
		return graph.Mul(graph.OnePlus(before), log)
	case PenaltyIb:
		scaled := graph.MulScalar(before, l.B)
		return graph.DivScalar(graph.Sub(scaled, stable.Log1p(scaled)), l.B*l.B)
	case PenaltyDs:
		return log
	case PenaltyDq:
		return graph.Neg(stable.Expm1(graph.MulScalar(log, -l.Alpha)))
	}
	return before
}

// Anchors implements [Loss]: those with a positive.
func (l PNP) Anchors(s Scores) *graph.Node { return s.withPositive() }

// Validate implements [Loss].
func (l PNP) Validate() error {
	known := []Penalty{PenaltyO, PenaltyIu, PenaltyIb, PenaltyDs, PenaltyDq}
	if err := require(slices.Contains(known, l.Penalty), "PNP: Penalty", `"O", "Iu", "Ib", "Ds" or "Dq"`, string(l.Penalty)); err != nil {
		return err
	}
	if err := requirePositive("PNP: Alpha", l.Alpha); err != nil {
		return err
	}
	if err := requirePositive("PNP: B", l.B); err != nil {
		return err
	}
	return requirePositive("PNP: Temperature", l.Temperature)
}

// softRank counts softly how many of the candidates that mask takes are more similar to the anchor than each candidate is,
// [anchors, candidates].
func softRank(s Scores, mask *graph.Node, temperature float64) *graph.Node {
	before := func(gap *graph.Node) *graph.Node { return stable.Sigmoid(graph.DivScalar(gap, temperature)) }
	slope := func(gap *graph.Node) *graph.Node {
		sigmoid := before(gap)
		return graph.DivScalar(graph.Mul(sigmoid, graph.OneMinus(sigmoid)), temperature)
	}
	return gaps.Cube{Similarity: s.Similarity, Of: mask}.Sum(before, slope)
}
