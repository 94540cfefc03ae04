package losses

// pairCatalogue lists the losses of pair-wise labels.
func pairCatalogue() []Entry {
	return []Entry{
		{
			Name: "unified", Labels: PairLabels, Default: DefaultUnified(), Similarity: Cosine,
			Formula: "log[1 + Σ_i Σ_j exp(γ(s_n^j − s_p^i + m))]",
			Means:   []string{"m, in units of the scores", "γ, the scale"},
			Ranges:  []Range{evenly(0.05, 0.5), byFactors(8, 128)},
			Paper:   "Sun et al., Circle Loss, CVPR 2020, eq. 1",
		},
		{
			Name: "triplet", Labels: PairLabels, Default: DefaultTriplet(), Similarity: Normalized(NegativeL2),
			Formula: "mean over (p, n) of [s_n − s_p + m]_+",
			Means: []string{
				"m, in units of the scores",
				"if true, log(1 + exp(x)) in place of [x]_+",
				"which (p, n): all, hard, semi-hard, easy-positive",
				"if true, max(s_n, s_pn) in place of s_n",
			},
			Ranges: []Range{evenly(0.05, 0.5), either, among("all", "hard", "semi-hard", "easy-positive"), either},
			Paper:  "Schroff et al., FaceNet, CVPR 2015; Hermans et al., In Defense of the Triplet Loss, 2017",
		},
		{
			Name: "contrastive", Labels: PairLabels, Default: DefaultContrastive(), Similarity: Normalized(NegativeL2),
			Formula: "mean over p of [d_p − m_p]_+ + mean over n of [m_n − d_n]_+",
			Means:   []string{"m_p, in units of distance", "m_n, in units of distance", "if true, both [ ]_+ squared"},
			Ranges:  []Range{evenly(0, 0.3), evenly(0.4, 1.4), either},
			Paper:   "Hadsell et al., Dimensionality Reduction by Learning an Invariant Mapping, CVPR 2006",
		},
		{
			Name: "snr-contrastive", Labels: PairLabels, Default: DefaultContrastive(), Similarity: Normalized(NegativeSNR),
			Formula: "mean over p of [d_p − m_p]_+ + mean over n of [m_n − d_n]_+, d = var(x − y)/var(x)",
			Means:   []string{"m_p, in units of distance", "m_n, in units of distance", "if true, both [ ]_+ squared"},
			Ranges:  []Range{evenly(0, 0.3), evenly(0.4, 1.4), either},
			Paper:   "Yuan et al., Signal-to-Noise Ratio: A Robust Distance Metric, CVPR 2019",
		},
		{
			Name: "margin", Labels: PairLabels, Default: DefaultMargin(), Similarity: Normalized(NegativeL2),
			Formula: "mean over the pairs of [α + y(d − β)]_+, y = 1 for positives, −1 for negatives",
			Means:   []string{"α, half the width of the gap", "β, the boundary, in units of distance"},
			Ranges:  []Range{evenly(0.05, 0.4), evenly(0.5, 1.3)},
			Paper:   "Wu et al., Sampling Matters in Deep Embedding Learning, ICCV 2017",
		},
		{
			Name: "lifted-structure", Labels: PairLabels, Default: DefaultLiftedStructure(), Similarity: Normalized(NegativeL2),
			Formula: "mean over p of ½[log(Σ_{N(a)} exp(m_n − d_an) + Σ_{N(p)} exp(m_n − d_pn)) + d_ap − m_p]_+²",
			Means:   []string{"m_p, in units of distance", "m_n, in units of distance"},
			Ranges:  []Range{evenly(0, 0.3), evenly(0.4, 1.4)},
			Paper:   "Oh Song et al., Deep Metric Learning via Lifted Structured Feature Embedding, CVPR 2016",
		},
		{
			Name: "generalized-lifted", Labels: PairLabels, Default: DefaultGeneralizedLifted(), Similarity: Normalized(NegativeL2),
			Formula: "[log Σ_p exp(d_p − m_p) + log Σ_n exp(m_n − d_n)]_+",
			Means:   []string{"m_p, in units of distance", "m_n, in units of distance"},
			Ranges:  []Range{evenly(0, 0.3), evenly(0.4, 1.4)},
			Paper:   "Hermans et al., In Defense of the Triplet Loss, 2017",
		},
		{
			Name: "n-pair", Labels: PairLabels, Default: NPair{}, Similarity: Cosine,
			Formula: "mean over p of log[1 + Σ_n exp(s_n − s_p)]",
			Paper:   "Sohn, Improved Deep Metric Learning with Multi-class N-pair Loss Objective, NeurIPS 2016",
		},
		{
			Name: "nt-xent", Labels: PairLabels, Default: DefaultNTXent(), Similarity: Cosine,
			Formula: "mean over p of −log[exp(s_p/τ) / (exp(s_p/τ) + Σ_n exp(s_n/τ))]",
			Means:   []string{"τ"},
			Ranges:  []Range{byFactors(0.03, 0.5)},
			Paper:   "Chen et al., A Simple Framework for Contrastive Learning of Visual Representations, ICML 2020",
		},
		{
			Name: "sup-con", Labels: PairLabels, Default: DefaultSupCon(), Similarity: Cosine,
			Formula: "mean over p of −log[exp(s_p/τ) / Σ_{j ∈ P ∪ N} exp(s_j/τ)]",
			Means:   []string{"τ"},
			Ranges:  []Range{byFactors(0.03, 0.5)},
			Paper:   "Khosla et al., Supervised Contrastive Learning, NeurIPS 2020",
		},
		{
			Name: "nca", Labels: PairLabels, Default: DefaultNCA(), Similarity: Normalized(NegativeSquaredL2),
			Formula: "−log[Σ_p exp(κ s_p) / Σ_{j ∈ P ∪ N} exp(κ s_j)]",
			Means:   []string{"κ, the scale"},
			Ranges:  []Range{byFactors(1, 32)},
			Paper:   "Goldberger et al., Neighbourhood Components Analysis, NeurIPS 2004",
		},
		{
			Name: "angular", Labels: PairLabels, Default: DefaultAngular(), Similarity: Cosine,
			Formula: "mean over p of log[1 + Σ_n exp(4 tan²α · (s_an + s_pn) − 2(1 + tan²α) · s_ap)]",
			Means:   []string{"α, in degrees"},
			Ranges:  []Range{evenly(30, 55)},
			Paper:   "Wang et al., Deep Metric Learning with Angular Loss, ICCV 2017",
		},
		{
			Name: "multi-similarity", Labels: PairLabels, Default: DefaultMultiSimilarity(), Similarity: Cosine,
			Formula: "log[1 + Σ_p exp(−α(s_p − λ))]/α + log[1 + Σ_n exp(β(s_n − λ))]/β",
			Means:   []string{"α, the scale of positives", "β, the scale of negatives", "λ, in units of cosine"},
			Ranges:  []Range{byFactors(0.5, 20), byFactors(10, 100), evenly(0.2, 0.9)},
			Paper:   "Wang et al., Multi-Similarity Loss with General Pair Weighting, CVPR 2019",
		},
		{
			Name: "dcl", Labels: PairLabels, Default: DefaultDCL(), Similarity: Cosine,
			Formula: "mean over p of −s_p/τ + log Σ_n exp(s_n/τ)",
			Means:   []string{"τ"},
			Ranges:  []Range{byFactors(0.03, 0.5)},
			Paper:   "Yeh et al., Decoupled Contrastive Learning, ECCV 2022",
		},
		{
			Name: "siglip", Labels: PairLabels, Default: DefaultSigLIP(), Similarity: Cosine,
			Formula: "Σ over the pairs of log[1 + exp(−y(s/τ + b))], y = 1 for positives, −1 for negatives",
			Means:   []string{"τ", "b"},
			Ranges:  []Range{byFactors(0.03, 0.3), evenly(-12, 0)},
			Paper:   "Zhai et al., Sigmoid Loss for Language Image Pre-Training, ICCV 2023",
		},
		{
			Name: "tuplet-margin", Labels: PairLabels, Default: DefaultTupletMargin(), Similarity: Cosine,
			Formula: "mean over p of log[1 + Σ_n exp(γ(cos θ_n − cos(θ_p − β)))]",
			Means:   []string{"β, in degrees", "γ, the scale"},
			Ranges:  []Range{evenly(0, 12), byFactors(8, 128)},
			Paper:   "Yu, Tao, Deep Metric Learning with Tuplet Margin Loss, ICCV 2019",
		},
		{
			Name: "histogram", Labels: PairLabels, Default: DefaultHistogram(), Similarity: Cosine,
			Formula: "Σ_b h⁻_b Σ_{c ≤ b} h⁺_c, h⁺_b and h⁻_b the shares of the batch's positive and negative pairs at point b of B + 1",
			Means:   []string{"B, intervals of cosine from −1 to 1"},
			Ranges:  []Range{byFactors(20, 200)},
			Paper:   "Ustinova, Lempitsky, Learning Deep Embeddings with Histogram Loss, NeurIPS 2016",
		},
		{
			Name: "fast-ap", Labels: PairLabels, Default: DefaultFastAP(), Similarity: Cosine,
			Formula: "1 − 1/K Σ_b h⁺_b H⁺_b / H_b, h⁺_b the positives at point b of B + 1, the nearest first, " +
				"H⁺_b and H_b the positives and all pairs up to it, K the positives",
			Means:  []string{"B, intervals of squared distance from 0 to 4"},
			Ranges: []Range{byFactors(5, 50)},
			Paper:  "Cakir et al., Deep Metric Learning to Rank, CVPR 2019",
		},
		{
			Name: "smooth-ap", Labels: PairLabels, Default: DefaultSmoothAP(), Similarity: Cosine,
			Formula: "1 − mean over p of R⁺_p / R_p, R⁺_p = 1 + Σ_{j ∈ P, j ≠ p} σ((s_j − s_p)/τ), R_p = R⁺_p + Σ_n σ((s_n − s_p)/τ)",
			Means:   []string{"τ"},
			Ranges:  []Range{byFactors(0.005, 0.1)},
			Paper:   "Brown et al., Smooth-AP, ECCV 2020",
		},
		{
			Name: "pnp", Labels: PairLabels, Default: DefaultPNP(), Similarity: Cosine,
			Formula: "mean over p of f(R_p), R_p = Σ_n σ((s_n − s_p)/τ)",
			Means: []string{
				"f: O is R, Iu (1 + R) log(1 + R), Ib (bR − log(1 + bR))/b², Ds log(1 + R), Dq 1 − (1 + R)^−α",
				"α, of Dq",
				"b, of Ib",
				"τ",
			},
			Ranges: []Range{among("O", "Iu", "Ib", "Ds", "Dq"), byFactors(1, 8), byFactors(0.5, 8), byFactors(0.005, 0.1)},
			Paper:  "Li et al., Rethinking the Optimization of Average Precision, AAAI 2022",
		},
		{
			Name: "ranked-list", Labels: PairLabels, Default: DefaultRankedList(), Similarity: Normalized(NegativeL2),
			Formula: "(1 − λ) Σ_p w_p (d_p − (α − m)) / Σ_p w_p + λ Σ_n w_n (α − d_n) / Σ_n w_n over the p with d_p > α − m " +
				"and the n with d_n < α, " +
				"w_p = exp(T_p (d_p − (α − m))), w_n = exp(T_n (α − d_n))",
			Means: []string{
				"m, between the two bounds",
				"α, where negatives belong beyond, in units of distance",
				"T_p",
				"T_n",
				"λ, the weight of negatives",
			},
			Ranges: []Range{evenly(0.1, 0.6), evenly(0.7, 1.4), evenly(0, 10), evenly(0, 20), evenly(0.2, 0.8)},
			Paper:  "Wang et al., Ranked List Loss for Deep Metric Learning, CVPR 2019",
		},
		{
			Name: "threshold-consistent-margin", Aliases: []string{"tcm"}, Labels: PairLabels,
			Default: DefaultThresholdConsistentMargin(), Similarity: Cosine,
			Formula: "λ_p mean over s_p < m_p of (m_p − s_p) + λ_n mean over s_n > m_n of (s_n − m_n)",
			Means:   []string{"m_p, in units of cosine", "m_n, in units of cosine", "λ_p", "λ_n"},
			Ranges:  []Range{evenly(0.6, 1), evenly(0, 0.6), byFactors(0.5, 2), byFactors(0.5, 2)},
			Paper:   "Zhang et al., Threshold-Consistent Margin Loss, ICLR 2024",
		},
		{
			Name: "intra-pair-variance", Labels: PairLabels, Default: DefaultIntraPairVariance(), Similarity: Cosine,
			Formula: "mean over p of [(1 − ε_p) s̄_p − s_p]_+² + mean over n of [s_n − (1 + ε_n) s̄_n]_+², s̄ the means over the batch",
			Means:   []string{"ε_p", "ε_n"},
			Ranges:  []Range{byFactors(0.005, 0.3), byFactors(0.005, 0.3)},
			Paper:   "Yu, Tao, Deep Metric Learning with Tuplet Margin Loss, ICCV 2019",
		},
		{
			Name: "vicreg", Labels: PairLabels, Default: DefaultVICReg(), Similarity: NegativeSquaredL2,
			Formula: "λ mean over the positive pairs of |x − y|²/D + μ (v(X) + v(Y))/2 + ν (c(X) + c(Y)), " +
				"v(X) = mean over the D dimensions of [1 − √(var + ε)]_+, c(X) = Σ of the squared off-diagonal covariances / D",
			Means:  []string{"λ", "μ", "ν", "ε"},
			Ranges: []Range{byFactors(5, 50), byFactors(5, 50), byFactors(0.2, 5), Range{}},
			Paper:  "Bardes et al., VICReg, ICLR 2022",
		},
		{
			Name: "circle", Labels: PairLabels, Default: DefaultCircle(), Similarity: Cosine,
			Formula: "log[1 + Σ_j exp(γ α_n^j (s_n^j − m)) · Σ_i exp(−γ α_p^i (s_p^i − 1 + m))], " +
				"α_p = [1 + m − s_p]_+, α_n = [s_n + m]_+, both constant for the gradient",
			Means:  []string{"m, in units of cosine", "γ, the scale"},
			Ranges: []Range{evenly(0.1, 0.5), byFactors(16, 256)},
			Paper:  "Sun et al., Circle Loss, CVPR 2020, eq. 5 to 7",
		},
	}
}
