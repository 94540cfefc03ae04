package train

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// sampledStep takes the loss over some of the classes, on one device or several.
type sampledStep struct {
	table
	sampling losses.ClassSampling
	centers  int
	steps    *model.Variable // how many steps looked at a class, float32 [classes]
	graph    *executor
}

// newSampledStep returns an error if a batch may have more classes than a sample.
func newSampledStep(backend compute.Backend, l *learner, devices *spread) (*sampledStep, error) {
	c := l.config
	s := &sampledStep{table: newTable(l), sampling: c.ClassSample.sampling(c.Seed), centers: losses.CentersOf(l.objective.loss)}
	weights := s.rows[0]
	classes := weights.Shape().Dim(0) / s.centers
	most := c.Classes
	if c.Sampling == SampleRandom {
		most *= c.PerClass
	}
	labels := make([]int32, min(most, classes))
	for i := range labels {
		labels[i] = int32(i)
	}
	if _, err := s.sampling.Draw(labels, classes, 0); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	s.steps = network.Zeros(l.store, "/adamw/steps"+weights.Path(), classes)
	moves := func(v *model.Variable) bool { return l.moves(v) && v != s.steps && !slices.Contains(s.rows, v) }
	var err error
	s.graph, err = newExecutor(backend, l.store, devices, moves, func(in []*graph.Node) []*graph.Node {
		last := len(in) - 1
		return s.build(l, unpack(in[0]), scalars(in[1]), in[2], in[3], in[4:last], in[last])
	})
	return s, err
}

// build makes the graph of rates, how many classes are of the batch, what a sampled one stands for, images and labels. Then come the
// sample's rows of weights, their means, and steps. It returns the loss, the cosines and the sum of squares, and the rows moved.
func (s *sampledStep) build(
	l *learner, r rates[*graph.Node], drawn []*graph.Node, images, labels *graph.Node, rows []*graph.Node, steps *graph.Node,
) []*graph.Node {
	o := l.objective
	measure := losses.Measure(o.loss, o.similarity)
	if l.config.ClassSample.Unbiased {
		o.loss = losses.Unbiased(o.loss.(losses.OddsSum), drawn[0], drawn[1])
	}
	embeddings := l.embeddings(images)
	loss := o.reduction.Of(o.loss, losses.Classes(labels, embeddings, rows[0], measure))
	gradients, size := l.descend(loss, r, rows[0])
	steps = graph.AddScalar(steps, 1)
	first, second := correctionsOf(steps, s.centers)
	rows = s.group.moved(rows, gradients[0], r.classes, first, second)
	size = graph.Add(size, graph.ReduceAllSum(graph.Square(rows[0])))
	return append(append([]*graph.Node{loss, cosines(embeddings), size}, rows...), steps)
}

// correctionsOf returns, for each row of classes that so many steps have looked at, what [corrections] says of a step: 1/(1 − β^steps).
func correctionsOf(steps *graph.Node, centers int) (first, second *graph.Node) {
	correction := func(beta float64) *graph.Node {
		of := graph.Reciprocal(graph.Neg(graph.Expm1(graph.MulScalar(steps, math.Log(beta)))))
		classes := of.Shape().Dim(0)
		return graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(of, -1), classes, centers), classes*centers, 1)
	}
	return correction(beta1), correction(beta2)
}

func (s *sampledStep) step(step int, batch batch, r rates[float32]) (outcome, error) {
	drawn, err := s.sampling.Draw(batch.rows.classes, s.steps.Shape().Dim(0), step)
	if err != nil {
		return outcome{}, err
	}
	inputs := []*tensors.Tensor{tensors.FromValue(drawn.Labels)}
	variables, rows := append(slices.Clone(s.rows), s.steps), s.rowsOf(drawn.Classes)
	for _, v := range variables {
		part, err := gather(v, rows[v])
		if err != nil {
			return outcome{}, err
		}
		inputs = append(inputs, part)
	}
	whole := shared{pack(r), tensors.FromValue([]float32{float32(drawn.Present), float32(drawn.Weight)})}
	results, err := s.graph.call(whole, append([]*tensors.Tensor{batch.images}, inputs...)...)
	for _, input := range inputs {
		err = errors.Join(err, input.FinalizeAll())
	}
	if err != nil {
		return outcome{}, err
	}
	for i, v := range variables {
		if err := scatter(v, rows[v], results[3+i]); err != nil {
			return outcome{}, err
		}
	}
	return outcomeOf(results[0], results[1], results[2]), nil
}

// rowsOf returns the rows of each variable that belong to classes.
func (s *sampledStep) rowsOf(classes []int32) map[*model.Variable][]int {
	var each, all []int
	for _, class := range classes {
		each = append(each, int(class))
		for k := range s.centers {
			all = append(all, int(class)*s.centers+k)
		}
	}
	rows := map[*model.Variable][]int{s.steps: each}
	for _, v := range s.rows {
		rows[v] = all
	}
	return rows
}
