// Package eval measures embeddings: exact retrieval (precision@1, recall@K, R-precision, MAP@R, MAP, MRR), also across cameras
// (CMC), verification (ROC, EER, TAR@FAR), one-shot classification, and k-means clustering (NMI, AMI); with bootstrap intervals over
// classes.
//
// A [Set] is embeddings with class labels. Nearer is by Euclidean distance, which for vectors of length 1 is the order of
// cosine similarity; vectors are taken as they are, not normalised. Equal distances rank by index, the lower first, so that a
// result depends neither on the machine nor on the number of threads.
//
// Ranks are found by a matrix product in float32, and by distances in float64 wherever that cannot tell. Distances are taken in blocks:
// memory grows with the number of references times the number of threads, never with its square.
//
// The definitions are those of AccuracyCalculator of pytorch-metric-learning 2.9: a query is left out of its own
// neighbours by index, not by distance, so that an exact duplicate of it still counts; a query whose class has no reference
// (a lone query) is left out, and counted in [Retrieval.Lone]. Verification takes cosines, and pairs of equal similarity are always
// on one side of a threshold; its numbers and those of AMI are scikit-learn's.
//
//	K. Musgrave et al., "A Metric Learning Reality Check", ECCV 2020 (MAP@R, R-precision).
//	B. Lake et al., "Human-level concept learning through probabilistic program induction", Science 2015 (one-shot).
//	D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
package eval
