// Package losses holds the losses that learn by pair similarity, each a GoMLX graph with autodiff, all from one view.
// The Circle loss of a batch, labels integer [batch] and embeddings float [batch, dim], is
//
//	scores := losses.Pairs(labels, embeddings, losses.Cosine)
//	loss := losses.Mean.Of(losses.DefaultCircle(), scores)
//
// in a graph, and for GoMLX's trainer
//
//	lossFn := losses.PairWise(losses.DefaultCircle(), losses.Cosine, losses.Mean)
//
// The view is that of Y. Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization", CVPR 2020: an
// anchor x has K within-class similarity scores s_p and L between-class scores s_n, and a loss brings the first up and the
// second down. [Scores] is a batch seen so, a row per anchor; a [Loss] makes one value of each row. Where the scores come
// from is a separate choice:
//
//   - [Pairs]: pair-wise labels, the batch against itself; [PairsAgainst]: against other vectors;
//   - [Classes]: class-level labels, the batch against one weight vector per class (K = 1, L = N−1).
//
// How they are measured is one too: a [Similarity]. A distance is a similarity with a minus sign, so larger is always closer
// and a margin on distances is the same margin on similarities.
//
// # The family
//
// [Unified] is the paper's equation (1); the others are it under a setting, or come close. Each line is tested, in value and
// gradient:
//
//	Unified on class scores                   = AMSoftmax (CosFace)
//	AMSoftmax                                 = softmax cross-entropy of logits γ(cos − m·1_y)
//	AMSoftmax, m = 0                          = NormFace
//	NormFace, γ = 1, on dot products          = Softmax (cross-entropy)
//	ArcFace, m = 0                            = NormFace
//	L2Softmax, class weights of length 1      = NormFace, γ = α
//	ProxyNCA                                  = NormFace, γ = 2κ
//	SubCenterArcFace, one center              = ArcFace
//	SoftTriple, one center                    = AMSoftmax
//	LargeMarginSoftmax, m = 1                 = Softmax
//	SphereFace                                = LargeMarginSoftmax, class weights of length 1
//	Unified/γ, γ → ∞                          = Triplet with hard mining, max(0, max s_n − min s_p + m)
//	Unified, K = L = 1, γ = 1                 = Triplet, soft
//	Triplet with hard mining, K = L = 1       = Triplet over all triplets
//	Unified, K = 1, γ = 1/τ, m = 0            = NTXent
//	NTXent, τ = 1                             = NPair
//	SupCon, K = 1                             = NTXent
//	NCA, K = 1                                = Unified, γ = κ, m = 0
//	SmoothAP, K = 1                           = PNP with the penalty Dq, α = 1
//	PNP with Ds, K = L = 1, τ = 1             = log(2 − exp(−(Triplet, soft, m = 0)))
//	ThresholdConsistentMargin                 = Contrastive, mean over its violators
//	RankedList, T = 0                         = Contrastive halved, mean over its violators
//	GeneralizedLifted                         = [log(exp(Unified) − 1)]_+, γ = 1
//	Circle with its weights α fixed at 1      = Unified with margin Δ_p − Δ_n = 1 − 2m
//
// # Choose pairs, similarity and reduction
//
// What pairs there are is a [Relation] of labels: [SameLabel] unless [PairsBy] is given another. A [Miner] narrows them: [HardestPairs],
// [MineBy], [MultiSimilarityPairs], [PairsOfTriplets], [PairsBeyond], [DistanceWeighted]. A [Reduction] makes one number of the anchors:
// [Mean] and others. A [Memory] adds the pairs with the batches before.
//
// # Train
//
// [PairWise], [ClassLevel] and [Total] bind all of it to GoMLX's trainer; the package train beside this one does a whole training. Over
// many devices GoMLX's AutoSharding takes any loss as it is. With embeddings and labels split along the batch, and class weights along the
// classes, the loss and its gradient are those of the whole batch on one device.
//
// # Choose by name
//
// [Catalogue] lists the losses with formulas, settings and papers; [Find], [FindSimilarity] and [FindReduction] know them by the names that
// programs use.
//
// # Write a loss of your own
//
// A type with PerAnchor, Anchors and Validate is a [Loss], and takes every similarity, miner and reduction; see the example of [Loss].
// Package stable has exponentials, logarithms, roots and means over pairs that keep value and gradient finite. A type that embeds a loss of
// this package is computed as that loss is, but for the methods that it has itself.
//
// # Take any batch, any number of classes
//
// [Stream] computes a pair-wise loss and its gradient in blocks, so that the matrix of similarities is never whole. It is exact for any
// loss that sees only its row, see [LooksBeyondRow], with any miner. It is driven from the host, one compiled block after the other.
//
// [ClassBlocks] computes a class-level loss in blocks of classes, value and gradients exact, so that the scores with a million classes are
// never there at once. [ClassSampling] draws some of the classes for each step (Partial FC); [Unbiased] makes them stand for all. Both are
// for an [OddsSum], which most class-level losses are.
//
// # Conventions
//
// A loss is a plain value: comparable, printable, without state and without weights. Its zero value is invalid, except where there is
// nothing to set; start from a Default function. Graph functions panic on misuse while the graph is built, and GoMLX's Exec returns that as
// an error. Embeddings in half precision are raised to float32 before they are compared.
//
// No batch of finite numbers makes a loss NaN. An anchor without positives or negatives has value and gradient 0 where the loss needs
// both. A vector shorter than 1e-12 has no direction: its cosine with everything is 0, its gradient 0. A distance of 0 has gradient 0.
//
// NaN and infinite embeddings are refused by [CheckEmbeddings] on the host. In the graph a reduction is NaN where a vector or a similarity
// behind it is infinite or no number, even if the pairs that count are all finite. A run that explodes must not have a loss of 0.
//
// # Performance
//
// Losses that see their row only through sums over it take a quick way without being asked. These are [Circle], [Unified],
// [MultiSimilarity], [NTXent], [NPair], [SupCon], [NCA], [DCL], [SigLIP], [GeneralizedLifted], [Contrastive], the hard [Triplet], and on
// class scores also [Softmax], [NormFace], [AMSoftmax], [L2Softmax], [ProxyNCA] and [SoftTriple].
//
//   - [Pairs] gives them half of the matrix, which is symmetric, in about half of the time of autodiff. The similarity must be [Cosine],
//     [Dot], [NegativeL2] or Normalized(NegativeL2), the relation [SameLabel], [OtherImages] or [SharedLabels].
//   - [Classes] gives them their gradient in closed form, by [Cosine] without a copy of the class weights at length 1.
//
// The value is that of autodiff, to rounding, and so is the gradient by embeddings and class weights. A second derivative is refused,
// and the one by Scores.Similarity, which a quick way goes past, is 0: [ByAutodiff] among the miners has both. The quick ways take what
// [MultiSimilarityPairs] and [PairsBeyond] have chosen. Autodiff takes what any other miner has changed, scores against other vectors, and
// all other losses, similarities and relations.
//
// The pure-Go backend computes several operations at once, and large products among them can wait for each other for ever where there are
// few processors. The losses keep theirs apart, but for [VICReg] of 256 rows and more. Open that backend as "go:ops_sequential" for it, and
// for graphs that have large products of their own beside a loss.
package losses
