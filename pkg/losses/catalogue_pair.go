package losses

// pairCatalogue lists the losses of pair-wise labels.
func pairCatalogue() []Entry {
	return []Entry{
		{
			Name: "unified", Labels: PairLabels, Default: DefaultUnified(), Similarity: "cosine",
			Formula: "log[1 + Σ_i Σ_j exp(γ(s_n^j − s_p^i + m))]",
			Paper:   "Sun et al., Circle Loss, CVPR 2020, eq. 1",
		},
		{
			Name: "triplet", Labels: PairLabels, Default: DefaultTriplet(), Similarity: "normalized-l2",
			Formula: "mean over (p, n) of [s_n − s_p + m]_+",
			Paper:   "Schroff et al., FaceNet, CVPR 2015; Hermans et al., In Defense of the Triplet Loss, 2017",
		},
		{
			Name: "circle", Labels: PairLabels, Default: DefaultCircle(), Similarity: "cosine",
			Formula: "log[1 + Σ_j exp(γ α_n^j (s_n^j − m)) · Σ_i exp(−γ α_p^i (s_p^i − 1 + m))], α_p = [1 + m − s_p]_+, α_n = [s_n + m]_+",
			Paper:   "Sun et al., Circle Loss, CVPR 2020, eq. 6 and 7",
		},
	}
}
