package losses

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Mining says which triplets of an anchor a [Triplet] loss takes.
type Mining string

// The minings. With similarities s_p and s_n of a triplet, its gap is s_n − s_p.
const (
	MineAll      Mining = "all"       // every triplet
	MineHard     Mining = "hard"      // the anchor's least similar positive with its most similar negative ("batch hard")
	MineSemiHard Mining = "semi-hard" // triplets inside the margin that are in the right order: −m ≤ gap < 0
)

// Triplet asks a positive to be closer than a negative by a margin.
//
//	hinge: L = mean over the triplets (a, p, n) of [s_n − s_p + m]_+
//	soft:  L = mean over the triplets (a, p, n) of log[1 + exp(s_n − s_p + m)]
//
// With [NegativeL2] the margin is one of distances, d_p − d_n + m. An anchor needs a triplet of its mining; others have 0.
// The zero value is invalid: start from [DefaultTriplet]. It takes O(anchors · candidates²) comparisons; on XLA no
// memory of that size, on the pure-Go backend that of a few such cubes.
//
// F. Schroff et al., "FaceNet: A Unified Embedding for Face Recognition and Clustering", CVPR 2015 (hinge, semi-hard);
// A. Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification", 2017 (hard, soft).
type Triplet struct {
	Margin float64 // m, in units of similarity (or distance), ≥ 0
	Soft   bool    // log(1 + exp(x)) in place of the hinge [x]_+
	Mining Mining  // which triplets
}

// DefaultTriplet is FaceNet's margin of 0.2 over all triplets, for Normalized(NegativeL2).
func DefaultTriplet() Triplet { return Triplet{Margin: 0.2, Mining: MineAll} }

// PerAnchor implements [Loss].
func (t Triplet) PerAnchor(s Scores) *graph.Node { return meanOfTerms(t.Terms(s)) }

// Anchors implements [Loss]: those with a triplet to learn from.
func (t Triplet) Anchors(s Scores) *graph.Node {
	if t.Mining == MineSemiHard {
		return anyOf(graph.ReduceLogicalOr(t.triplets(s), -1))
	}
	return s.withBoth()
}

// Terms implements [Termwise]: one term a triplet.
func (t Triplet) Terms(s Scores) []Terms {
	begin(t, s)
	if t.Mining == MineHard {
		gap := graph.Sub(maskedMax(s.Similarity, s.Negative), maskedMin(s.Similarity, s.Positive))
		return []Terms{termsOfPairs(expandLast(t.term(graph.AddScalar(gap, t.Margin))), expandLast(s.withBoth()))}
	}
	return []Terms{t.overTriplets(s)}
}

// overTriplets sums up the terms of all chosen triplets. The [anchors, positives, negatives] cube is looked at under
// StopGradient only, in sums that XLA fuses with what they are of, so that it is never in memory. The gradient is attached
// afterwards: of a sum of φ(s_n − s_p + m) it is Σ_p φ' for each s_n and −Σ_n φ' for each s_p.
func (t Triplet) overTriplets(s Scores) Terms {
	held := s
	held.Similarity = graph.StopGradient(s.Similarity)
	chosen := graph.StopGradient(t.triplets(held))
	violation := graph.AddScalar(t.gaps(held), t.Margin)
	terms := zeroUnless(chosen, t.term(violation))
	slopes := zeroUnless(chosen, t.slope(violation))

	change := graph.Sub(s.Similarity, held.Similarity) // 0, with gradient 1
	pull := graph.Sub(graph.ReduceSum(slopes, 1), graph.ReduceSum(slopes, 2))
	dtype := s.Similarity.DType()
	count := func(mask *graph.Node) *graph.Node { return graph.ReduceSum(graph.ConvertDType(mask, dtype), 1, 2) }
	return Terms{
		Sum:     graph.Add(graph.ReduceSum(terms, 1, 2), graph.ReduceSum(graph.Mul(pull, change), -1)),
		Count:   count(chosen),
		NonZero: count(graph.GreaterThan(terms, graph.ZerosLike(terms))),
	}
}

// gaps returns s_n − s_p of each positive with each negative, [anchors, positives, negatives].
func (t Triplet) gaps(s Scores) *graph.Node {
	return graph.Sub(graph.InsertAxes(s.Similarity, 1), graph.InsertAxes(s.Similarity, 2))
}

// triplets tells which of the gaps the mining takes, bool [anchors, positives, negatives].
func (t Triplet) triplets(s Scores) *graph.Node {
	valid := graph.LogicalAnd(graph.InsertAxes(s.Positive, 2), graph.InsertAxes(s.Negative, 1))
	if t.Mining == MineSemiHard {
		gaps := t.gaps(s)
		ordered := graph.LessThan(gaps, graph.ZerosLike(gaps))
		inside := graph.GreaterOrEqual(gaps, fill(gaps, -t.Margin))
		valid = graph.LogicalAnd(valid, graph.LogicalAnd(ordered, inside))
	}
	return valid
}

// term is the loss of a triplet with a violation s_n − s_p + m.
func (t Triplet) term(violation *graph.Node) *graph.Node {
	if t.Soft {
		return softplus(violation)
	}
	return hinge(violation)
}

// slope is the derivative of term.
func (t Triplet) slope(violation *graph.Node) *graph.Node {
	if t.Soft {
		return graph.Sigmoid(violation)
	}
	return graph.ConvertDType(graph.GreaterThan(violation, graph.ZerosLike(violation)), violation.DType())
}

// Validate implements [Loss].
func (t Triplet) Validate() error {
	if err := require(finite(t.Margin) && t.Margin >= 0, "Triplet: Margin", "a number ≥ 0", t.Margin); err != nil {
		return err
	}
	minings := []Mining{MineAll, MineHard, MineSemiHard}
	return require(slices.Contains(minings, t.Mining), "Triplet: Mining", `"all", "hard" or "semi-hard"`, string(t.Mining))
}
