package evaluation

import (
	"fmt"

	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// mostClusters is the largest product of images, classes and dimensions that k-means sweeps over: more would take hours.
const mostClusters = 4e10

// measure takes all metrics.
func (r *Result) measure(o Options) error {
	retrieve := r.retrieve
	if r.of.within != nil {
		retrieve = r.retrieveWithin
	}
	if err := retrieve(o); err != nil || r.of.episodes == nil {
		return err
	}
	oneShot, err := eval.ClassifyOneShot(r.of.episodes)
	if err != nil {
		return err
	}
	interval, err := oneShot.Interval(eval.DefaultBootstrap())
	r.Metrics = append(r.Metrics, Metric{eval.Metric{Name: "one_shot_error", Value: oneShot.Error}, &interval, r.OneShotOn})
	return err
}

// retrieve measures one set: retrieval with intervals over classes, clustering and verification.
func (r *Result) retrieve(o Options) error {
	retrieval, err := r.of.retrieval(o)
	if err != nil {
		return err
	}
	var intervals map[string]eval.Interval
	if r.of.shared[0] == nil {
		if intervals, err = retrieval.Intervals(eval.DefaultBootstrap()); err != nil {
			return err
		}
	}
	for _, m := range retrieval.List() {
		next := Metric{m, nil, r.RetrievalOn}
		if interval, ok := intervals[m.Name]; ok {
			next.Interval = &interval
		}
		r.Metrics = append(r.Metrics, next)
	}
	r.Queries, r.Lone = retrieval.Queries, retrieval.Lone
	if r.of.shared[0] != nil {
		r.LeftOut = append(r.LeftOut,
			"intervals, nmi and ami, verification and one-shot error: they are of classes, and these images have several labels each")
		return nil
	}
	if err := r.cluster(); err != nil {
		return err
	}
	return r.verify()
}

func (e embedded) retrieval(o Options) (eval.Retrieval, error) {
	searched := e.set
	if e.gallery != nil {
		searched = *e.gallery
	}
	options := eval.Options{RecallAt: o.RecallAt, Backend: o.Backend, Part: train.PartOf(o.Ranks, searched.Len())}
	switch {
	case e.shared[0] != nil && e.gallery != nil:
		return eval.RetrieveSharedFrom(e.set, searched, e.shared[0], e.shared[1], options)
	case e.shared[0] != nil:
		return eval.RetrieveShared(e.set, e.shared[0], options)
	case e.cameras[0] != nil: // an image is of its own camera, and so does not find itself
		return eval.RetrieveAcrossCameras(e.set, searched, e.cameras[0], e.cameras[1], options)
	case e.gallery != nil:
		return eval.RetrieveFrom(e.set, searched, options)
	}
	return eval.Retrieve(e.set, options)
}

// cluster adds NMI and AMI of k-means of the queries, with as many clusters as there are classes.
func (r *Result) cluster() error {
	const seed = 1
	set, classes := r.of.set, make(map[int32]bool)
	for _, label := range set.Labels {
		classes[label] = true
	}
	if float64(set.Len())*float64(len(classes))*float64(set.Dim) > mostClusters {
		r.LeftOut = append(r.LeftOut,
			fmt.Sprintf("nmi and ami: k-means of %d images in %d clusters would take hours", set.Len(), len(classes)))
		return nil
	}
	clusters, err := eval.Cluster(set, len(classes), seed)
	if err != nil {
		return err
	}
	nmi, err := eval.NMI(clusters, set.Labels)
	if err != nil {
		return err
	}
	ami, err := eval.AMI(clusters, set.Labels)
	for _, m := range []eval.Metric{{Name: "nmi", Value: nmi}, {Name: "ami", Value: ami}} {
		r.Metrics = append(r.Metrics, Metric{m, nil, r.of.images.Name()})
	}
	return err
}

// retrieveWithin takes the mean over several small sets.
func (r *Result) retrieveWithin(o Options) error {
	const seed = 1
	for i, set := range r.of.within {
		result, err := eval.Retrieve(set, eval.Options{RecallAt: o.RecallAt})
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
				r.Metrics = append(r.Metrics, Metric{eval.Metric{Name: m.Name}, nil, r.RetrievalOn})
			}
			r.Metrics[j].Value += m.Value / float64(len(r.of.within))
		}
		r.Queries += result.Queries
		r.Lone += result.Lone
	}
	return nil
}
