package eval

import "math"

// VerificationIntervals holds the intervals of the numbers of a [Verification].
type VerificationIntervals struct {
	AUC, EER Interval   // of the area under the ROC curve, and of the equal error rate
	TAR      []Interval // of each of At
}

// VerifyIntervals returns percentile bootstrap intervals over classes. Each class is drawn some times, or not at all, and a pair counts as
// often as its classes were drawn (the product for two, the count for one). Pairs share classes, so that drawing pairs instead would give
// intervals far too narrow.
func VerifyIntervals(comparisons []Comparison, b Bootstrap, far ...float64) (VerificationIntervals, error) {
	sorted, err := sortedBySimilarity(comparisons, far)
	if err == nil {
		err = b.validate()
	}
	if err != nil {
		return VerificationIntervals{}, err
	}
	_, different := kindsOf(sorted)
	asked := measurable(far, different)
	classes, place := classesOf(sorted)
	random := b.random(classes)
	var auc, eer []float64
	tar := make([][]float64, len(asked))
	for len(auc) < b.Resamples {
		drawn := make([]float64, classes)
		for range classes {
			drawn[random.IntN(classes)]++
		}
		weight := func(c Comparison) float64 {
			if c.A == c.B {
				return drawn[place[c.A]]
			}
			return drawn[place[c.A]] * drawn[place[c.B]]
		}
		v := rates(sorted, weight, asked)
		if math.IsNaN(v.AUC) {
			continue // no pair of a kind among what was drawn: draw again
		}
		auc, eer = append(auc, v.AUC), append(eer, v.EER)
		for i := range tar {
			tar[i] = append(tar[i], v.At[i].TAR)
		}
	}
	result := VerificationIntervals{AUC: b.interval(auc), EER: b.interval(eer)}
	for i := range tar {
		result.TAR = append(result.TAR, b.interval(tar[i]))
	}
	return result, nil
}

// classesOf numbers the classes of comparisons.
func classesOf(comparisons []Comparison) (count int, place map[int32]int) {
	place = make(map[int32]int)
	for _, c := range comparisons {
		for _, class := range []int32{c.A, c.B} {
			if _, known := place[class]; !known {
				place[class] = len(place)
			}
		}
	}
	return len(place), place
}
