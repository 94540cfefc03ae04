// Package eval measures embeddings: how well the nearest neighbours of a vector are of its class.
//
// A [Set] holds embeddings with class labels. [Retrieve] compares each vector with all others:
//
//	set := eval.Set{Dim: 2, Embeddings: []float32{1, 0, 0.9, 0.1, 0, 1, 0.2, 0.9}, Labels: []int32{7, 7, 8, 8}}
//	result, err := eval.Retrieve(set, eval.Options{})
//	if err != nil {
//		return err
//	}
//	fmt.Println(result.PrecisionAt1, result.MAPAtR, result.RecallAt[4])
//
// # Retrieval
//
// [Retrieve], [RetrieveFrom] and [RetrieveAcrossCameras] give precision@1, recall@K, R-precision, MAP@R, MAP and MRR ([Metrics]), also by
// class, with bootstrap intervals over classes ([Retrieval.Intervals]). [Neighbours] lists the neighbours themselves, [Mistakes] and
// [Confusions] those that are wrong.
//
// [RetrieveStreamed] is [RetrieveFrom] for references that memory does not hold: they are read in blocks, and the numbers are the same.
//
// [RetrieveShared] and [RetrieveSharedFrom] are for vectors of several labels each, where what shares a label is to be found.
//
// The definitions are those of AccuracyCalculator of pytorch-metric-learning 2.9. A query is left out of its own neighbours by index, not
// by distance, so that an exact duplicate of it still counts. A query whose class has no reference, a lone query, is left out, and
// counted in [Retrieval.Lone].
//
// # Verification
//
// [CompareAll] or [Compare] take the cosines of pairs. [Verify] measures how well a threshold tells them apart: ROC, EER and TAR@FAR.
// [VerifyIntervals] adds intervals over classes, and [FoldAccuracy] is LFW's protocol. Pairs of equal similarity are always on one side
// of a threshold. The numbers are scikit-learn's.
//
// # One-shot classification
//
// [ClassifyOneShot] classifies the queries of [Episode] values by one vector per class; [SampleEpisodes] draws them from a set.
//
// # Clustering
//
// [Cluster] is k-means, and [NMI] and [AMI] compare clusters with classes; [ClusterNMI] does both. AMI's numbers are scikit-learn's.
//
// # Exactness
//
// Nearer is by Euclidean distance, which for vectors of length 1 is the order of cosine similarity. Vectors are taken as they are, not
// normalised. Equal distances rank by index, the lower first, so that a result depends neither on the machine nor on the number of
// threads. Ranks are found by a matrix product in float32, and by distances in float64 wherever that cannot tell. Distances are taken in
// blocks: memory grows with the number of references times the number of threads, never with its square.
//
//	K. Musgrave et al., "A Metric Learning Reality Check", ECCV 2020 (MAP@R, R-precision).
//	B. Lake et al., "Human-level concept learning through probabilistic program induction", Science 2015 (one-shot).
//	D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
package eval
