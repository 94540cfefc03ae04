package losses_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// manyClasses is a batch against class weights of all lengths, with rows without a class, without a direction, and too long to be squared.
func manyClasses(rows, classes, dim int, longest float64) batch {
	random := rand.New(rand.NewPCG(71, 3))
	vector := func(scale float64) []float64 {
		v := make([]float64, dim)
		for k := range v {
			v[k] = scale * random.NormFloat64()
		}
		return v
	}
	var in batch
	for range rows {
		in.labels, in.embeddings = append(in.labels, random.Int32N(int32(classes))), append(in.embeddings, vector(1))
	}
	in.labels[1], in.labels[2] = -1, int32(classes)
	for range classes {
		in.others = append(in.others, vector(0.1+random.ExpFloat64()))
	}
	in.others[3], in.others[4] = make([]float64, dim), vector(longest)
	in.labels[3], in.labels[4] = 3, 4
	return in
}

// Against classes the closed form is autodiff over the whole, in value and gradient, in one part and in several.
func TestClosedFormOfClasses(t *testing.T) {
	for name, loss := range formulas(t) {
		t.Run("go/"+name, func(t *testing.T) {
			for _, sim := range []losses.Similarity{losses.Cosine, losses.UnitDot} {
				in := manyClasses(9, 7, 5, 10)
				want := evaluate(t, backendtest.Go(t), dtypes.Float64, in, mined(classes(sim), losses.ByAutodiff), reduced(loss, losses.Mean))
				learns(t, name, want)
				same(t, name, evaluate(t, backendtest.Go(t), dtypes.Float64, in, classes(sim), reduced(loss, losses.Mean)), want, 1e-13, 1e-12)
			}
		})
	}
	parts := manyClasses(40, 60_000, 4, 10)
	for name, loss := range map[string]losses.Loss{"am-softmax": losses.DefaultAMSoftmax(), "nt-xent": losses.DefaultNTXent()} {
		t.Run("xla/parts/"+name, func(t *testing.T) {
			b := backendtest.XLA(t)
			want := evaluate(t, b, dtypes.Float64, parts, mined(classes(losses.Cosine), losses.ByAutodiff), reduced(loss, losses.Mean))
			learns(t, name, want)
			same(t, name, evaluate(t, b, dtypes.Float64, parts, classes(losses.Cosine), reduced(loss, losses.Mean)), want, 1e-13, 1e-12)
			same(t, name, evaluate(t, b, dtypes.Float32, parts, classes(losses.Cosine), reduced(loss, losses.Mean)), want, 1e-6, 1e-5)
		})
	}
}

// Class weights whose squares, and whose products with an embedding, leave float32 have finite cosines and gradients.
func TestClosedFormOfLongClassWeights(t *testing.T) {
	in := manyClasses(9, 7, 5, 1e38)
	loss := losses.DefaultAMSoftmax()
	want := evaluate(t, backendtest.Go(t), dtypes.Float64, in, mined(classes(losses.Cosine), losses.ByAutodiff), reduced(loss, losses.Mean))
	same(t, "long", evaluate(t, backendtest.Go(t), dtypes.Float32, in, classes(losses.Cosine), reduced(loss, losses.Mean)), want, 1e-5, 1e-5)
}

// Labels of a type that has no number for each class, as int8 has none beyond 127, are those that they are.
func TestNarrowLabels(t *testing.T) {
	in := randomBatch(3, 300, 1, 4)
	in.labels, in.embeddings, in.otherLabel = in.labels[:100], in.embeddings[:100], in.labels
	narrow := func(how scoring) scoring {
		return func(labels, embeddings, others, otherLabels *graph.Node) losses.Scores {
			return how(graph.ConvertDType(labels, dtypes.Int8), embeddings, others, otherLabels)
		}
	}
	for name, how := range map[string]scoring{
		"classes": classes(losses.Cosine), "by autodiff": mined(classes(losses.Cosine), losses.ByAutodiff), "against": against(losses.Cosine),
	} {
		want := evaluate(t, backendtest.Go(t), dtypes.Float64, in, how, reduced(circle, losses.Mean))
		learns(t, name, want)
		same(t, name, evaluate(t, backendtest.Go(t), dtypes.Float64, in, narrow(how), reduced(circle, losses.Mean)), want, 0, 0)
	}
}
