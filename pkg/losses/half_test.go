package losses_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// unevenBatch is a batch of classes of all sizes, some of one row, whose rows are in no order.
func unevenBatch(seed uint64, rows, dim int) batch {
	random := rand.New(rand.NewPCG(seed, 11))
	var in batch
	for range rows {
		label := int32(random.ExpFloat64() * 40)
		v := make([]float64, dim)
		for k := range v {
			v[k] = random.NormFloat64() + float64((int(label)*(k+1))%7)/3
		}
		in.labels, in.embeddings = append(in.labels, label), append(in.embeddings, v)
	}
	return in
}

// withCopies has some vectors twice.
func withCopies(in batch) batch {
	for i := 7; i < len(in.embeddings); i += 7 {
		in.embeddings[i] = in.embeddings[i/2]
	}
	return in
}

// formulas are the losses that are sums over their row: half of the scores is enough for them.
func formulas(t *testing.T) map[string]losses.Loss {
	t.Helper()
	all := map[string]losses.Loss{"hard triplet": losses.Triplet{Margin: 0.2, Mining: losses.MineHard}}
	for _, entry := range losses.Catalogue() {
		if losses.IsFormula(backendtest.Go(t), entry.Default) {
			all[entry.Name] = entry.Default
		}
	}
	for _, name := range []string{"circle", "multi-similarity", "nt-xent", "sup-con", "unified"} {
		if all[name] == nil {
			t.Errorf("%s is not computed from half of the scores", name)
		}
	}
	return all
}

// Half of the scores gives what the whole gives, in value and gradient: in one tile and in several, in batches of odd sizes.
func TestHalfIsTheWhole(t *testing.T) {
	compare := func(t *testing.T, b compute.Backend, dtype dtypes.DType, loss losses.Loss, sim losses.Similarity, reduce losses.Reduction,
		in batch, tolerance float64) {
		t.Helper()
		half := pairs(sim)
		whole := mined(half, losses.ByAutodiff)
		want := evaluate(t, b, dtype, in, whole, reduced(loss, reduce))
		learns(t, "whole", want)
		same(t, "half", evaluate(t, b, dtype, in, half, reduced(loss, reduce)), want, tolerance, 100*tolerance)
	}
	few, many := withCopies(unevenBatch(1, 37, 5)), withCopies(unevenBatch(2, 771, 5))
	for name, loss := range formulas(t) {
		t.Run("go/"+name, func(t *testing.T) {
			compare(t, backendtest.Go(t), dtypes.Float64, loss, losses.Cosine, losses.Mean, few, 1e-13)
		})
	}
	for name, loss := range map[string]losses.Loss{
		"circle": circle, "nt-xent": losses.DefaultNTXent(), "sup-con": losses.DefaultSupCon(),
		"hard triplet": losses.Triplet{Margin: 0.2, Mining: losses.MineHard},
	} {
		t.Run("go/tiles/"+name, func(t *testing.T) {
			compare(t, backendtest.Go(t), dtypes.Float64, loss, losses.Cosine, losses.Sum, many, 1e-13)
		})
		t.Run("xla/tiles/"+name, func(t *testing.T) {
			compare(t, backendtest.XLA(t), dtypes.Float32, loss, losses.Cosine, losses.MeanAll, many, 1e-6)
		})
	}
	t.Run("go/long vectors", func(t *testing.T) { // whose products are summed up in other orders on either side of the diagonal
		long := unevenBatch(4, 8, 512)
		for i := range long.labels {
			long.labels[i] = int32(i / 4)
		}
		compare(t, backendtest.Go(t), dtypes.Float32, losses.Triplet{Margin: 1, Mining: losses.MineHard}, losses.Cosine, losses.Mean, long, 1e-6)
	})
	for name, sim := range map[string]losses.Similarity{"dot": losses.Dot, "l2": losses.NegativeL2, "normalized-l2": unitL2} {
		for of, loss := range map[string]losses.Loss{
			"hard triplet": losses.Triplet{Margin: 0.2, Mining: losses.MineHard}, "unified": losses.Unified{Gamma: 4, Margin: 0.2},
		} {
			t.Run("go/"+name+"/"+of, func(t *testing.T) {
				compare(t, backendtest.Go(t), dtypes.Float64, loss, sim, losses.Mean, few, 1e-13)
				compare(t, backendtest.Go(t), dtypes.Float64, loss, sim, losses.Mean, many, 1e-13)
			})
			t.Run("xla/"+name+"/"+of, func(t *testing.T) {
				compare(t, backendtest.XLA(t), dtypes.Float32, loss, sim, losses.Mean, many, 1e-6)
			})
		}
	}
}

