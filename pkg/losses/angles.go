package losses

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

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

// DefaultAngular returns the 40° of pytorch-metric-learning; the paper uses 45° and 36°.
func DefaultAngular() Angular { return Angular{Angle: 40} }

// PerAnchor implements [Loss].
func (a Angular) PerAnchor(s Scores) *graph.Node { return meanOfTerms(a.Terms(s)) }

// Terms implements [Termwise]: one term per positive pair.
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

// TupletMargin sets each positive, its angle made larger by a slack, against all negatives.
//
//	L = mean over p of log[1 + Σ_n exp(γ(cos θ_n − cos(θ_p − β)))]
//
// The slack β keeps positives that are near enough from being drawn on. For [Cosine]; at cos θ = ±1 the slope of sin θ is taken
// as 0. An anchor needs a positive and a negative. The zero value is invalid: start from [DefaultTupletMargin].
//
// B. Yu, D. Tao, "Deep Metric Learning with Tuplet Margin Loss", ICCV 2019.
type TupletMargin struct {
	Angle float64 // β, in degrees, in [0, 90)
	Gamma float64 // γ, the scale (s in the paper), > 0
}

// DefaultTupletMargin returns the paper's setting: β = 5.73° (0.1 radians), γ = 64.
func DefaultTupletMargin() TupletMargin { return TupletMargin{Angle: 5.73, Gamma: 64} }

// PerAnchor implements [Loss].
func (m TupletMargin) PerAnchor(s Scores) *graph.Node { return meanOfTerms(m.Terms(s)) }

// Terms implements [Termwise]: one term per positive pair.
func (m TupletMargin) Terms(s Scores) []Terms {
	begin(m, s)
	slack := m.Angle * math.Pi / 180
	cos := s.Similarity
	sin := stable.SafeSqrt(graph.OneMinus(graph.Square(cos)), graph.ZerosLike(cos))
	nearer := graph.Add(graph.MulScalar(cos, math.Cos(slack)), graph.MulScalar(sin, math.Sin(slack)))
	negatives := stable.Column(stable.LogSumExp(graph.MulScalar(cos, m.Gamma), s.Negative))
	terms := stable.Softplus(graph.Sub(negatives, graph.MulScalar(nearer, m.Gamma)))
	return []Terms{termsOfPairs(terms, s.positiveOfBoth())}
}

// Anchors implements [Loss]: those with a positive and a negative.
func (m TupletMargin) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (TupletMargin) OddsSum() {}

// Validate implements [Loss].
func (m TupletMargin) Validate() error {
	if err := require(m.Angle >= 0 && m.Angle < 90, "TupletMargin: Angle", "in [0, 90) degrees", m.Angle); err != nil {
		return err
	}
	return requirePositive("TupletMargin: Gamma", m.Gamma)
}
