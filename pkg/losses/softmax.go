package losses

import "github.com/gomlx/gomlx/core/graph"

// Softmax is cross-entropy over the scores: with class scores by [Dot], the plain classifier without a bias.
//
//	L = −log[exp(s_p) / (exp(s_p) + Σ_j exp(s_n^j))] = Unified with m = 0, γ = 1
//
// It has no setting, so its zero value is the loss. An anchor needs its class and another; with a single class it is 0.
type Softmax struct{}

// PerAnchor implements [Loss].
func (Softmax) PerAnchor(s Scores) *graph.Node { return Unified{Gamma: 1}.PerAnchor(s) }

// Anchors implements [Loss]: those with a positive and a negative.
func (Softmax) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (Softmax) OddsSum() {}

// Validate implements [Loss]; it has nothing to refuse.
func (Softmax) Validate() error { return nil }

// NormFace is softmax cross-entropy of cosines that a scale spreads: features and class weights are normalised.
//
//	L = −log[exp(γ s_p) / (exp(γ s_p) + Σ_j exp(γ s_n^j))] = Unified with m = 0
//
// For class scores by [Cosine]. The zero value is invalid: start from [DefaultNormFace].
//
// F. Wang et al., "NormFace: L2 Hypersphere Embedding for Face Verification", ACM Multimedia 2017.
type NormFace struct {
	Gamma float64 // γ, the scale, > 0; 1/γ is a temperature
}

// DefaultNormFace returns the loss with γ = 20, that is a temperature of 0.05.
func DefaultNormFace() NormFace { return NormFace{Gamma: 20} }

// PerAnchor implements [Loss].
func (n NormFace) PerAnchor(s Scores) *graph.Node {
	begin(n, s)
	return Unified{Gamma: n.Gamma}.PerAnchor(s)
}

// Anchors implements [Loss]: those with a positive and a negative.
func (n NormFace) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (NormFace) OddsSum() {}

// Validate implements [Loss].
func (n NormFace) Validate() error { return requirePositive("NormFace: Gamma", n.Gamma) }

// AMSoftmax, also known as CosFace, asks the cosine with the own class to beat the others by a margin.
//
//	L = −log[exp(γ(s_p − m)) / (exp(γ(s_p − m)) + Σ_j exp(γ s_n^j))] = Unified on class scores
//
// For class scores by [Cosine]. The zero value is invalid: start from [DefaultAMSoftmax].
//
// F. Wang et al., "Additive Margin Softmax for Face Verification", 2018; H. Wang et al., "CosFace: Large Margin Cosine Loss
// for Deep Face Recognition", CVPR 2018.
type AMSoftmax struct {
	Margin float64 // m, in units of cosine similarity, any number; usual values in [0, 1)
	Gamma  float64 // γ, the scale (s in the papers), > 0
}

// DefaultAMSoftmax returns CosFace's setting for faces: m = 0.35, γ = 64.
func DefaultAMSoftmax() AMSoftmax { return AMSoftmax{Margin: 0.35, Gamma: 64} }

// PerAnchor implements [Loss].
func (a AMSoftmax) PerAnchor(s Scores) *graph.Node {
	begin(a, s)
	return Unified(a).PerAnchor(s)
}

// Anchors implements [Loss]: those with a positive and a negative.
func (a AMSoftmax) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (AMSoftmax) OddsSum() {}

// Validate implements [Loss].
func (a AMSoftmax) Validate() error {
	if err := require(finite(a.Margin), "AMSoftmax: Margin", "a number", a.Margin); err != nil {
		return err
	}
	return requirePositive("AMSoftmax: Gamma", a.Gamma)
}

// L2Softmax is softmax cross-entropy of features brought to one length.
//
//	L = −log[exp(α w_y·x/|x|) / Σ_j exp(α w_j·x/|x|)]
//
// For class scores by [UnitDot], which leaves the class weights their lengths. An anchor needs its class and another. The zero
// value is invalid: start from [DefaultL2Softmax].
//
// R. Ranjan, C. Castillo, R. Chellappa, "L2-constrained Softmax Loss for Discriminative Face Verification", 2017.
type L2Softmax struct {
	Alpha float64 // α, the length of features, > 0
}

// DefaultL2Softmax returns the loss with α = 16, which the paper finds enough for some thousand classes.
func DefaultL2Softmax() L2Softmax { return L2Softmax{Alpha: 16} }

// PerAnchor implements [Loss].
func (l L2Softmax) PerAnchor(s Scores) *graph.Node {
	begin(l, s)
	return Unified{Gamma: l.Alpha}.PerAnchor(s)
}

// Anchors implements [Loss]: those with a positive and a negative.
func (l L2Softmax) Anchors(s Scores) *graph.Node { return s.withBoth() }

// OddsSum implements [OddsSum].
func (L2Softmax) OddsSum() {}

// Validate implements [Loss].
func (l L2Softmax) Validate() error { return requirePositive("L2Softmax: Alpha", l.Alpha) }
