package losses_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// randomBatch is labels (perClass rows each) and embeddings, with class weights.
func randomBatch(seed uint64, numClasses, perClass, dim int) batch {
	random := rand.New(rand.NewPCG(seed, 7))
	vector := func() []float64 {
		v := make([]float64, dim)
		for j := range v {
			v[j] = random.NormFloat64()
		}
		return v
	}
	var in batch
	for class := range numClasses {
		in.others = append(in.others, vector())
		for range perClass {
			in.labels, in.embeddings = append(in.labels, int32(class)), append(in.embeddings, vector())
		}
	}
	return in
}

// crossEntropy is softmax cross-entropy of logits, written without this package's primitives.
func crossEntropy(logits, own *graph.Node) *graph.Node {
	target := graph.ReduceSum(graph.Where(own, logits, graph.ZerosLike(logits)), -1)
	all := graph.Log(graph.ReduceSum(graph.Exp(logits), -1))
	return graph.ReduceAllMean(graph.Sub(all, target))
}

// shiftedCrossEntropy is softmax cross-entropy of class scores, the own less a margin, times a scale.
func shiftedCrossEntropy(margin, gamma float64) func(losses.Scores) *graph.Node {
	return func(s losses.Scores) *graph.Node {
		shift := graph.MulScalar(graph.ConvertDType(s.Positive, s.Similarity.DType()), margin)
		return crossEntropy(graph.MulScalar(graph.Sub(s.Similarity, shift), gamma), s.Positive)
	}
}

// onePair leaves each anchor of two classes of two rows one positive and one negative: the row across.
func onePair(labels, embeddings, _, _ *graph.Node) losses.Scores {
	s := losses.Pairs(labels, embeddings, losses.Cosine)
	across := graph.Const(labels.Graph(), [][]bool{
		{false, false, true, false}, {false, false, false, true}, {true, false, false, false}, {false, true, false, false},
	})
	s.Negative = graph.LogicalAnd(s.Negative, across)
	return s
}

// unitWeights brings the class weights to length 1.
func unitWeights(in batch) batch {
	for i, w := range in.others {
		in.others[i] = scaled([][]float64{w}, 1/math.Sqrt(dot(w, w)))[0]
	}
	return in
}

// circleWithWeightsAt1 is the mean of equation (6) with α = 1, by plain sums.
func circleWithWeightsAt1(s losses.Scores, m, gamma float64) *graph.Node {
	sum := func(mask *graph.Node, delta, sign float64) *graph.Node {
		exp := graph.Exp(graph.MulScalar(graph.AddScalar(s.Similarity, -delta), sign*gamma))
		return graph.ReduceSum(graph.Where(mask, exp, graph.ZerosLike(exp)), -1)
	}
	return graph.ReduceAllMean(graph.Log1p(graph.Mul(sum(s.Negative, m, 1), sum(s.Positive, 1-m, -1))))
}

