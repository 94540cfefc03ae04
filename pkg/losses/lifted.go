package losses

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/losses/internal/fold"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// LiftedStructure sets each positive pair against all negatives of both its ends.
//
//	L = mean over p of ½[log(Σ_{n ∈ N(a)} exp(m_n − d_an) + Σ_{n ∈ N(p)} exp(m_n − d_pn)) + d_ap − m_p]_+²,  with d = −s
//
// The negatives of p are in p's row, so the value of an anchor looks at other rows: it needs the scores of a batch against
// itself, from [Pairs]. For Normalized(NegativeL2). An anchor needs a positive and a negative. The zero value is invalid: start
// from [DefaultLiftedStructure].
//
// H. Oh Song et al., "Deep Metric Learning via Lifted Structured Feature Embedding", CVPR 2016, eq. 4.
type LiftedStructure struct {
	PositiveMargin float64 // m_p, in units of distance, any number
	NegativeMargin float64 // m_n, in units of distance, any number
}

// DefaultLiftedStructure is the paper's margin of 1 for negatives, and 0 for positives.
func DefaultLiftedStructure() LiftedStructure { return LiftedStructure{NegativeMargin: 1} }

// PerAnchor implements [Loss].
func (l LiftedStructure) PerAnchor(s Scores) *graph.Node { return meanOfTerms(l.Terms(s)) }

// Terms implements [Termwise]: one term a positive pair.
func (l LiftedStructure) Terms(s Scores) []Terms {
	begin(l, s)
	beginJoint(l, s)
	negatives := stable.Column(stable.LogSumExp(graph.AddScalar(s.Similarity, l.NegativeMargin), s.Negative))
	n := s.Similarity.Shape()
	own := graph.BroadcastToShape(negatives, n)
	others := graph.BroadcastToShape(graph.Transpose(negatives, 0, 1), n)
	violation := stable.Hinge(graph.Sub(stable.LogAddExp(own, others), graph.AddScalar(s.Similarity, l.PositiveMargin)))
	return []Terms{termsOfPairs(graph.MulScalar(graph.Square(violation), 0.5), s.positiveOfBoth())}
}

// Joint implements [Joint].
func (l LiftedStructure) Joint() string {
	return "the negatives of an anchor's positives, in their rows"
}

// Anchors implements [Loss]: those with a positive and a negative.
func (l LiftedStructure) Anchors(s Scores) *graph.Node { return s.withBoth() }

// Validate implements [Loss].
func (l LiftedStructure) Validate() error {
	return validateMargins("LiftedStructure", l.PositiveMargin, l.NegativeMargin)
}

// GeneralizedLifted is the lifted structure loss over all positives and negatives of an anchor at once, without the square.
//
//	L = [log Σ_p exp(d_p − m_p) + log Σ_n exp(m_n − d_n)]_+,  with d = −s
//
// It is a hinge of [Unified] with γ = 1. For Normalized(NegativeL2). An anchor needs a positive and a negative. The zero value
// is invalid: start from [DefaultGeneralizedLifted].
//
// A. Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification", 2017, eq. 9.
type GeneralizedLifted struct {
	PositiveMargin float64 // m_p, in units of distance, any number
	NegativeMargin float64 // m_n, in units of distance, any number
}

// DefaultGeneralizedLifted has a margin of 1 for negatives, and 0 for positives.
func DefaultGeneralizedLifted() GeneralizedLifted { return GeneralizedLifted{NegativeMargin: 1} }

// PerAnchor implements [Loss].
func (l GeneralizedLifted) PerAnchor(s Scores) *graph.Node {
	begin(l, s)
	logits := fold.Logits(
		func(s *graph.Node) *graph.Node { return graph.AddScalar(graph.Neg(s), -l.PositiveMargin) },
		func(s *graph.Node) *graph.Node { return graph.AddScalar(s, l.NegativeMargin) })
	return s.sum(fold.Formula{Rounds: logits, Combine: func(sums []fold.Result) *graph.Node {
		return stable.Hinge(graph.Add(sums[0].Positive, sums[0].Negative))
	}})
}