// Directions that differ by the rounding of their numbers have distance 0 by half of the matrix as by the whole.
func TestHalfHasNoDistanceOfRounding(t *testing.T) {
	in := unevenBatch(6, 771, 8)
	for i := 1; i < len(in.embeddings); i += 2 {
		in.labels[i] = in.labels[i-1]
		for k, x := range in.embeddings[i-1] {
			in.embeddings[i][k] = 3 * x
		}
	}
	loss := losses.Contrastive{NegativeMargin: 1e-3}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		want := evaluate(t, b, dtypes.Float32, in, mined(pairs(unitL2), losses.ByAutodiff), reduced(loss, losses.Mean))
		learns(t, "whole", want)
		same(t, "half", evaluate(t, b, dtypes.Float32, in, pairs(unitL2), reduced(loss, losses.Mean)), want, 1e-6, 1e-4)
	})
}

// What is not symmetric, and what a miner has changed by more than sums, is computed from the whole.
func TestWholeWhereHalfIsNotEnough(t *testing.T) {
	b, in := backendtest.Go(t), unevenBatch(3, 24, 4)
	asymmetric := losses.RelationFunc(func(labels, others *graph.Node) (positive, negative *graph.Node) {
		positive, negative = losses.SameLabel.Of(labels, others)
		later := graph.LessThan(graph.InsertAxes(labels, 1), graph.AddScalar(graph.InsertAxes(others, 0), 1))
		return positive, graph.LogicalAnd(negative, later)
	})
	for name, how := range map[string]scoring{
		"miner":      mined(pairs(losses.Cosine), losses.HardestPairs),
		"similarity": pairs(losses.UnitDot),
		"relation": func(labels, embeddings, _, _ *graph.Node) losses.Scores {
			return losses.PairsBy(asymmetric, labels, embeddings, losses.Cosine)
		},
	} {
		loss := losses.DefaultMultiSimilarity()
		want := evaluate(t, b, dtypes.Float64, in, mined(how, losses.ByAutodiff), reduced(loss, losses.Mean))
		learns(t, name, want)
		same(t, name, evaluate(t, b, dtypes.Float64, in, how, reduced(loss, losses.Mean)), want, 0, 0)
	}
}

// By autodiff a loss has derivatives of second order. F is the squared length of the loss's gradient, which the quick way gives; ∂F/∂x at
// one number, by [losses.ByAutodiff], is the central difference of F over steps of 1e-5 there.
func TestByAutodiffHasSecondDerivatives(t *testing.T) {
	exec := graph.MustNewExec(backendtest.Go(t), func(labels, x *graph.Node) (*graph.Node, *graph.Node) {
		second := func(miner losses.Miner) *graph.Node {
			loss := losses.Mean.Of(losses.DefaultMultiSimilarity(), miner(losses.Pairs(labels, x, losses.Cosine)))
			return graph.Gradient(graph.ReduceAllSum(graph.Square(graph.Gradient(loss, x)[0])), x)[0]
		}
		const h = 1e-5
		first := func(x *graph.Node) *graph.Node {
			loss := losses.Mean.Of(losses.DefaultMultiSimilarity(), losses.Pairs(labels, x, losses.Cosine))
			return graph.ReduceAllSum(graph.Square(graph.Gradient(loss, x)[0]))
		}
		step := graph.Scalar(x.Graph(), x.DType(), h)
		moved := graph.Mul(graph.OneHot(graph.Const(x.Graph(), int32(1)), 3, x.DType()), step)
		firstRow := graph.Equal(graph.Iota(x.Graph(), x.Shape(), 0), graph.ZerosLike(x))
		shift := graph.Mul(graph.ConvertDType(firstRow, x.DType()), graph.InsertAxes(moved, 0))
		difference := graph.DivScalar(graph.Sub(first(graph.Add(x, shift)), first(graph.Sub(x, shift))), 2*h)
		return graph.Reshape(graph.Slice(second(losses.ByAutodiff), graph.AxisElem(0), graph.AxisElem(1))), difference
	})
	out, err := exec.Call([]int32{0, 0, 1, 1}, [][]float64{{1, 0.3, 0.2}, {0.5, 1, -0.1}, {0.2, 0.4, 1}, {-1, 0.5, 0.6}})
	if err != nil {
		t.Fatal(err)
	}
	got, want := out[0].Value().(float64), out[1].Value().(float64)
	sameNumbers(t, "second derivative", []float64{got}, []float64{want}, 1e-6)
	if want == 0 {
		t.Error("the second derivative is 0, the comparison is vacuous")
	}
}
