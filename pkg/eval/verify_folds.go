package eval

import (
	"fmt"
	"math"
	"slices"
)

// FoldAccuracy measures verification by LFW's protocol. For each fold it takes the threshold with the highest accuracy on the other folds,
// and tells the pairs of the fold apart by it. It returns the mean of the folds' accuracies and its standard error, sd/√folds. fold holds
// one number per comparison, that of its fold. Of equally good thresholds it takes the middle of the highest run.
//
//	G. Huang et al., "Labeled Faces in the Wild", 2007; section on image-restricted results.
func FoldAccuracy(comparisons []Comparison, fold []int) (accuracy, standardError float64, err error) {
	if len(comparisons) != len(fold) {
		return 0, 0, fmt.Errorf("eval: want a fold for each of %d comparisons, got %d", len(comparisons), len(fold))
	}
	folds := slices.Compact(slices.Sorted(slices.Values(fold)))
	if len(folds) < 2 {
		return 0, 0, fmt.Errorf("eval: a threshold for one fold is chosen on the others: there must be 2 folds at least, got %d",
			len(folds))
	}
	var accuracies []float64
	for _, f := range folds {
		var mine, others []Comparison
		for i, c := range comparisons {
			if fold[i] == f {
				mine = append(mine, c)
			} else {
				others = append(others, c)
			}
		}
		sorted, err := sortedBySimilarity(others, nil)
		if err != nil {
			return 0, 0, fmt.Errorf("all folds but %d: %w", f, err)
		}
		threshold, right := bestThreshold(sorted), 0
		for _, c := range mine {
			if (c.Similarity >= threshold) == c.Same {
				right++
			}
		}
		accuracies = append(accuracies, float64(right)/float64(len(mine)))
	}
	n := float64(len(accuracies))
	for _, a := range accuracies {
		accuracy += a / n
	}
	for _, a := range accuracies {
		standardError += (a - accuracy) * (a - accuracy)
	}
	return accuracy, math.Sqrt(standardError / (n - 1) / n), nil
}

// bestThreshold returns the threshold that parts most pairs rightly, in the middle between two similarities. The comparisons fall.
func bestThreshold(sorted []Comparison) float64 {
	_, right := kindsOf(sorted) // with a threshold above all
	best, threshold := right, math.Inf(1)
	for i, c := range sorted {
		if c.Same {
			right++
		} else {
			right--
		}
		if i+1 < len(sorted) && sorted[i+1].Similarity == c.Similarity {
			continue
		}
		if right > best {
			best, threshold = right, c.Similarity
			if i+1 < len(sorted) {
				next := sorted[i+1].Similarity
				if middle := (c.Similarity + next) / 2; middle > next { // neighbours among float64 have no middle
					threshold = middle
				}
			}
		}
	}
	return threshold
}
