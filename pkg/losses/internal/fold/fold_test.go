package fold

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses/internal/host"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// formulas are one of each way of summing up, over one side, over both and over both together, in one round and in two.
func formulas() map[string]Formula {
	times := func(factor float64) func(s *graph.Node) *graph.Node {
		return func(s *graph.Node) *graph.Node { return graph.MulScalar(s, factor) }
	}
	term := func(f func(*graph.Node) *graph.Node) Term {
		return func(s *graph.Node, _ []Result) *graph.Node { return f(s) }
	}
	tie := func(of func(Result) *graph.Node, value Term) Term {
		return func(s *graph.Node, before []Result) *graph.Node {
			return stable.ZeroUnless(graph.StopGradient(graph.Equal(s, of(before[0]))), value(s, before))
		}
	}
	positive, negative := func(r Result) *graph.Node { return r.Positive }, func(r Result) *graph.Node { return r.Negative }
	return map[string]Formula{
		"exponentials": {Logits(times(-3), times(2)), func(r []Result) *graph.Node {
			return stable.Softplus(graph.Add(r[0].Positive, r[0].Negative))
		}},
		"together": {[][]Sum{{
			{By: LogSumExp, Positive: term(times(3)), Negative: term(times(2)), Together: true},
			{Positive: term(graph.Square), Negative: term(times(-1))}, {Positive: One, Negative: One},
		}}, func(r []Result) *graph.Node {
			some := graph.LogicalOr(stable.Positive(r[2].Positive), stable.Positive(r[2].Negative))
			return stable.ZeroUnless(some, graph.Add(r[0].Positive, graph.Sub(r[1].Positive, r[1].Negative)))
		}},
		"two rounds": {[][]Sum{{{By: LogSumExp, Negative: term(times(2))}}, {{Positive: func(s *graph.Node, before []Result) *graph.Node {
			return stable.Softplus(graph.Sub(before[0].Negative, graph.MulScalar(s, 2)))
		}}, {Positive: One}}}, func(r []Result) *graph.Node { return stable.Ratio(r[1].Positive, r[2].Positive) }},
		"largest": {[][]Sum{
			{{By: Largest, Positive: term(times(1)), Negative: term(times(1))}},
			{{Positive: tie(positive, term(times(1))), Negative: tie(negative, term(times(1)))},
				{Positive: tie(positive, One), Negative: tie(negative, One)}},
		}, func(r []Result) *graph.Node {
			mean := func(of func(Result) *graph.Node) *graph.Node { return stable.Ratio(of(r[1]), of(r[2])) }
			return stable.Softplus(graph.Sub(mean(negative), mean(positive)))
		}},
	}
}

// drawn returns labels of classes of all sizes, some of one row, and vectors.
func drawn(rows, dim int) (labels []int32, vectors [][]float64) {
	random := rand.New(rand.NewPCG(5, uint64(rows)))
	for range rows {
		v := make([]float64, dim)
		for k := range v {
			v[k] = random.NormFloat64()
		}
		labels, vectors = append(labels, int32(random.ExpFloat64()*float64(rows)/8)), append(vectors, v)
	}
	return labels, vectors
}

func related(labels, others *graph.Node) (positive, negative *graph.Node) {
	positive = graph.Equal(graph.InsertAxes(labels, 1), graph.InsertAxes(others, 0))
	return positive, graph.LogicalNot(positive)
}

func product(x, y *graph.Node) *graph.Node { return graph.MatMul(x, graph.Transpose(y, 0, 1)) }

// weighted returns a sum of the anchors' losses in which each has another weight, and its gradient.
func weighted(perAnchor, of *graph.Node) []*graph.Node {
	weights := graph.AddScalar(graph.Sin(graph.ConvertDType(graph.Iota(of.Graph(), perAnchor.Shape(), 0), of.DType())), 2)
	value := graph.ReduceAllSum(graph.Mul(weights, perAnchor))
	return []*graph.Node{graph.Reshape(value, 1), graph.Gradient(value, of)[0]}
}

// wholePairs is the loss of each anchor of a batch with itself, by plain operations.
func wholePairs(f Formula, labels, vectors *graph.Node) *graph.Node {
	positive, negative := related(labels, labels)
	other := offDiagonal(labels.Graph(), labels.Shape().Dim(0))
	return Whole(f, product(vectors, vectors), graph.LogicalAnd(positive, other), graph.LogicalAnd(negative, other))
}

