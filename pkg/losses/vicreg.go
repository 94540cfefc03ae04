package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// VICReg draws the positives together and, in place of negatives, keeps every dimension of the vectors spread out and free of
// the others: variance, invariance, covariance.
//
//	L = λ mean over the positive pairs of |x − y|²/D + μ (v(X) + v(Y))/2 + ν (c(X) + c(Y))
//	v(X) = mean over the dimensions of [1 − √(var + ε)]_+,  c(X) = Σ of the squared off-diagonal covariances / D
//
// X are the anchors' vectors and Y the candidates'; variances and covariances divide by one less than the rows. Two views of
// unlabelled images are [PairsAgainst] with their numbers as labels, or [Pairs] of both in one batch. It looks at the whole
// batch: each anchor has its one value. For [NegativeSquaredL2]. An anchor needs a positive; a batch without any has 0. The zero
// value is invalid: start from [DefaultVICReg]. On the pure-Go backend with few processors see "Performance" in the
// package doc.
//
// A. Bardes, J. Ponce, Y. LeCun, "VICReg: Variance-Invariance-Covariance Regularization for Self-Supervised Learning", ICLR 2022.
type VICReg struct {
	Invariance float64 // λ, ≥ 0
	Variance   float64 // μ, ≥ 0
	Covariance float64 // ν, ≥ 0
	Epsilon    float64 // ε, under the root, > 0
}

// DefaultVICReg returns the paper's setting: λ = 25, μ = 25, ν = 1, ε = 1e-4.
func DefaultVICReg() VICReg {
	return VICReg{Invariance: 25, Variance: 25, Covariance: 1, Epsilon: 1e-4}
}

// PerAnchor implements [Loss].
func (v VICReg) PerAnchor(s Scores) *graph.Node {
	begin(v, s)
	needVectors("losses.VICReg", s)
	dim := float64(s.AnchorVectors.Shape().Dim(1))
	pairs := graph.ReduceAllSum(stable.CountTrue(s.Positive, s.Similarity.DType()))
	squared := graph.Neg(stable.Ratio(graph.ReduceAllSum(stable.MaskedSum(s.Similarity, s.Positive)), pairs))
	value := graph.Add(
		graph.MulScalar(squared, v.Invariance/dim),
		graph.Add(v.spread(s.AnchorVectors), v.spread(s.CandidateVectors)))
	return stable.ZeroUnless(s.withPositive(), graph.BroadcastToDims(value, s.Similarity.Shape().Dim(0)))
}

// spread returns μ v/2 + ν c of the vectors.
func (v VICReg) spread(vectors *graph.Node) *graph.Node {
	rows, dim := vectors.Shape().Dim(0), vectors.Shape().Dim(1)
	apart := graph.Sub(vectors, graph.ReduceAndKeep(vectors, graph.ReduceMean, 0))
	covariance := graph.DivScalar(graph.MatMul(graph.Transpose(apart, 0, 1), apart), float64(max(rows-1, 1)))
	own := graph.Diagonal(vectors.Graph(), dim)
	variance := stable.MaskedSum(covariance, own)
	deviation := stable.SafeSqrt(graph.AddScalar(variance, v.Epsilon), graph.ZerosLike(variance))
	short := stable.Hinge(graph.OneMinus(deviation))
	crossed := graph.ReduceAllSum(stable.MaskedSum(graph.Square(covariance), graph.LogicalNot(own)))
	return graph.Add(
		graph.MulScalar(graph.ReduceAllMean(short), v.Variance/2),
		graph.MulScalar(crossed, v.Covariance/float64(dim)))
}

// Joint implements [Joint].
func (v VICReg) Joint() string { return "the vectors of the whole batch" }

// Anchors implements [Loss]: those with a positive.
func (v VICReg) Anchors(s Scores) *graph.Node { return s.withPositive() }

// Validate implements [Loss].
func (v VICReg) Validate() error {
	for _, weight := range []struct {
		name  string
		value float64
	}{{"Invariance", v.Invariance}, {"Variance", v.Variance}, {"Covariance", v.Covariance}} {
		if err := requireAtLeast0("VICReg: "+weight.name, weight.value); err != nil {
			return err
		}
	}
	return requirePositive("VICReg: Epsilon", v.Epsilon)
}