// The edges of the family: one loss under a setting is another, in value and gradient.
func TestSpecialCases(t *testing.T) {
	const exact = 1e-9
	edges := []struct {
		name       string
		in         batch
		scores     scoring
		this, that func(losses.Scores) *graph.Node
		tolerance  float64
	}{
		{
			"Unified on class scores is cross-entropy of shifted logits, as AMSoftmax", randomBatch(1, 5, 3, 4), classes(losses.Cosine),
			reduced(losses.Unified{Margin: 0.35, Gamma: 16}, losses.Mean), shiftedCrossEntropy(0.35, 16), exact,
		},
		{
			"AMSoftmax is cross-entropy of shifted logits", randomBatch(2, 5, 3, 4), classes(losses.Cosine),
			reduced(losses.AMSoftmax{Margin: 0.35, Gamma: 16}, losses.Mean), shiftedCrossEntropy(0.35, 16), exact,
		},
		{
			"NormFace is cross-entropy of cosines, as AMSoftmax without a margin", randomBatch(3, 5, 3, 4), classes(losses.Cosine),
			reduced(losses.NormFace{Gamma: 20}, losses.Mean), shiftedCrossEntropy(0, 20), exact,
		},
		{
			"Softmax is cross-entropy of dot products, as NormFace of scale 1", randomBatch(5, 5, 3, 4), classes(losses.Dot),
			reduced(losses.Softmax{}, losses.Mean), shiftedCrossEntropy(0, 1), exact,
		},
		{
			// With one positive, −log of its share among itself and the negatives: N-pair, and NT-Xent with τ = 1/γ.
			"Unified with K = 1 is NT-Xent", randomBatch(6, 6, 2, 4), pairs(losses.Cosine),
			reduced(losses.Unified{Gamma: 1 / 0.07}, losses.Mean),
			func(s losses.Scores) *graph.Node {
				logits := graph.DivScalar(s.Similarity, 0.07)
				self := graph.LogicalNot(graph.LogicalOr(s.Positive, s.Negative))
				return crossEntropy(graph.Where(self, graph.AddScalar(graph.MulScalar(logits, 0), -1e4), logits), s.Positive)
			}, exact,
		},
		{
			"Unified/γ goes to the hardest triplet", randomBatch(7, 4, 3, 4), pairs(losses.Cosine),
			func(s losses.Scores) *graph.Node {
				const gamma = 1e11 // the gap to the limit is log(K·L)/γ
				return graph.DivScalar(losses.Mean.Of(losses.Unified{Margin: 0.2, Gamma: gamma}, s), gamma)
			},
			reduced(losses.Triplet{Margin: 0.2, Mining: losses.MineHard}, losses.Mean), exact,
		},
		{
			"the hardest triplet with K = L = 1 is every triplet", randomBatch(8, 2, 2, 4), onePair,
			reduced(losses.Triplet{Margin: 0.5, Mining: losses.MineHard}, losses.Mean),
			reduced(losses.Triplet{Margin: 0.5, Mining: losses.MineAll}, losses.Mean), exact,
		},
		{
			"Unified with K = L = 1, γ = 1 is the soft triplet", randomBatch(9, 2, 2, 4), onePair,
			reduced(losses.Unified{Margin: 0.3, Gamma: 1}, losses.Mean),
			reduced(losses.Triplet{Margin: 0.3, Soft: true, Mining: losses.MineAll}, losses.Mean), exact,
		},
		{
			"NPair is the mean of log(1 + Σ exp(s_n − s_p)), as NT-Xent of temperature 1", randomBatch(11, 4, 3, 4), pairs(losses.Dot),
			reduced(losses.NPair{}, losses.Mean),
			func(s losses.Scores) *graph.Node {
				negatives := graph.ReduceAndKeep(graph.Where(s.Negative, graph.Exp(s.Similarity), graph.ZerosLike(s.Similarity)), graph.ReduceSum, -1)
				terms := graph.Log1p(graph.Mul(negatives, graph.Exp(graph.Neg(s.Similarity))))
				const positives = 4 * 3 * 2
				return graph.DivScalar(graph.ReduceAllSum(graph.Where(s.Positive, terms, graph.ZerosLike(terms))), positives)
			}, exact,
		},
		{
			"NT-Xent with K = 1 is Unified of γ = 1/τ", randomBatch(12, 6, 2, 4), pairs(losses.Cosine),
			reduced(losses.NTXent{Temperature: 0.1}, losses.Mean), reduced(losses.Unified{Gamma: 10}, losses.Mean), exact,
		},
		{
			"SupCon with K = 1 is NT-Xent", randomBatch(13, 6, 2, 4), pairs(losses.Cosine),
			reduced(losses.SupCon{Temperature: 0.1}, losses.Mean), reduced(losses.NTXent{Temperature: 0.1}, losses.Mean), exact,
		},
		{
			"NCA with K = 1 is Unified", randomBatch(14, 6, 2, 4), pairs(unitSquaredL2),
			reduced(losses.NCA{Scale: 3}, losses.Mean), reduced(losses.Unified{Gamma: 3}, losses.Mean), exact,
		},
		{
			"ProxyNCA is cross-entropy of cosines, as NormFace of twice the scale", randomBatch(15, 5, 3, 4), classes(losses.Cosine),
			func(s losses.Scores) *graph.Node {
				s.Similarity = graph.MulScalar(graph.AddScalar(s.Similarity, -1), 2) // −|x − p|² of unit vectors
				return losses.Mean.Of(losses.ProxyNCA{Scale: 4}, s)
			},
			shiftedCrossEntropy(0, 8), exact,
		},
		{
			"ArcFace without a margin is cross-entropy of cosines, as NormFace", randomBatch(16, 5, 3, 4), classes(losses.Cosine),
			reduced(losses.ArcFace{Gamma: 16}, losses.Mean), shiftedCrossEntropy(0, 16), exact,
		},
		{
			"SubCenterArcFace of one center is cross-entropy with cos(θ_y + m), as ArcFace", randomBatch(22, 5, 3, 4),
			classes(losses.Measure(losses.SubCenterArcFace{Centers: 1}, losses.Cosine)),
			reduced(losses.SubCenterArcFace{Margin: 0.5, Gamma: 16, Centers: 1}, losses.Mean),
			func(s losses.Scores) *graph.Node { // no angle of this batch is above π − m
				sin := graph.Sqrt(graph.OneMinus(graph.Square(s.Similarity)))
				own := graph.Sub(graph.MulScalar(s.Similarity, math.Cos(0.5)), graph.MulScalar(sin, math.Sin(0.5)))
				return crossEntropy(graph.MulScalar(graph.Where(s.Positive, own, s.Similarity), 16), s.Positive)
			}, exact,
		},
		{
			"SoftTriple of one center is cross-entropy of shifted logits, as AMSoftmax", randomBatch(23, 5, 3, 4),
			classes(losses.Measure(losses.SoftTriple{Temperature: 0.1, Centers: 1}, losses.Cosine)),
			reduced(losses.SoftTriple{Margin: 0.01, Gamma: 20, Temperature: 0.1, Centers: 1}, losses.Mean), shiftedCrossEntropy(0.01, 20), exact,
		},
		{
			"PNP of the penalty Ds with one negative, τ = 1 is softplus of a sigmoid's", randomBatch(24, 2, 2, 4), onePair,
			reduced(losses.PNP{Penalty: losses.PenaltyDs, Alpha: 1, B: 1, Temperature: 1}, losses.Mean),
			func(s losses.Scores) *graph.Node { // the soft triplet's slope is σ(s_n − s_p), and R is that
				loss := losses.Triplet{Soft: true, Mining: losses.MineAll}.PerAnchor(s)
				return graph.ReduceAllMean(graph.Log1p(graph.OneMinus(graph.Exp(graph.Neg(loss)))))
			}, exact,
		},
		{
			"SmoothAP with one positive is PNP of the penalty Dq, α = 1", randomBatch(25, 6, 2, 4), pairs(losses.Cosine),
			reduced(losses.SmoothAP{Temperature: 0.1}, losses.Mean),
			reduced(losses.PNP{Penalty: losses.PenaltyDq, Alpha: 1, B: 1, Temperature: 0.1}, losses.Mean), exact,
		},
		{
			"ThresholdConsistentMargin is Contrastive over its violators", randomBatch(26, 4, 3, 4), pairs(losses.Cosine),
			reduced(losses.DefaultThresholdConsistentMargin(), losses.MeanNonZero),
			reduced(losses.Contrastive{PositiveMargin: -0.9, NegativeMargin: -0.5}, losses.MeanNonZero), exact,
		},
		{
			"RankedList without temperatures is Contrastive over its violators, halved", randomBatch(27, 4, 3, 4), pairs(unitL2),
			reduced(losses.RankedList{Margin: 0.4, Alpha: 1.2, Balance: 0.5}, losses.MeanAll),
			func(s losses.Scores) *graph.Node {
				half := losses.Contrastive{PositiveMargin: 0.8, NegativeMargin: 1.2}
				kinds := half.Terms(s)
				mean := func(kind losses.Terms) *graph.Node {
					sum, count := kind(0, math.Inf(1))
					return graph.Div(sum, graph.Max(count, graph.OnesLike(count)))
				}
				return graph.MulScalar(graph.ReduceAllMean(graph.Add(mean(kinds[0]), mean(kinds[1]))), 0.5)
			}, exact,
		},
		{
			"Large-Margin Softmax with m = 1 is cross-entropy of dot products, as Softmax", randomBatch(17, 5, 3, 4), classes(losses.Cosine),
			reduced(losses.LargeMarginSoftmax{Margin: 1}, losses.Mean),
			func(s losses.Scores) *graph.Node {
				return crossEntropy(losses.Dot.Of(s.AnchorVectors, s.CandidateVectors), s.Positive)
			}, exact,
		},
		{
			"SphereFace is Large-Margin Softmax on unit weights", randomBatch(18, 5, 3, 4),
			func(labels, embeddings, weights, _ *graph.Node) losses.Scores {
				return losses.Classes(labels, embeddings, losses.Normalize(weights), losses.Cosine)
			},
			reduced(losses.SphereFace{Margin: 3}, losses.Mean), reduced(losses.LargeMarginSoftmax{Margin: 3}, losses.Mean), exact,
		},
		{
			"L2-Softmax on unit weights is cross-entropy of cosines, as NormFace", unitWeights(randomBatch(19, 5, 3, 4)), classes(losses.UnitDot),
			reduced(losses.L2Softmax{Alpha: 16}, losses.Mean), shiftedCrossEntropy(0, 16), exact,
		},
		{
			"the generalised lifted structure is a hinge of Unified", randomBatch(20, 4, 3, 4), pairs(unitL2),
			reduced(losses.GeneralizedLifted{NegativeMargin: 1}, losses.Mean),
			func(s losses.Scores) *graph.Node { // log(e^L − 1), above 0 on this batch
				value := losses.Unified{Margin: 1, Gamma: 1}.PerAnchor(s)
				return graph.ReduceAllMean(graph.Log(graph.AddScalar(graph.Exp(value), -1)))
			}, exact,
		},
		{
			"Contrastive out of reach of its positives is a hinge on negatives", randomBatch(21, 5, 3, 4), pairs(losses.Cosine),
			reduced(losses.Contrastive{PositiveMargin: 1, NegativeMargin: 0.5}, losses.Mean), // s ≥ −1: no positive violates
			func(s losses.Scores) *graph.Node {
				violation := graph.AddScalar(s.Similarity, 0.5)
				zero := graph.ZerosLike(violation)
				chosen := graph.LogicalAnd(s.Negative, graph.GreaterThan(violation, zero))
				count := graph.ReduceSum(graph.ConvertDType(s.Negative, violation.DType()), -1)
				return graph.ReduceAllMean(graph.Div(graph.ReduceSum(graph.Where(chosen, violation, zero), -1), count))
			}, exact,
		},
		{
			// γ α (s − Δ) with α = 1: −γ(s_p − 1 + m) and γ(s_n − m) add up to γ(s_n − s_p + 1 − 2m).
			"Circle with its weights at 1 is Unified of margin 1 − 2m", randomBatch(10, 4, 3, 4), pairs(losses.Cosine),
			func(s losses.Scores) *graph.Node { return circleWithWeightsAt1(s, 0.4, 8) },
			reduced(losses.Unified{Margin: 1 - 2*0.4, Gamma: 8}, losses.Mean), exact,
		},
	}
	// The identities are of formulas, so one backend shows them; TestGolden shows that the backends agree.
	b := backendtest.Go(t)
	for _, edge := range edges {
		t.Run(edge.name, func(t *testing.T) {
			this := evaluate(t, b, dtypes.Float64, edge.in, edge.scores, edge.this)
			that := evaluate(t, b, dtypes.Float64, edge.in, edge.scores, edge.that)
			learns(t, edge.name, that)
			same(t, edge.name, this, that, edge.tolerance, edge.tolerance)
		})
	}
}
