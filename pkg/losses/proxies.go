package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// ProxyNCA is NCA with one learnt vector per class, a proxy, in place of the batch's other vectors.
//
//	L = −log[exp(κ s_p) / (exp(κ s_p) + Σ_j exp(κ s_n^j))],  s = −|x/|x| − p/|p||²
//
// The own proxy is in the denominator, as in pytorch-metric-learning; the paper leaves it out. Since |x − p|² = 2 − 2cos here,
// it is [NormFace] with γ = 2κ. For class scores by Normalized(NegativeSquaredL2). An anchor needs its class and another. The
// zero value is invalid: start from [DefaultProxyNCA].
//
// Y. Movshovitz-Attias et al., "No Fuss Distance Metric Learning using Proxies", ICCV 2017.
type ProxyNCA struct {
	Scale float64 // κ, > 0
}

// DefaultProxyNCA returns the paper's κ = 1; larger scales learn better.
func DefaultProxyNCA() ProxyNCA { return ProxyNCA{Scale: 1} }

// PerAnchor implements [Loss].
func (p ProxyNCA) PerAnchor(s Scores) *graph.Node {
	begin(p, s)
	return Unified{Gamma: p.Scale}.PerAnchor(s)
}

// Anchors implements [Loss]: those with a positive and a negative.
func (p ProxyNCA) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (ProxyNCA) OddsSum() {}

// Validate implements [Loss].
func (p ProxyNCA) Validate() error { return requirePositive("ProxyNCA: Scale", p.Scale) }

// ProxyAnchor takes the class vectors for the anchors and the batch for their positives and negatives.
//
//	L = 1/|C⁺| Σ_{c ∈ C⁺} log[1 + Σ_{x ∈ c} exp(−α(s − m))] + 1/|C| Σ_c log[1 + Σ_{x ∉ c} exp(α(s + m))]
//
// C are all classes, C⁺ those in the batch. It is one value of the batch: each anchor has it. For class scores by [Cosine]. The
// zero value is invalid: start from [DefaultProxyAnchor].
//
// S. Kim et al., "Proxy Anchor Loss for Deep Metric Learning", CVPR 2020, eq. 4.
type ProxyAnchor struct {
	Margin float64 // m, in units of cosine similarity, any number
	Alpha  float64 // α, the scale, > 0
}

// DefaultProxyAnchor returns the paper's setting: m = 0.1, α = 32.
func DefaultProxyAnchor() ProxyAnchor { return ProxyAnchor{Margin: 0.1, Alpha: 32} }

// PerAnchor implements [Loss].
func (p ProxyAnchor) PerAnchor(s Scores) *graph.Node {
	begin(p, s)
	similarity := graph.Transpose(s.Similarity, 0, 1)
	positive, negative := graph.Transpose(s.Positive, 0, 1), graph.Transpose(s.Negative, 0, 1)
	drawn := stable.Softplus(stable.LogSumExp(graph.MulScalar(graph.AddScalar(similarity, -p.Margin), -p.Alpha), positive))
	driven := stable.Softplus(stable.LogSumExp(graph.MulScalar(graph.AddScalar(similarity, p.Margin), p.Alpha), negative))
	present := graph.ReduceAllSum(graph.ConvertDType(stable.Any(positive), similarity.DType()))
	value := graph.Add(stable.Ratio(graph.ReduceAllSum(drawn), present), graph.ReduceAllMean(driven))
	return graph.BroadcastToDims(value, s.Similarity.Shape().Dim(0))
}

// Anchors implements [Loss]: all.
func (p ProxyAnchor) Anchors(s Scores) *graph.Node { return s.withAny() }

// Joint says that the value looks at whole columns of the scores; a batch cannot be taken in blocks of rows.
func (p ProxyAnchor) Joint() string { return "the scores of each class with the whole batch" }

// Validate implements [Loss].
func (p ProxyAnchor) Validate() error {
	if err := require(finite(p.Margin), "ProxyAnchor: Margin", "a number", p.Margin); err != nil {
		return err
	}
	return requirePositive("ProxyAnchor: Alpha", p.Alpha)
}

// P2SGrad is the squared error of cosines from 1 for the own class and 0 for others. Its gradient is the cosine's distance from where it
// belongs, with no scale or margin to set.
//
//	L = mean over the classes j of (s_j − [j = y])²
//
// The paper sums over classes; pytorch-metric-learning takes the mean, as here. For class scores by [Cosine]. It has no
// setting, so its zero value is the loss. An anchor needs a class.
//
// X. Wang et al., "P2SGrad: Refined Gradients for Optimizing Deep Face Models", CVPR 2019.
type P2SGrad struct{}

// PerAnchor implements [Loss].
func (p P2SGrad) PerAnchor(s Scores) *graph.Node {
	begin(p, s)
	target := graph.ConvertDType(s.Positive, s.Similarity.DType())
	return stable.MaskedMean(graph.Square(graph.Sub(s.Similarity, target)), graph.LogicalOr(s.Positive, s.Negative))
}

// Anchors implements [Loss]: those with a class.
func (P2SGrad) Anchors(s Scores) *graph.Node { return s.withAny() }

// Validate implements [Loss]; it has nothing to refuse.
func (P2SGrad) Validate() error { return nil }
