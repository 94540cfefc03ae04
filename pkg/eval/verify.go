package eval

import (
	"fmt"
	"math"
	"slices"
)

// OperatingPoint is a threshold of similarity, from which on a pair is taken for one class, with the rates that it gives.
type OperatingPoint struct {
	Threshold float64 // the least similarity that is taken for one class
	FAR       float64 // false accept rate: pairs of two classes that are taken for one
	TAR       float64 // true accept rate: pairs of one class that are
}

// Verification measures how well a threshold of similarity tells pairs of one class from pairs of two.
type Verification struct {
	Same, Different int              // how many pairs
	AUC             float64          // area under the ROC curve: the probability that a pair of one class is the more similar one, ties by half
	EER             float64          // equal error rate: FAR and 1 − TAR where they meet, on the ROC curve's straight pieces
	EERThreshold    float64          // the threshold of the curve's point nearest to that
	At              []OperatingPoint // for each FAR asked for, the highest TAR with a FAR not above it; a FAR of fewer than one pair is left out
	curve           []OperatingPoint // by falling threshold
}

// ROC returns the receiver operating characteristic: one point per similarity that occurs, falling, after one above all.
func (v Verification) ROC() []OperatingPoint { return slices.Clone(v.curve) }

// Verify measures comparisons. Pairs of equal similarity are on one side of any threshold. There must be pairs of both kinds.
func Verify(comparisons []Comparison, far ...float64) (Verification, error) {
	sorted, err := sortedBySimilarity(comparisons, far)
	if err != nil {
		return Verification{}, err
	}
	same, different := kindsOf(sorted)
	v := rates(sorted, func(Comparison) float64 { return 1 }, measurable(far, different))
	v.Same, v.Different = same, different
	return v, nil
}

func sortedBySimilarity(comparisons []Comparison, far []float64) ([]Comparison, error) {
	for i, c := range comparisons {
		if math.IsNaN(c.Similarity) {
			return nil, fmt.Errorf("eval: the similarity of comparison %d is NaN", i)
		}
	}
	if same, different := kindsOf(comparisons); same == 0 || different == 0 {
		return nil, fmt.Errorf("eval: verification needs pairs of one class and of two, got %d and %d", same, different)
	}
	for _, rate := range far {
		if !(rate > 0 && rate < 1) {
			return nil, fmt.Errorf("eval: a false accept rate must be in (0, 1), got %g", rate)
		}
	}
	sorted := slices.Clone(comparisons)
	slices.SortStableFunc(sorted, func(a, b Comparison) int {
		switch {
		case a.Similarity > b.Similarity:
			return -1
		case a.Similarity < b.Similarity:
			return 1
		}
		return 0
	})
	return sorted, nil
}

// kindsOf counts the pairs of one class and of two.
func kindsOf(comparisons []Comparison) (same, different int) {
	for _, c := range comparisons {
		if c.Same {
			same++
		}
	}
	return same, len(comparisons) - same
}

// measurable returns the false accept rates of which so many pairs make at least one.
func measurable(far []float64, different int) []float64 {
	var rates []float64
	for _, rate := range far {
		if 1/float64(different) <= rate { // a rate as the curve has it: of 49 pairs 1/49 is measurable, though 49·(1/49) < 1
			rates = append(rates, rate)
		}
	}
	return rates
}

// rates goes down the similarities once, each pair counted with its weight.
func rates(sorted []Comparison, weight func(Comparison) float64, far []float64) Verification {
	var same, different float64
	for _, c := range sorted {
		if c.Same {
			same += weight(c)
		} else {
			different += weight(c)
		}
	}
	v := Verification{curve: []OperatingPoint{{math.Inf(1), 0, 0}}}
	accepted := map[bool]float64{}
	area := 0.0 // whole for whole weights, or a half more: a sum of rates would round, to above 1 too
	for i := 0; i < len(sorted); {
		threshold, falseBefore, trueBefore := sorted[i].Similarity, accepted[false], accepted[true]
		for ; i < len(sorted) && sorted[i].Similarity == threshold; i++ {
			accepted[sorted[i].Same] += weight(sorted[i])
		}
		v.curve = append(v.curve, OperatingPoint{threshold, accepted[false] / different, accepted[true] / same})
		area += (accepted[false] - falseBefore) * (trueBefore + accepted[true]) / 2
	}
	v.AUC = area / (same * different)
	v.EER, v.EERThreshold = equalError(v.curve)
	for _, rate := range far {
		best := v.curve[0]
		for _, point := range v.curve {
			if point.FAR > rate {
				break
			}
			best = point
		}
		v.At = append(v.At, best)
	}
	return v
}

// equalError finds where FAR = 1 − TAR on the straight pieces of a curve, and the threshold of the nearer end of that piece.
func equalError(curve []OperatingPoint) (rate, threshold float64) {
	gap := func(o OperatingPoint) float64 { return o.FAR - (1 - o.TAR) } // rises from −1 to 1
	for i := 1; i < len(curve); i++ {
		a, b := curve[i-1], curve[i]
		if gap(b) < 0 {
			continue
		}
		part := -gap(a) / (gap(b) - gap(a))
		threshold = b.Threshold
		if part < 0.5 && i > 1 {
			threshold = a.Threshold
		}
		return a.FAR + part*(b.FAR-a.FAR), threshold
	}
	return 1, curve[len(curve)-1].Threshold
}