// Anchors implements [Loss]: those with a positive and a negative.
func (l GeneralizedLifted) Anchors(s Scores) *graph.Node { return s.withBoth() }

// Validate implements [Loss].
func (l GeneralizedLifted) Validate() error {
	return validateMargins("GeneralizedLifted", l.PositiveMargin, l.NegativeMargin)
}

func validateMargins(loss string, positive, negative float64) error {
	if err := require(finite(positive), loss+": PositiveMargin", "a number", positive); err != nil {
		return err
	}
	if err := require(finite(negative), loss+": NegativeMargin", "a number", negative); err != nil {
		return err
	}
	return require(positive != 0 || negative != 0, loss, "given margins (start from Default"+loss+")", []float64{positive, negative})
}

// Angular bounds the angle at a negative between an anchor and its positive: it compares the sides of the triangle, and so does
// not change with its size.
//
//	L = mean over p of log[1 + Σ_n exp(4 tan²α · (s_an + s_pn) − 2(1 + tan²α) · s_ap)]
//
// The similarity of p with n is in p's row, so it needs the scores of a batch against itself, from [Pairs]. For [Cosine]: all
// three vectors are normalised (pytorch-metric-learning 2 leaves negatives as they are); similarities of hundreds would underflow
// in its sums. An anchor needs a positive and a
// negative. The zero value is invalid: start from [DefaultAngular].
//
// J. Wang et al., "Deep Metric Learning with Angular Loss", ICCV 2017, eq. 8.
type Angular struct {
	Angle float64 // α, in degrees, in (0, 60]; the paper's are 36 to 55
}

// DefaultAngular is the 40° of pytorch-metric-learning; the paper uses 45° and 36°.
func DefaultAngular() Angular { return Angular{Angle: 40} }

// PerAnchor implements [Loss].
func (a Angular) PerAnchor(s Scores) *graph.Node { return meanOfTerms(a.Terms(s)) }

// Terms implements [Termwise]: one term a positive pair.
func (a Angular) Terms(s Scores) []Terms {
	begin(a, s)
	beginJoint(a, s)
	tan := math.Tan(a.Angle * math.Pi / 180)
	// Σ_n exp(x_an)·exp(x_pn) for all pairs at once is a matrix product. Each row is shifted by its own largest term; the
	// angles allowed keep products of cosines' terms above the least float32.
	logits := graph.Where(s.Negative, graph.MulScalar(s.Similarity, 4*tan*tan), stable.Fill(s.Similarity, stable.Absent))
	peak := graph.StopGradient(graph.ReduceAndKeep(logits, graph.ReduceMax, -1))
	terms := stable.ZeroUnless(s.Negative, stable.Share(logits, peak))
	sum := graph.MatMul(terms, graph.Transpose(terms, 0, 1))
	some := stable.Positive(sum)
	logSum := graph.Add(graph.Add(stable.SafeLog(sum), peak), graph.Transpose(peak, 0, 1))
	pull := graph.MulScalar(s.Similarity, 2*(1+tan*tan))
	return []Terms{termsOfPairs(stable.Softplus(stable.ZeroUnless(some, graph.Sub(logSum, pull))), graph.LogicalAnd(s.Positive, some))}
}

// Joint implements [Joint].
func (a Angular) Joint() string {
	return "the similarities of an anchor's positives with its negatives, in their rows"
}

// Anchors implements [Loss]: those with a positive and a negative.
func (a Angular) Anchors(s Scores) *graph.Node { return s.withBoth() }

// Validate implements [Loss].
func (a Angular) Validate() error {
	return require(a.Angle > 0 && a.Angle <= 60, "Angular: Angle", "in (0, 60] degrees", a.Angle)
}

// beginJoint panics unless the scores are of a batch against itself.
func beginJoint(loss Joint, s Scores) {
	if shape := s.Similarity.Shape(); shape.Dim(0) != shape.Dim(1) {
		exceptions.Panicf("%T looks at %s: it needs the scores of a batch against itself, from losses.Pairs, got %s",
			loss, loss.Joint(), shape)
	}
}