// Half of the matrix has the value and the gradient that autodiff over the whole has, in one tile and in several.
func TestHalfIsTheWhole(t *testing.T) {
	for _, rows := range []int{1, 9, 771} {
		labels, vectors := drawn(rows, 5)
		for name, f := range formulas() {
			out := graph.MustExecOnceN(backendtest.Go(t), func(labels, vectors *graph.Node) []*graph.Node {
				half := Half(f, Pairs{Vectors: vectors, Labels: labels, Related: related, Compare: product})
				return append(weighted(half, vectors), weighted(wholePairs(f, labels, vectors), vectors)...)
			}, labels, vectors)
			compare(t, fmt.Sprintf("%s of %d rows", name, rows), out)
		}
	}
}

// Against classes too, where some labels are of no class.
func TestClassesAreTheWhole(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		labels, similarity := drawn(9, 7)
		labels[1], labels[2] = -1, 7
		for name, f := range formulas() {
			out := graph.MustExecOnceN(b, func(labels, similarity *graph.Node) []*graph.Node {
				classes := graph.Iota(labels.Graph(), labels.Shape(), 0)
				classes = graph.SliceAxis(classes, 0, graph.AxisRange(0, 7))
				positive, negative := related(labels, classes)
				quick := Classes(f, Matrix{labels, similarity, positive, negative})
				return append(weighted(quick, similarity), weighted(Whole(f, similarity, positive, negative), similarity)...)
			}, labels, similarity)
			compare(t, name, out)
		}
	})
}

// A stream of tiles has the value and the gradient of the whole, whatever the height of its tiles.
func TestStreamIsTheWhole(t *testing.T) {
	b := backendtest.Go(t)
	labels, vectors := drawn(21, 4)
	for name, f := range formulas() {
		whole := graph.MustExecOnceN(b, func(labels, vectors *graph.Node) []*graph.Node {
			value := graph.MulScalar(graph.ReduceAllSum(wholePairs(f, labels, vectors)), 0.5)
			return []*graph.Node{graph.Reshape(value, 1), graph.Gradient(value, vectors)[0]}
		}, labels, vectors)
		for _, rows := range []int{1, 8, 100} {
			programs := host.NewPrograms(b, "stream")
			value, gradient, err := Stream{
				Programs: programs, Formula: f, TileRows: rows, Related: related,
				Vectors: func(embeddings *graph.Node) *graph.Node { return embeddings },
				Count:   [][]Sum{allPairs},
				Anchors: func(count Result) *graph.Node { return stable.Positive(count.Positive) },
				Weight:  func(float64, int) float64 { return 0.5 },
			}.ValueAndGradient(tensors.FromValue(labels), tensors.FromValue(vectors))
			if err != nil {
				t.Fatal(err)
			}
			programs.Finalize()
			got := []*tensors.Tensor{tensors.FromValue([]float64{value}), gradient}
			compare(t, fmt.Sprintf("%s in tiles of %d", name, rows), append(got, whole...))
		}
	}
}

// The mean of the terms per positive pair is the formula.
func TestPerPositive(t *testing.T) {
	labels, vectors := drawn(9, 5)
	f := formulas()["two rounds"]
	out := graph.MustExecOnceN(backendtest.Go(t), func(labels, vectors *graph.Node) []*graph.Node {
		positive, negative := related(labels, labels)
		similarity := product(vectors, vectors)
		mean := stable.MaskedMean(PerPositive(f, similarity, positive, negative), positive)
		return append(weighted(mean, vectors), weighted(Whole(f, similarity, positive, negative), vectors)...)
	}, labels, vectors)
	compare(t, "terms", out)
}

// compare fails unless value and gradient are those wanted, and there is something to compare.
func compare(t *testing.T, what string, out []*tensors.Tensor) {
	t.Helper()
	for k, kind := range []string{"value", "gradient"} {
		got, want := tensors.MustCopyFlatData[float64](out[k]), tensors.MustCopyFlatData[float64](out[k+2])
		largest, worst := 0.0, 0.0
		for i := range want {
			largest, worst = math.Max(largest, math.Abs(want[i])), math.Max(worst, math.Abs(got[i]-want[i]))
		}
		if !(worst <= 1e-12*largest) || largest == 0 && out[1].Shape().Dim(0) > 1 {
			t.Errorf("%s: the %s is off by %g, the largest is %g", what, kind, worst, largest)
		}
	}
}
