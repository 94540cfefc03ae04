package train

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/pkg/losses"
)

// ClassSample is Partial FC, for a class-level loss of many classes: each step looks at the classes of its batch and at some others,
// drawn anew by the run's seed, and moves their weights alone. See [losses.ClassSampling]. The optimiser goes on for a class where it
// was when the class was last looked at; between, its weights and their means stand still.
type ClassSample struct {
	Ratio    float64 `json:"ratio"`              // of all classes, in (0, 1]; 0 looks at all classes
	Unbiased bool    `json:"unbiased,omitempty"` // a sampled class counts for all that it stands for, see [losses.Unbiased]
}

func (s ClassSample) sampling(seed uint64) losses.ClassSampling {
	return losses.ClassSampling{Ratio: s.Ratio, Seed: seed}
}

// validateSample checks ClassSample.
func (c Config) validateSample(o objective) error {
	if c.ClassSample == (ClassSample{}) {
		return nil
	}
	if o.labels != losses.ClassLabels {
		return fmt.Errorf("classes are sampled for class-level labels, and %s has %s ones", c.Loss, o.labels)
	}
	if _, sums := o.loss.(losses.OddsSum); c.ClassSample.Unbiased && !sums {
		return fmt.Errorf("%s has no unbiased sample of classes, since it is not a sum over negatives inside a logarithm", c.Loss)
	}
	return c.ClassSample.sampling(c.Seed).Validate()
}

// sampledStep is the step of a loss over some of the classes.
type sampledStep struct {
	table
	sample ClassSample
	seed   uint64
	steps  *model.Variable // how many steps looked at a class, float32 [classes]
}

// newSampledStep returns an error if a batch may have more classes than a sample.
func newSampledStep(t table, store *model.Store, c Config) (*sampledStep, error) {
	weights := t.rows[0]
	classes := weights.Shape().Dim(0) / losses.CentersOf(t.objective.loss)
	most := c.Classes
	if c.Sampling == SampleRandom {
		most *= c.PerClass
	}
	labels := make([]int32, min(most, classes))
	for i := range labels {
		labels[i] = int32(i)
	}
	if _, err := c.ClassSample.sampling(c.Seed).Draw(labels, classes, 0); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	steps := variable(store, "/adamw/steps"+weights.Path(), constant(0), classes)
	return &sampledStep{table: t, sample: c.ClassSample, seed: c.Seed, steps: steps}, nil
}

// build implements [tableStep]. After the numbers of a step, the sixth and seventh are how many classes are of the batch, and what a
// sampled one stands for; then come the rows of weights, means and steps. It returns what learner.build does, and the rows moved.
func (s *sampledStep) build(l *learner, in []*graph.Node) []*graph.Node {
	images, labels, numbers, rows, steps := in[0], in[1], in[2], in[3:len(in)-1], in[len(in)-1]
	o := s.objective
	if s.sample.Unbiased {
		o.loss = losses.Unbiased(o.loss.(losses.OddsSum), number(numbers, 5), number(numbers, 6))
	}
	embeddings := l.embeddings(images)
	loss := o.reduction.Of(o.loss, losses.Classes(labels, embeddings, rows[0], losses.Measure(s.objective.loss, o.similarity)))
	gradients, size := l.descend(loss, numbers, rows[0])
	steps = graph.AddScalar(steps, 1)
	correction := func(beta float64) *graph.Node { // 1/(1 − β^steps), for each row
		of := graph.Reciprocal(graph.Neg(graph.Expm1(graph.MulScalar(steps, math.Log(beta)))))
		classes := of.Shape().Dim(0)
		centers := rows[0].Shape().Dim(0) / classes
		return graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(of, -1), classes, centers), classes*centers, 1)
	}
	rows = s.group.moved(rows, gradients[0], number(numbers, 1), correction(beta1), correction(beta2))
	size = graph.Add(size, graph.ReduceAllSum(graph.Square(rows[0])))
	return append(append([]*graph.Node{loss, cosines(embeddings), size}, rows...), steps)
}

// do implements [tableStep].
func (s *sampledStep) do(l *learner, step int, batch batch, numbers []float32) ([]*tensors.Tensor, error) {
	drawn, err := s.sample.sampling(s.seed).Draw(batch.rows.classes, s.steps.Shape().Dim(0), step)
	if err != nil {
		return nil, err
	}
	numbers = append(numbers, float32(drawn.Present), float32(drawn.Weight))
	inputs := []*tensors.Tensor{batch.images, tensors.FromFlatDataAndDimensions(drawn.Labels, len(drawn.Labels)), tensorOf(numbers, len(numbers))}
	variables, rows := append(slices.Clone(s.rows), s.steps), s.rowsOf(drawn.Classes)
	for _, v := range variables {
		part, err := gather(v, rows[v])
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, part)
	}
	results, err := l.call(inputs...)
	for _, input := range inputs[1:] {
		err = errors.Join(err, input.FinalizeAll())
	}
	if err != nil {
		return nil, err
	}
	for i, v := range variables {
		if err := scatter(v, rows[v], results[3+i]); err != nil {
			return nil, err
		}
	}
	return results[:3], nil
}

func (s *sampledStep) holds(v *model.Variable) bool { return v == s.steps || s.table.holds(v) }

// rowsOf are the rows of each variable that belong to classes.
func (s *sampledStep) rowsOf(classes []int32) map[*model.Variable][]int {
	centers := losses.CentersOf(s.objective.loss)
	var each, all []int
	for _, class := range classes {
		each = append(each, int(class))
		for k := range centers {
			all = append(all, int(class)*centers+k)
		}
	}
	rows := map[*model.Variable][]int{s.steps: each}
	for _, v := range s.rows {
		rows[v] = all
	}
	return rows
}
