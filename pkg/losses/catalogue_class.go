package losses

// classCatalogue lists the losses of class-level labels, from the plain to the particular.
func classCatalogue() []Entry {
	return []Entry{
		{
			Name: "softmax", Labels: ClassLabels, Default: Softmax{}, Similarity: "dot",
			Formula: "−log[exp(s_p) / (exp(s_p) + Σ_j exp(s_n^j))]",
		},
		{
			Name: "normface", Labels: ClassLabels, Default: DefaultNormFace(), Similarity: "cosine",
			Formula: "−log[exp(γ s_p) / (exp(γ s_p) + Σ_j exp(γ s_n^j))]",
			Paper:   "Wang et al., NormFace, ACM Multimedia 2017",
		},
		{
			Name: "am-softmax", Aliases: []string{"cosface"}, Labels: ClassLabels, Default: DefaultAMSoftmax(), Similarity: "cosine",
			Formula: "−log[exp(γ(s_p − m)) / (exp(γ(s_p − m)) + Σ_j exp(γ s_n^j))]",
			Paper:   "Wang et al., Additive Margin Softmax, 2018; Wang et al., CosFace, CVPR 2018",
		},
	}
}
