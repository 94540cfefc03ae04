package losses

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// streamedReduction is a reduction as sums and counts over blocks, whose ratios add up.
type streamedReduction struct {
	perTerm   bool    // of the terms above a bound, per kind; else of the anchors' values
	above     float64 // the bound of terms
	allRows   bool    // divided by the number of rows
	undivided bool    // divided by nothing; else by what counts
}

func streamedReductionOf(reduce Reduction) (streamedReduction, error) {
	switch reduce {
	case Mean:
		return streamedReduction{}, nil
	case MeanAll:
		return streamedReduction{allRows: true}, nil
	case Sum:
		return streamedReduction{undivided: true}, nil
	case MeanTerms:
		return streamedReduction{perTerm: true, above: math.Inf(-1)}, nil
	case MeanNonZero:
		return streamedReduction{perTerm: true}, nil
	}
	return streamedReduction{}, fmt.Errorf("losses.NewStream: the reduction must be Mean, MeanAll, Sum, MeanTerms or MeanNonZero, got %v: "+
		"what another divides by is not known in blocks", reduce)
}

// of returns the sums and the counts of a block, [kinds] each.
func (r streamedReduction) of(loss Loss, s Scores) (sums, counts *graph.Node) {
	begin(loss, s)
	total := func(x *graph.Node) *graph.Node { return graph.Reshape(graph.ReduceAllSum(x), 1) }
	if !r.perTerm {
		return total(perAnchor(loss, s)), total(graph.ConvertDType(anchorsOf(loss, s), s.Similarity.DType()))
	}
	var allSums, allCounts []*graph.Node
	for _, kind := range termsOf(loss, s) {
		sum, count := kind(r.above, math.Inf(1))
		allSums, allCounts = append(allSums, total(sum)), append(allCounts, total(count))
	}
	return graph.Concatenate(allSums, 0), graph.Concatenate(allCounts, 0)
}

// weights returns what the sums of a batch are multiplied by.
func (r streamedReduction) weights(counts []float64, rows int) []float64 {
	weights := make([]float64, len(counts))
	for k, count := range counts {
		switch {
		case r.undivided:
			weights[k] = 1
		case r.allRows:
			weights[k] = 1 / float64(rows)
		default:
			weights[k] = 1 / max(count, 1)
		}
	}
	return weights
}
