package evaluation

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// The limits of verification, for large sets.
const (
	mostPairs = 200_000 // of a kind
	draws     = 200     // resamples of a bootstrap over pairs
)

// falseAccepts are the rates that TAR is taken at, falling: where there are too few pairs for one, there are for none after it.
var falseAccepts = []float64{1e-1, 1e-2, 1e-3, 1e-4}

// verify compares the official pairs of a set, or all of them.
func (r *Result) verify() error {
	comparisons, folds, err := r.of.compare()
	if err != nil {
		return err
	}
	curve, err := eval.Verify(comparisons, falseAccepts...)
	if err != nil {
		r.LeftOut = append(r.LeftOut, "verification: "+err.Error())
		return nil
	}
	bootstrap := eval.DefaultBootstrap()
	bootstrap.Resamples = draws
	intervals, err := eval.VerifyIntervals(comparisons, bootstrap, falseAccepts...)
	if err != nil {
		return err
	}
	v := &Verification{
		On: r.of.pairsOf(curve.Same + curve.Different), Same: curve.Same, Different: curve.Different,
		AUC: curve.AUC, AUCInterval: ends(intervals.AUC), EER: curve.EER, EERInterval: ends(intervals.EER),
		Threshold: finite(curve.EERThreshold), curve: curve, comparisons: comparisons,
	}
	for i, at := range curve.At {
		v.At = append(v.At, Operating{falseAccepts[i], at.TAR, ends(intervals.TAR[i]), finite(at.Threshold)})
	}
	if r.of.pairs != nil {
		if v.FoldAccuracy, v.FoldAccuracyStdErr, err = eval.FoldAccuracy(comparisons, folds); err != nil {
			return err
		}
	}
	r.Verification = v
	return nil
}

// compare compares the official pairs, each of which has a fold, or so many of all pairs as there is time for.
func (e embedded) compare() (comparisons []eval.Comparison, folds []int, err error) {
	const seed = 1
	if e.pairs == nil {
		comparisons, err = eval.CompareAll(e.set, mostPairs, seed)
		return comparisons, nil, err
	}
	var pairs [][2]int
	for _, pair := range e.pairs {
		pairs, folds = append(pairs, [2]int{pair.A, pair.B}), append(folds, pair.Fold)
	}
	if comparisons, err = eval.Compare(e.set, pairs); err != nil {
		return nil, nil, err
	}
	for i, pair := range e.pairs {
		comparisons[i].Same = pair.Same
	}
	return comparisons, folds, nil
}

// pairsOf says which pairs so many are.
func (e embedded) pairsOf(count int) string {
	all := e.set.Len() * (e.set.Len() - 1) / 2
	switch {
	case e.pairs != nil:
		return "the official pairs of " + e.images.Name()
	case count < all:
		return fmt.Sprintf("%d of the %d pairs of %s", count, all, e.images.Name())
	}
	return "all pairs of " + e.images.Name()
}
