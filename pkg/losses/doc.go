// Package losses holds the loss functions of metric learning and contrastive learning, as GoMLX graphs: triplet, contrastive, NT-Xent
// (InfoNCE), Circle, multi-similarity, ArcFace, CosFace, proxy losses and others.
//
// They teach a network embeddings: vectors that are similar for images of one class and not for images of two. GoMLX's trainer takes one
// as its loss function:
//
//	triplet := losses.Triplet{Margin: 0.2, Mining: losses.MineHard}
//	lossFn := losses.PairWise(triplet, losses.Normalized(losses.NegativeL2), losses.Mean)
//	trainer := train.NewTrainer(backend, store, model, lossFn, optimizer.Adam().Done(), nil, nil)
//
// In a graph of your own, with labels integer [batch] and embeddings float [batch, dim]:
//
//	scores := losses.Pairs(labels, embeddings, losses.Cosine)
//	loss := losses.Mean.Of(losses.DefaultCircle(), scores)
//	gradient := graph.Gradient(loss, embeddings)[0]
//
// A loss is put together from three choices: the loss itself, how two vectors are compared, and how a batch becomes one number. The package
// train beside this one trains a network with them; `unipair compare` finds out which loss is best for a data set.
//
// # Choose a loss
//
// With few images of each class, begin with [Circle], [MultiSimilarity] or [Triplet]. With many, try one with class weights too:
// [AMSoftmax] (CosFace), [ArcFace], [ProxyAnchor]. Without labels take [NTXent], with two views of each image.
//
// [Catalogue] lists all losses with formulas, settings, ranges and papers. [Find], [FindSimilarity] and [FindReduction] know them by the
// names that programs use. Each loss has a Default function with the settings of its paper, unless its doc says otherwise.
//
// # Learn from pairs
//
// A pair-wise loss compares the images of a batch with each other. [PairWise] binds it to GoMLX's trainer, [Pairs] makes its scores in a
// graph. A batch needs several images of each class: package data draws such batches. [PairsAgainst] compares with other vectors.
//
// # Learn from class weights
//
// A class-level loss compares each image with one learnt vector per class, as softmax does. [ClassLevel] binds it to GoMLX's trainer: the
// model returns the embeddings and the class weights. [Classes] makes its scores in a graph. A [Centred] loss has several vectors per
// class.
//
// # Choose a similarity
//
// A [Similarity] compares two vectors: [Cosine], [Dot], [NegativeL2] and others, [Normalized] for vectors brought to length 1. Larger is
// always closer: a distance has a minus sign, and a margin on distances is the same margin on similarities. The [Catalogue] says which one
// the paper of a loss takes.
//
// # Choose pairs
//
// A [Relation] says which pairs belong together: those of [SameLabel], unless [PairWiseBy] or [PairsBy] is given another. There are
// [SharedLabels] for images with several labels, [SameBranch] for a tree of classes, and [GivenPairs].
//
// A [Miner] keeps some of the pairs: [HardestPairs], [MineBy], [MultiSimilarityPairs], [PairsOfTriplets], [PairsBeyond],
// [DistanceWeighted]. A [Memory] adds the pairs with earlier batches (cross-batch memory).
//
// # Make one number, and add losses
//
// A [Reduction] makes one number of a batch: [Mean], [Sum], [MeanNonZero] and others, [MeanBetween], [MeanWeighted]. [Total] adds losses
// with weights, pair-wise and class-level ones together.
//
// # Write a loss of your own
//
// A type with PerAnchor, Anchors and Validate is a [Loss]. It takes every similarity, miner and reduction; see the example of [Loss].
// Package stable has exponentials, logarithms, roots and means over pairs that keep value and gradient finite. A type that embeds a loss of
// this package is computed as that loss is, but for the methods that it has itself.
//
// # See how the losses are related
//
// All losses here are seen as in Y. Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization", CVPR 2020. An
// anchor x has K within-class similarities s_p and L between-class similarities s_n. A loss brings the first up and the second down.
// [Scores] holds a batch in this form, one row per anchor, and a [Loss] makes one value of each row. With the weights of N classes K = 1
// and L = N − 1.
//
// [Unified] is the paper's equation (1); the others are it under a setting, or come close. Each line is tested, in value and gradient:
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
// # Know what a batch may hold
//
// A loss is a plain value: comparable, printable, without state and without weights. Its zero value is invalid, except where there is
// nothing to set. Graph functions panic on misuse while the graph is built, and GoMLX's Exec returns that as an error. Embeddings in half
// precision are raised to float32 before they are compared.
//
// No batch of finite numbers makes a loss NaN. An anchor without positives or negatives has value and gradient 0 where the loss needs
// both. A vector shorter than 1e-12 has no direction: its cosine with everything is 0, its gradient 0. A distance of 0 has gradient 0.
//
// NaN and infinite embeddings are refused by [CheckEmbeddings] on the host. In the graph a reduction is NaN where a vector or a similarity
// behind it is infinite or no number, even if the pairs that count are all finite. A run that explodes must not have a loss of 0.
//
// # Take any batch, any number of classes, many devices
//
// [Stream] computes a pair-wise loss and its gradient in blocks, so that the matrix of similarities is never whole. It is exact, with any
// miner, for every loss that sees only its row; [LooksBeyondRow] tells which do not.
//
// [ClassBlocks] computes a class-level loss in blocks of classes, value and gradients exact. [ClassSampling] draws some of the classes for
// each step (Partial FC); [Unbiased] makes them stand for all. Both are for an [OddsSum], which most class-level losses are.
//
// Over many devices GoMLX's AutoSharding takes any loss as it is. With embeddings and labels split along the batch, and class weights along
// the classes, the loss and its gradient are those of the whole batch on one device.
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
// Value and gradient are those of autodiff, to rounding, after [MultiSimilarityPairs] and [PairsBeyond] too. Everything else is computed by
// autodiff: other miners, scores against other vectors, other losses, similarities and relations. A quick way has no second derivative,
// which is refused, and its derivative by Scores.Similarity is 0: [ByAutodiff] among the miners has both.
//
// The pure-Go backend computes several operations at once, and large products among them can wait for each other for ever where there are
// few processors. Open that backend as "go:ops_sequential", as the Examples do. The losses keep their own products apart, but for [VICReg]
// of 256 rows and more.
package losses
