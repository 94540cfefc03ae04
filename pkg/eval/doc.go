// Package eval measures embeddings: retrieval (recall@K, MAP@R), verification (ROC, EER, TAR@FAR), one-shot classification and clustering.
//
// A [Set] holds embeddings with class labels. Is the nearest other vector of each one of the same class?
//
//	set := eval.Set{Dim: 2, Embeddings: []float32{1, 0, 0.9, 0.1, 0, 1, 0.2, 0.9}, Labels: []int32{7, 7, 8, 8}}
//	result, err := eval.Retrieve(set, eval.Options{})
//	if err != nil {
//		return err
//	}
//	fmt.Println(result.PrecisionAt1, result.MAPAtR, result.RecallAt[4])
//
// A network of package train makes a Set of a data set: Embedder.EmbedSet. The command `unipair eval` does all of this without a program.
//
// # Measure retrieval
//
// [Retrieve] compares each vector with all others, [RetrieveFrom] queries with references: a gallery, a shop. Both give precision@1,
// recall@K, R-precision, MAP@R, MAP and MRR ([Metrics]), also by class. [Retrieval.Intervals] adds bootstrap intervals over classes.
//
// [RetrieveAcrossCameras] leaves out what the query's own camera took of its class, as person re-identification does. [RetrieveShared] and
// [RetrieveSharedFrom] are for vectors with several labels each, where what shares a label is to be found.
//
// # Search, and see what is wrong
//
// [Neighbours] lists the nearest references of each query, [NeighboursWithin] those in the set itself. [Mistakes] and [Confusions] list
// those that are wrong.
//
// # Measure verification
//
// [CompareAll] takes the cosines of all pairs, or of some drawn at random, and [Compare] those of given pairs. [Verify] measures how well a
// threshold tells pairs of one class from pairs of two: ROC, EER and TAR@FAR.
//
// [VerifyIntervals] adds intervals over classes, and [FoldAccuracy] is LFW's protocol. Pairs of equal similarity are always on one side of
// a threshold.
//
// # Measure one-shot classification
//
// [ClassifyOneShot] classifies the queries of [Episode] values by one vector per class; [SampleEpisodes] draws them from a set.
//
// # Measure clusters
//
// [Cluster] is k-means, and [NMI] and [AMI] compare clusters with classes; [ClusterNMI] does both.
//
// # How exact the numbers are
//
// The definitions of retrieval are those of AccuracyCalculator of pytorch-metric-learning 2.9. Verification and AMI give scikit-learn's
// numbers.
//
// A query is left out of its own neighbours by index, not by distance, so that an exact duplicate of it still counts. A query whose class
// has no reference, a lone query, is left out, and counted in [Retrieval.Lone].
//
// Nearer is by Euclidean distance, which for vectors of length 1 is the order of cosine similarity. Vectors are taken as they are, not
// normalised. Equal distances rank by index, the lower first, so that a result depends neither on the machine nor on the number of
// threads. Ranks are found by a matrix product in float32, and by distances in float64 wherever that cannot tell.
//
// # Large sets
//
// Distances are taken in blocks: memory grows with the number of references times the number of threads, never with its square.
// [RetrieveStreamed] is [RetrieveFrom] for references that memory does not hold: they are read in blocks, and the numbers are the same.
// With [Options].Backend XLA computes the matrix products, several times faster than Go, and the numbers are the same.
//
//	K. Musgrave et al., "A Metric Learning Reality Check", ECCV 2020 (MAP@R, R-precision).
//	B. Lake et al., "Human-level concept learning through probabilistic program induction", Science 2015 (one-shot).
//	D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
package eval
