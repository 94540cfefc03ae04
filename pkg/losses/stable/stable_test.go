package stable_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// Numbers have the value and the gradient that they promise, at their edges too.
func TestNumbers(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name            string
		f               func(x *graph.Node) *graph.Node
		x               float64
		value, gradient float64
	}{
		{"softplus at 0", stable.Softplus, 0, math.Ln2, 0.5},
		{"softplus far above", stable.Softplus, 1000, 1000, 1},
		{"softplus far below", stable.Softplus, -1000, 0, 0},
		{"softplus of an absent logit", stable.Softplus, stable.Absent, 0, 0},
		{"sigmoid at 0", stable.Sigmoid, 0, 0.5, 0.25},
		{"sigmoid far below", stable.Sigmoid, -1000, 0, 0},
		{"hinge above 0", stable.Hinge, 2, 2, 1},
		{"hinge at 0", stable.Hinge, 0, 0, 0},
		{"hinge below 0", stable.Hinge, -2, 0, 0},
		{"log(exp(x) − 1)", stable.LogExpm1, 1, math.Log(math.E - 1), math.E / (math.E - 1)},
		{"log(exp(x) − 1) far above", stable.LogExpm1, 1000, 1000, 1},
		{"log(exp(x) − 1) at 0", stable.LogExpm1, 0, stable.Absent, 0},
		{"exp(x) − 1 near 0", stable.Expm1, 1e-9, 1e-9 + 0.5e-18, 1 + 1e-9},
		{"exp(x) − 1 far below", stable.Expm1, -1000, -1, 0},
		{"log(1 + x) near 0", stable.Log1p, 1e-9, 1e-9 - 0.5e-18, 1 - 1e-9},
		{"log", stable.SafeLog, 2, math.Ln2, 0.5},
		{"log of 0", stable.SafeLog, 0, 0, 0},
		{"log below 0", stable.SafeLog, -1, 0, 0},
		{"root", sqrt(0), 4, 2, 0.25},
		{"root of 0", sqrt(0), 0, 0, 0},
		{"root below 0", sqrt(0), -1, 0, 0},
		{"root at its floor", sqrt(1e-6), 1e-6, 0, 0},
		{"power", pow(3), 2, 8, 12},
		{"power of 0", pow(0.5), 0, 0, 0},
		{"power below 0", pow(0.5), -1, 0, 0},
		{"share", share, 0, 1, 1},
		{"share of an absent part", share, stable.Absent, 0, 0},
		{"log of a sum", logAddExp(0), 0, math.Ln2, 0.5},
		{"log of a sum with an absent part", logAddExp(stable.Absent), 3, 3, 1},
		{"log of a sum of absent parts", logAddExp(stable.Absent), stable.Absent, stable.Absent, 0.5},
		{"zero in place of infinity", func(x *graph.Node) *graph.Node {
			return stable.ZeroUnless(stable.Positive(x), stable.Fill(x, inf))
		}, -1, 0, 0},
	} {
		backendtest.Each(t, func(t *testing.T, b compute.Backend) {
			value, gradient := at(t, b, c.f, c.x)
			if !close(value, c.value) || !close(gradient, c.gradient) {
				t.Errorf("%s: value %.17g, gradient %.17g at %g; want %.17g and %.17g", c.name, value, gradient, c.x, c.value, c.gradient)
			}
		})
	}
}

// NaN stays NaN in what might hide it.
func TestNaNShows(t *testing.T) {
	for name, f := range map[string]func(x *graph.Node) *graph.Node{
		"softplus": stable.Softplus, "hinge": stable.Hinge, "root": sqrt(0), "power": pow(2), "sigmoid": stable.Sigmoid,
		"largest": func(x *graph.Node) *graph.Node {
			return stable.MaskedMax(stable.Column(x), stable.Column(graph.Equal(stable.Fill(x, 0), stable.Fill(x, 0))))
		},
	} {
		if value, _ := at(t, backendtest.Go(t), f, math.NaN()); !math.IsNaN(value) {
			t.Errorf("%s of NaN is %g", name, value)
		}
	}
}

func sqrt(floor float64) func(x *graph.Node) *graph.Node {
	return func(x *graph.Node) *graph.Node { return stable.SafeSqrt(x, stable.Fill(x, floor)) }
}

func pow(power float64) func(x *graph.Node) *graph.Node {
	return func(x *graph.Node) *graph.Node { return stable.SafePow(x, power) }
}

func share(x *graph.Node) *graph.Node { return stable.Share(x, graph.ZerosLike(x)) }

func logAddExp(y float64) func(x *graph.Node) *graph.Node {
	return func(x *graph.Node) *graph.Node { return stable.LogAddExp(x, stable.Fill(x, y)) }
}

