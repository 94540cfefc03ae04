package angles

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// Passage is a training seen in the plane of scores, as in the paper's figure 5. Of each drawing, s_p is the cosine with its own class
// vector and s_n the greatest with another.
type Passage struct {
	Crossed []viz.ScorePair // where drawings were when they had just come over the boundary
	Ends    []viz.ScorePair // where all are at last
}

// Cross trains a network with embeddings of [Wide] numbers as [Learn] does, and notes after every step who has come over a boundary.
// within says on which side of it a pair of scores is. A quick run has a tenth of the steps.
func Cross(b compute.Backend, d Drawings, r Recipe, steps int, within func(viz.ScorePair) bool) (Passage, error) {
	fail := func(err error) (Passage, error) { return Passage{}, fmt.Errorf("angles: %s: %w", r.Name, err) }
	store := newNetwork(len(d.Names), Wide)
	images, labels := tensors.FromValue(d.Learn.Pixels), tensors.FromValue(d.Learn.Labels)
	adam := optimizer.Adam().LearningRate(rate / 10).Done()
	step, err := model.NewExec(b, store, func(scope *model.Scope, images, labels *graph.Node) []*graph.Node {
		made := predictions(store, images)
		s := losses.Classes(labels, made[0], made[1], losses.Cosine)
		loss := losses.Mean.Of(r.Loss, s)
		adam.UpdateGraph(scope, loss.Graph(), loss)
		return []*graph.Node{
			graph.MaskedReduceMax(s.Similarity, s.Positive, -1), graph.MaskedReduceMax(s.Similarity, s.Negative, -1),
		}
	})
	if err != nil {
		return fail(err)
	}
	defer step.Finalize()
	var p Passage
	before := make([]bool, len(d.Learn.Labels))
	for done := range steps / quicker() {
		results, err := step.Call(images, labels)
		if err != nil {
			return fail(err)
		}
		positive, negative := results[0].Value().([]float32), results[1].Value().([]float32)
		p.Ends = p.Ends[:0]
		for i, sp := range positive {
			at := viz.ScorePair{Sn: float64(negative[i]), Sp: float64(sp)}
			if math.IsNaN(at.Sn + at.Sp) {
				return fail(fmt.Errorf("step %d: the scores of drawing %d are not numbers", done, i))
			}
			now := within(at)
			if now && !before[i] && done > 0 {
				p.Crossed = append(p.Crossed, at)
			}
			before[i] = now
			p.Ends = append(p.Ends, at)
		}
	}
	return p, nil
}
