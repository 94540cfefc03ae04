package eval

import "fmt"

// RetrieveAcrossCameras compares each query with the references, except those that are both of its class and of its camera. So
// re-identification is measured (Market-1501, single query): what a query's own camera took of it is too easy, and is left out as if it
// were not there. Queries whose class no other camera took are lone. The K of recall@K are the ranks of the CMC curve, and MAP is the
// mean of Σ i/r_i / R. The benchmark's own first program took trapezoids under the precision-recall curve instead, which gives a little
// less.
//
//	L. Zheng et al., "Scalable Person Re-identification: A Benchmark", ICCV 2015.
func RetrieveAcrossCameras(queries, references Set, queryCameras, referenceCameras []int, options Options) (Retrieval, error) {
	if err := checkPair(queries, references); err != nil {
		return Retrieval{}, err
	}
	if len(queryCameras) != queries.Len() || len(referenceCameras) != references.Len() {
		return Retrieval{}, fmt.Errorf("eval: want a camera for each of %d queries and %d references, got %d and %d",
			queries.Len(), references.Len(), len(queryCameras), len(referenceCameras))
	}
	return retrieve(queries, references, func(q, r int) bool {
		return queries.Labels[q] == references.Labels[r] && queryCameras[q] == referenceCameras[r]
	}, options)
}