// at returns the value and the gradient of f at a number.
func at(t *testing.T, b compute.Backend, f func(x *graph.Node) *graph.Node, x float64) (value, gradient float64) {
	t.Helper()
	out := graph.MustExecOnceN(b, func(x *graph.Node) []*graph.Node {
		y := f(x)
		return []*graph.Node{y, graph.Gradient(graph.ReduceAllSum(y), x)[0]}
	}, []float64{x})
	return tensors.MustCopyFlatData[float64](out[0])[0], tensors.MustCopyFlatData[float64](out[1])[0]
}

func close(got, want float64) bool { return math.Abs(got-want) <= 1e-12*math.Abs(want) }

// Sums over a row see its true entries alone, whatever else is there; those over none are 0, or the logarithm of about 0.
func TestRows(t *testing.T) {
	x := [][]float64{{1, 3, 3, math.Inf(1)}, {math.NaN(), -90, 700, 710}, {1, 2, 3, 4}}
	mask := [][]bool{{true, true, true, false}, {false, true, false, true}, {false, false, false, false}}
	e := func(x ...float64) (sum float64) {
		for _, x := range x {
			sum += math.Exp(x)
		}
		return sum
	}
	for _, c := range []struct {
		name     string
		f        func(x, mask *graph.Node) *graph.Node
		want     []float64
		gradient []float64
	}{
		{"sum", stable.MaskedSum, []float64{7, 620, 0}, []float64{1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0}},
		{"mean", stable.MaskedMean, []float64{7.0 / 3, 310, 0}, []float64{1.0 / 3, 1.0 / 3, 1.0 / 3, 0, 0, 0.5, 0, 0.5, 0, 0, 0, 0}},
		{"largest, ties share", stable.MaskedMax, []float64{3, 710, 0}, []float64{0, 0.5, 0.5, 0, 0, 0, 0, 1, 0, 0, 0, 0}},
		{"log of a sum of exponentials", stable.LogSumExp, []float64{math.Log(e(1, 3, 3)), 710, stable.Absent},
			[]float64{e(1) / e(1, 3, 3), e(3) / e(1, 3, 3), e(3) / e(1, 3, 3), 0, 0, 0, 0, 1, 0, 0, 0, 0}},
		{"squared softmax", func(x, mask *graph.Node) *graph.Node {
			return graph.ReduceSum(graph.Square(stable.Softmax(x, mask)), -1)
		},
			[]float64{(e(2) + 2*e(6)) / (e(1, 3, 3) * e(1, 3, 3)), 1, 0}, nil},
	} {
		backendtest.Each(t, func(t *testing.T, b compute.Backend) {
			out := graph.MustExecOnceN(b, func(x, mask *graph.Node) []*graph.Node {
				y := c.f(x, mask)
				return []*graph.Node{y, graph.Gradient(graph.ReduceAllSum(y), x)[0]}
			}, x, mask)
			for k, want := range [][]float64{c.want, c.gradient} {
				for i, got := range tensors.MustCopyFlatData[float64](out[k]) {
					if want != nil && !close(got, want[i]) {
						t.Errorf("%s, output %d, number %d: %.17g, want %.17g", c.name, k, i, got, want[i])
					}
				}
			}
		})
	}
}

// What is reduced in parts is what it is as a whole, with a rest and without.
func TestParts(t *testing.T) {
	for _, length := range []int{1, 255, 256, 300} {
		out := graph.MustExecOnceN(backendtest.Go(t), func(x *graph.Node) []*graph.Node {
			large := graph.GreaterThan(x, stable.Fill(x, float64(length-1)-0.5))
			var differences []*graph.Node
			for axis := range 2 {
				differences = append(differences,
					graph.Sub(stable.SumInParts(x, axis), graph.ReduceSum(x, axis)),
					graph.Sub(stable.Largest(x, axis), graph.ReduceMax(x, axis)))
			}
			return append(differences, graph.ConvertDType(graph.LogicalXor(stable.Any(large), graph.ReduceLogicalOr(large, 1)), x.DType()))
		}, iota2(length))
		for k, x := range out {
			for i, got := range tensors.MustCopyFlatData[float64](x) {
				if got != 0 {
					t.Errorf("length %d, reduction %d: row %d differs by %g", length, k, i, got)
				}
			}
		}
	}
}

// iota2 is a square of which the last number of the first row, and others, are its largest.
func iota2(length int) [][]float64 {
	x := make([][]float64, length)
	for i := range x {
		for j := range length {
			x[i] = append(x[i], float64((j+i)%length))
		}
	}
	return x
}
