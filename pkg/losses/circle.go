package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// Circle is the circle loss: it weights each similarity score by how far it is from its optimum, O_p = 1 + m and O_n = −m in the paper.
// Scores go there at their own pace, and the decision boundary is a circle round s_p = 1, s_n = 0.
//
//	L = log[1 + Σ_j exp(γ α_n^j (s_n^j − Δ_n)) · Σ_i exp(−γ α_p^i (s_p^i − Δ_p))]
//	α_p = [O_p − s_p]_+    α_n = [s_n − O_n]_+    Δ_p = 1 − m    Δ_n = m
//
// α is constant for the gradient, so a numerical derivative of L does not match it. With Z = 1 − exp(−L) the weights of an anchor's pairs
// are, by eq. 9 and 10 of the paper (a pair whose α is 0 has none, and counts as exp(0) in the sums)
//
//	∂L/∂s_n^j =  Z γ α_n^j exp(γ α_n^j (s_n^j − Δ_n)) / Σ_k exp(γ α_n^k (s_n^k − Δ_n))
//	∂L/∂s_p^i = −Z γ α_p^i exp(−γ α_p^i (s_p^i − Δ_p)) / Σ_k exp(−γ α_p^k (s_p^k − Δ_p))
//
// L may rise while its scores improve. γ α_n (s_n − m) = γ(s_n² − m²) is least at s_n = 0, and the update goes on to s_n = −m. As in the
// paper, L is of one anchor; a batch is their [Mean]. Some code has all pairs of a batch in one logarithm, which is another loss.
//
// It is for cosine similarities, under pair-wise and class-level labels alike. An anchor needs a positive and a negative; others have 0.
// The zero value is invalid: start from [DefaultCircle].
//
// Y. Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization", CVPR 2020, eq. 5 to 7.
type Circle struct {
	Margin float64 // m, in units of cosine similarity, in [0, 1)
	Gamma  float64 // γ, the scale, > 0
}

// DefaultCircle returns the paper's setting for fine-grained retrieval, m = 0.4, γ = 80. Faces have 0.25 and 256, person
// re-identification 0.25 and 128.
func DefaultCircle() Circle { return Circle{Margin: 0.4, Gamma: 80} }

// PerAnchor implements [Loss].
func (c Circle) PerAnchor(s Scores) *graph.Node {
	begin(c, s)
	deltaP, deltaN := 1-c.Margin, c.Margin
	return s.softplusOfSums(func(score *graph.Node) *graph.Node {
		alpha := graph.StopGradient(stable.Hinge(graph.AddScalar(graph.Neg(score), 1+c.Margin)))
		return graph.MulScalar(graph.Mul(alpha, graph.AddScalar(score, -deltaP)), -c.Gamma)
	}, func(score *graph.Node) *graph.Node {
		alpha := graph.StopGradient(stable.Hinge(graph.AddScalar(score, c.Margin)))
		return graph.MulScalar(graph.Mul(alpha, graph.AddScalar(score, -deltaN)), c.Gamma)
	})
}

// Anchors implements [Loss]: those with a positive and a negative.
func (c Circle) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (Circle) OddsSum() {}

// Validate implements [Loss].
func (c Circle) Validate() error {
	if err := require(c.Margin >= 0 && c.Margin < 1, "Circle: Margin", "in [0, 1)", c.Margin); err != nil {
		return err
	}
	return requirePositive("Circle: Gamma", c.Gamma)
}
