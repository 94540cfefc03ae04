package losses

// classCatalogue lists the losses of class-level labels, from the plain to the particular.
func classCatalogue() []Entry {
	return []Entry{
		{
			Name: "softmax", Labels: ClassLabels, Default: Softmax{}, Similarity: Dot,
			Formula: "−log[exp(s_p) / (exp(s_p) + Σ_j exp(s_n^j))]",
		},
		{
			Name: "normface", Labels: ClassLabels, Default: DefaultNormFace(), Similarity: Cosine,
			Formula: "−log[exp(γ s_p) / (exp(γ s_p) + Σ_j exp(γ s_n^j))]",
			Means:   []string{"γ, the scale"},
			Ranges:  []Range{byFactors(8, 64)},
			Paper:   "Wang et al., NormFace, ACM Multimedia 2017",
		},
		{
			Name: "am-softmax", Aliases: []string{"cosface"}, Labels: ClassLabels, Default: DefaultAMSoftmax(), Similarity: Cosine,
			Formula: "−log[exp(γ(s_p − m)) / (exp(γ(s_p − m)) + Σ_j exp(γ s_n^j))]",
			Means:   []string{"m, in units of cosine", "γ, the scale"},
			Ranges:  []Range{evenly(0.05, 0.5), byFactors(8, 64)},
			Paper:   "Wang et al., Additive Margin Softmax, 2018; Wang et al., CosFace, CVPR 2018",
		},
		{
			Name: "l2-softmax", Labels: ClassLabels, Default: DefaultL2Softmax(), Similarity: UnitDot,
			Formula: "−log[exp(α w_y·x/|x|) / Σ_j exp(α w_j·x/|x|)]",
			Means:   []string{"α, the length that x is brought to"},
			Ranges:  []Range{byFactors(8, 64)},
			Paper:   "Ranjan et al., L2-constrained Softmax Loss for Discriminative Face Verification, 2017",
		},
		{
			Name: "large-margin-softmax", Labels: ClassLabels, Default: DefaultLargeMarginSoftmax(), Similarity: Cosine,
			Formula: "−log[exp(|w_y||x| ψ(θ_y)) / (exp(|w_y||x| ψ(θ_y)) + Σ_j exp(|w_j||x| cos θ_j))], " +
				"ψ(θ) = (λ cos θ + (−1)^k cos(mθ) − 2k)/(1 + λ), k = ⌊mθ/π⌋",
			Means:  []string{"m, how many times the angle", "λ, how much of plain softmax remains"},
			Ranges: []Range{evenly(2, 4), evenly(0, 10)},
			Paper:  "Liu et al., Large-Margin Softmax Loss for Convolutional Neural Networks, ICML 2016",
		},
		{
			Name: "sphereface", Aliases: []string{"a-softmax"}, Labels: ClassLabels, Default: DefaultSphereFace(), Similarity: Cosine,
			Formula: "−log[exp(|x| ψ(θ_y)) / (exp(|x| ψ(θ_y)) + Σ_j exp(|x| cos θ_j))], " +
				"ψ(θ) = (λ cos θ + (−1)^k cos(mθ) − 2k)/(1 + λ), k = ⌊mθ/π⌋",
			Means:  []string{"m, how many times the angle", "λ, how much of plain softmax remains"},
			Ranges: []Range{evenly(2, 4), evenly(0, 10)},
			Paper:  "Liu et al., SphereFace, CVPR 2017",
		},
		{
			Name: "arcface", Labels: ClassLabels, Default: DefaultArcFace(), Similarity: Cosine,
			Formula: "−log[exp(γ cos(θ_y + m)) / (exp(γ cos(θ_y + m)) + Σ_j exp(γ cos θ_j))], " +
				"and cos θ_y − m sin m in place of cos(θ_y + m) where θ_y > π − m",
			Means:  []string{"m, in radians", "γ, the scale", "if true, without m where θ_y > π/2"},
			Ranges: []Range{evenly(0.1, 0.6), byFactors(8, 64), either},
			Paper:  "Deng et al., ArcFace, CVPR 2019",
		},
		{
			Name: "sub-center-arcface", Aliases: []string{"sub-centre-arcface"}, Labels: ClassLabels,
			Default: DefaultSubCenterArcFace(), Similarity: Cosine,
			Formula: "−log[exp(γ cos(θ_y + m)) / (exp(γ cos(θ_y + m)) + Σ_j exp(γ cos θ_j))], cos θ_j = max over the K centers k of cos(x, w_jk), " +
				"else as arcface",
			Means:  []string{"m, in radians", "γ, the scale", "K, centers per class"},
			Ranges: []Range{evenly(0.1, 0.6), byFactors(8, 64), evenly(2, 4)},
			Paper:  "Deng et al., Sub-center ArcFace, ECCV 2020",
		},
		{
			Name: "soft-triple", Labels: ClassLabels, Default: DefaultSoftTriple(), Similarity: Cosine,
			Formula: "−log[exp(λ(s_y − δ)) / (exp(λ(s_y − δ)) + Σ_j exp(λ s_j))], s_j = Σ_k softmax_k(s_jk/γ) s_jk over the K centers k",
			Means:   []string{"δ, in units of cosine", "λ, the scale", "γ, of the softmax over the centers", "K, centers per class"},
			Ranges:  []Range{evenly(0, 0.1), byFactors(8, 64), byFactors(0.05, 0.5), evenly(2, 10)},
			Paper:   "Qian et al., SoftTriple Loss, ICCV 2019",
		},
		{
			Name: "proxy-nca", Labels: ClassLabels, Default: DefaultProxyNCA(), Similarity: Normalized(NegativeSquaredL2),
			Formula: "−log[exp(κ s_p) / (exp(κ s_p) + Σ_j exp(κ s_n^j))]",
			Means:   []string{"κ, the scale"},
			Ranges:  []Range{byFactors(1, 32)},
			Paper:   "Movshovitz-Attias et al., No Fuss Distance Metric Learning using Proxies, ICCV 2017",
		},
		{
			Name: "proxy-anchor", Labels: ClassLabels, Default: DefaultProxyAnchor(), Similarity: Cosine,
			Formula: "1/|C⁺| Σ_{c ∈ C⁺} log[1 + Σ_{x ∈ c} exp(−α(s − m))] + 1/|C| Σ_c log[1 + Σ_{x ∉ c} exp(α(s + m))], C all classes, " +
				"C⁺ those in the batch",
			Means:  []string{"m, in units of cosine", "α, the scale"},
			Ranges: []Range{evenly(0, 0.3), byFactors(8, 64)},
			Paper:  "Kim et al., Proxy Anchor Loss for Deep Metric Learning, CVPR 2020",
		},
		{
			Name: "p2sgrad", Labels: ClassLabels, Default: P2SGrad{}, Similarity: Cosine,
			Formula: "mean over the classes j of (s_j − [j = y])²",
			Paper:   "Wang et al., P2SGrad, CVPR 2019",
		},
	}
}
