package main

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
)

// measures are the numbers of an evaluation, fractions of 1.
type measures struct {
	metrics       []metric
	queries, lone int
	verification  *verification // nil: not measured
	left          []string      // what is not measured, and why
}

// metric is a number with what it was measured on.
type metric struct {
	eval.Metric
	interval *eval.Interval // 95 %, over classes or runs; nil: there is none
	on       string
}

// verification is whether pairs can be told to be of one class.
type verification struct {
	eval.Verification
	intervals                eval.VerificationIntervals
	on                       string
	foldAccuracy, foldsError float64 // of official pairs; both 0 where there are none
	comparisons              []eval.Comparison
}

// The limits of what is measured, for large sets.
const (
	mostPairs    = 200_000 // of a kind, for verification
	mostClusters = 4e10    // images × classes × dimensions of a sweep of k-means
	draws        = 200     // resamples of a bootstrap over pairs
)

// falseAccepts are the rates that TAR is taken at, falling: where there are too few pairs for one, there are for none after it.
var falseAccepts = []float64{1e-1, 1e-2, 1e-3, 1e-4}

// measure takes all metrics.
func (ev evaluation) measure(recallAt []int) (measures, error) {
	var r measures
	var err error
	if ev.within != nil {
		err = r.retrieveWithin(ev, recallAt)
	} else {
		err = r.retrieve(ev, recallAt)
	}
	if err != nil || ev.episodes == nil {
		return r, err
	}
	oneShot, err := eval.ClassifyOneShot(ev.episodes)
	if err != nil {
		return r, err
	}
	interval, err := oneShot.Interval(eval.DefaultBootstrap())
	r.metrics = append(r.metrics, metric{eval.Metric{Name: "one_shot_error", Value: oneShot.Error}, &interval, ev.oneShotOn})
	return r, err
}

// retrieve measures one set: retrieval with intervals over classes, clustering and verification.
func (r *measures) retrieve(ev evaluation, recallAt []int) error {
	retrieval, err := ev.retrieval(recallAt)
	if err != nil {
		return err
	}
	intervals, err := retrieval.Intervals(eval.DefaultBootstrap())
	if err != nil {
		return err
	}
	for _, m := range retrieval.List() {
		next := metric{m, nil, ev.retrievalOn}
		if interval, ok := intervals[m.Name]; ok {
			next.interval = &interval
		}
		r.metrics = append(r.metrics, next)
	}
	r.queries, r.lone = retrieval.Queries, retrieval.Lone
	if err := r.cluster(ev); err != nil {
		return err
	}
	return r.verify(ev)
}

func (ev evaluation) retrieval(recallAt []int) (eval.Retrieval, error) {
	options := eval.Options{RecallAt: recallAt, Backend: ev.backend}
	searched := ev.set
	if ev.gallery != nil {
		searched = *ev.gallery
	}
	switch {
	case ev.cameras[0] != nil: // an image is of its own camera, and so does not find itself
		return eval.RetrieveAcrossCameras(ev.set, searched, ev.cameras[0], ev.cameras[1], options)
	case ev.gallery != nil:
		return eval.RetrieveFrom(ev.set, searched, options)
	}
	return eval.Retrieve(ev.set, options)
}

// cluster adds NMI and AMI of k-means of the queries, with as many clusters as there are classes.
func (r *measures) cluster(ev evaluation) error {
	const seed = 1
	classes := make(map[int32]bool)
	for _, label := range ev.set.Labels {
		classes[label] = true
	}
	if float64(ev.set.Len())*float64(len(classes))*float64(ev.set.Dim) > mostClusters {
		r.left = append(r.left, fmt.Sprintf("nmi and ami: k-means of %d images in %d clusters would take hours", ev.set.Len(), len(classes)))
		return nil
	}
	clusters, err := eval.Cluster(ev.set, len(classes), seed)
	if err != nil {
		return err
	}
	nmi, err := eval.NMI(clusters, ev.set.Labels)
	if err != nil {
		return err
	}
	ami, err := eval.AMI(clusters, ev.set.Labels)
	for _, m := range []eval.Metric{{Name: "nmi", Value: nmi}, {Name: "ami", Value: ami}} {
		r.metrics = append(r.metrics, metric{m, nil, ev.images.Name()})
	}
	return err
}

// verify compares the official pairs of a set, or all of them.
func (r *measures) verify(ev evaluation) error {
	const seed = 1
	v := verification{on: "all pairs of " + ev.images.Name()}
	var err error
	var folds []int
	if ev.pairs != nil {
		v.on = "the official pairs of " + ev.images.Name()
		var pairs [][2]int
		for _, pair := range ev.pairs {
			pairs, folds = append(pairs, [2]int{pair.A, pair.B}), append(folds, pair.Fold)
		}
		v.comparisons, err = eval.Compare(ev.set, pairs)
	} else {
		v.comparisons, err = eval.CompareAll(ev.set, mostPairs, seed)
	}
	if err != nil {
		return err
	}
	for i, pair := range ev.pairs {
		v.comparisons[i].Same = pair.Same
	}
	if v.Verification, err = eval.Verify(v.comparisons, falseAccepts...); err != nil {
		r.left = append(r.left, "verification: "+err.Error())
		return nil
	}
	if all := ev.set.Len() * (ev.set.Len() - 1) / 2; ev.pairs == nil && v.Same+v.Different < all {
		v.on = fmt.Sprintf("%d of the %d pairs of %s", v.Same+v.Different, all, ev.images.Name())
	}
	bootstrap := eval.DefaultBootstrap()
	bootstrap.Resamples = draws
	if v.intervals, err = eval.VerifyIntervals(v.comparisons, bootstrap, falseAccepts...); err != nil {
		return err
	}
	if ev.pairs != nil {
		if v.foldAccuracy, v.foldsError, err = eval.FoldAccuracy(v.comparisons, folds); err != nil {
			return err
		}
	}
	r.verification = &v
	return nil
}

// retrieveWithin takes the mean over several small sets.
func (r *measures) retrieveWithin(ev evaluation, recallAt []int) error {
	const seed = 1
	for i, set := range ev.within {
		result, err := eval.Retrieve(set, eval.Options{RecallAt: recallAt})
		if err != nil {
			return err
		}
		nmi, err := eval.ClusterNMI(set, seed)
		if err != nil {
			return err
		}
		these := append(result.List(), eval.Metric{Name: "nmi", Value: nmi})
		for j, m := range these {
			if i == 0 {
				r.metrics = append(r.metrics, metric{eval.Metric{Name: m.Name}, nil, ev.retrievalOn})
			}
			r.metrics[j].Value += m.Value / float64(len(ev.within))
		}
		r.queries += result.Queries
		r.lone += result.Lone
	}
	return nil
}
