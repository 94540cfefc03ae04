package train

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

// wholeStep takes the whole batch through the network at once, on one device or several.
type wholeStep struct{ graph *executor }

func newWholeStep(backend compute.Backend, l *learner, devices *spread) (wholeStep, error) {
	if l.classGroup != nil {
		if err := devices.share(l.classGroup.state(0)...); err != nil {
			return wholeStep{}, err
		}
	}
	exec, err := newExecutor(backend, l.store, devices, l.moves, func(in []*graph.Node) []*graph.Node {
		r, images, labels := unpack(in[0]), in[1], in[2]
		embeddings := l.embeddings(images)
		loss := l.loss(labels, embeddings)
		_, size := l.descend(loss, r)
		return []*graph.Node{loss, cosines(embeddings), size}
	})
	return wholeStep{exec}, err
}

func (s wholeStep) step(_ int, batch batch, r rates[float32]) (outcome, error) {
	results, err := s.graph.call(shared{pack(r)}, batch.images, batch.labels)
	if err != nil {
		return outcome{}, err
	}
	return outcomeOf(results[0], results[1], results[2]), nil
}
