package losses_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// exactly are |x − y|², |x − y|, var(x − y)/var(x) and what −1 of each is in the gradient on x, with numbers of 2000 binary places.
func exactly(x, y []float64) map[string]struct {
	value    float64
	gradient []float64
} {
	number := func(v float64) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(v) }
	op := func(f func(z, a, b *big.Float) *big.Float, a, b *big.Float) *big.Float { return f(number(0), a, b) }
	add, sub, mul, div := (*big.Float).Add, (*big.Float).Sub, (*big.Float).Mul, (*big.Float).Quo
	apart, signal := make([]*big.Float, len(x)), make([]*big.Float, len(x))
	mean := func(v []*big.Float) *big.Float {
		sum := number(0)
		for _, a := range v {
			sum = op(add, sum, a)
		}
		return op(div, sum, number(float64(len(v))))
	}
	squares := func(v []*big.Float) *big.Float {
		sum := number(0)
		for _, a := range v {
			sum = op(add, sum, op(mul, a, a))
		}
		return sum
	}
	for k := range x {
		apart[k], signal[k] = op(sub, number(x[k]), number(y[k])), number(x[k])
	}
	squared := squares(apart)
	distance := number(0).Sqrt(squared)
	centred := func(v []*big.Float) []*big.Float {
		out, middle := make([]*big.Float, len(v)), mean(v)
		for k := range v {
			out[k] = op(sub, v[k], middle)
		}
		return out
	}
	noise, power := squares(centred(apart)), squares(centred(signal))
	ratio := op(div, noise, power)
	l2, l2squared, snr := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	float := func(v *big.Float) float64 { f, _ := v.Float64(); return f }
	for k := range x {
		l2[k] = float(op(div, apart[k], distance))
		l2squared[k] = float(op(mul, number(2), apart[k]))
		rest := op(sub, centred(apart)[k], op(mul, ratio, centred(signal)[k]))
		snr[k] = float(op(div, op(mul, number(2), rest), power))
	}
	type result = struct {
		value    float64
		gradient []float64
	}
	return map[string]result{
		"l2": {float(distance), l2}, "l2-squared": {float(squared), l2squared}, "snr": {float(ratio), snr},
	}
}

// A distance is right, with its gradient, however long the vectors are and however near: to the last digits of numbers of 2000 places.
func TestDistancesAreExact(t *testing.T) {
	scaled := func(v []float64, by float64) []float64 {
		out := slices.Clone(v)
		for k := range out {
			out[k] *= by
		}
		return out
	}
	x, y, step := []float64{3, 4, 1, -2}, []float64{4, 3, -2, 1}, []float64{0.3, -0.7, 0.2, 0.5}
	type pair struct {
		name string
		x, y []float64
	}
	pairs := map[dtypes.DType][]pair{}
	add := func(dtype dtypes.DType, name string, x, y []float64) {
		if dtype == dtypes.Float32 {
			x, y = rounded32(x), rounded32(y)
		}
		pairs[dtype] = append(pairs[dtype], pair{name, x, y})
	}
	for _, power := range []float64{-250, -170, 0, 100, 150, 154, 200, 300} {
		add(dtypes.Float64, fmt.Sprintf("of 1e%g", power), scaled(x, math.Pow(10, power)), scaled(y, math.Pow(10, power)))
	}
	for _, power := range []float64{-30, -20, 0, 10, 19, 30, 37} {
		add(dtypes.Float32, fmt.Sprintf("of 1e%g", power), scaled(x, math.Pow(10, power)), scaled(y, math.Pow(10, power)))
	}
	near := func(dtype dtypes.DType, at, by float64) {
		from, to := scaled(x, at), scaled(x, at)
		for k := range to {
			to[k] += step[k] * at * by
		}
		add(dtype, fmt.Sprintf("of %g, %g apart", at, by), from, to)
	}
	for _, by := range []float64{1e-3, 1e-6, 1e-7, 1e-8, 1e-12} {
		near(dtypes.Float64, 1, by)
	}
	near(dtypes.Float64, 1e200, 1e-8)
	for _, by := range []float64{1e-2, 1e-3, 1e-5} {
		near(dtypes.Float32, 1, by)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for dtype, tolerance := range map[dtypes.DType]float64{dtypes.Float64: 1e-14, dtypes.Float32: 5e-7} {
			for _, name := range []string{"l2", "l2-squared", "snr"} {
				sim, err := losses.FindSimilarity(name)
				if err != nil {
					t.Fatal(err)
				}
				for how, scores := range map[string]scoring{"against": against(sim), "classes": classes(sim)} {
					// Of one vector and another of its class the loss is their distance.
					eval := newEvaluator(b, dtype, scores, reduced(losses.Contrastive{NegativeMargin: 1}, losses.Sum))
					defer eval.Finalize()
					for _, p := range pairs[dtype] {
						want := exactly(p.x, p.y)[name]
						got := eval.of(t, batch{labels: []int32{0}, embeddings: [][]float64{p.x}, others: [][]float64{p.y}})
						most := map[dtypes.DType]float64{dtypes.Float64: math.MaxFloat64, dtypes.Float32: math.MaxFloat32}[dtype]
						what := fmt.Sprintf("%s of %s, %s, %s", name, dtype, p.name, how)
						switch {
						case want.value > most:
							if finite(got.loss) {
								t.Errorf("%s: %g, want what is not a number", what, got.loss)
							}
						case name == "snr" && largest(p.x) < 1e-12: // no signal
							if got.loss != 0 || largest(got.embeddings) != 0 {
								t.Errorf("%s: %g with a gradient, want 0", what, got.loss)
							}
						case want.value < 1e3/most || largest(want.gradient) < 1e3/most || largest(want.gradient) > most: // rounded away
						default:
							if !(math.Abs(got.loss-want.value) <= tolerance*want.value) {
								t.Errorf("%s: %.17g, want %.17g", what, got.loss, want.value)
							}
							relative := largest(want.gradient)
							for k := range want.gradient {
								if !(math.Abs(got.embeddings[k]-want.gradient[k]) <= 10*tolerance*relative) {
									t.Errorf("%s: gradient %.17g, want %.17g", what, got.embeddings, want.gradient)
									break
								}
							}
						}
					}
				}
			}
		}
	})
}

func rounded32(v []float64) []float64 {
	out := slices.Clone(v)
	for k := range out {
		out[k] = float64(float32(out[k]))
	}
	return out
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Batches of vectors as long as the type allows are measured as short ones are: whole, by half of the matrix, and in tiles.
func TestLongVectorsOfManyRows(t *testing.T) {
	b := backendtest.Go(t)
	few, many := unevenBatch(11, 37, 5), unevenBatch(12, 771, 8)
	loss := losses.Triplet{Mining: losses.MineHard}
	for dtype, of := range map[dtypes.DType]struct{ scale, tolerance float64 }{
		dtypes.Float64: {0x1p700, 1e-12}, dtypes.Float32: {0x1p90, 2e-6},
	} {
		for name, in := range map[string]batch{"few": few, "many": many} {
			long := in
			long.embeddings = nil
			for _, row := range in.embeddings {
				var out []float64
				for _, x := range row {
					out = append(out, x*of.scale)
				}
				long.embeddings = append(long.embeddings, out)
			}
			for path, how := range map[string]scoring{
				"half": pairs(losses.NegativeL2), "whole": mined(pairs(losses.NegativeL2), losses.ByAutodiff),
			} {
				want := evaluate(t, b, dtype, in, how, reduced(loss, losses.Mean))
				got := evaluate(t, b, dtype, long, how, reduced(loss, losses.Mean))
				learns(t, name, want)
				got.loss /= of.scale
				same(t, fmt.Sprintf("%s, %s, %s", dtype, name, path), got, want, of.tolerance, 100*of.tolerance)
			}
		}
	}
}

// Normalize has the direction, and a finite gradient, of rows as long and as short as their type allows.
func TestNormalizeOfExtremeRows(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for dtype, longest := range map[dtypes.DType]float64{dtypes.Float32: 3e38, dtypes.Float64: 1.7e308} {
			rows := [][]float64{{longest, longest, longest}, {longest, 0, 0}, {0, 2e-12, 0}, {0, 1e-13, 0}, {0, 0, 0}}
			exec := graph.MustNewExec(b, func(x *graph.Node) []*graph.Node {
				x = graph.ConvertDType(x, dtype)
				unit := losses.Normalize(x)
				first := graph.SliceAxis(unit, 1, graph.AxisElem(0))
				gradient := graph.Gradient(graph.ReduceAllSum(first), x)[0]
				return []*graph.Node{graph.ConvertDType(unit, dtypes.Float64), graph.ConvertDType(gradient, dtypes.Float64)}
			})
			out, err := exec.Call(rows)
			if err != nil {
				t.Fatal(err)
			}
			third := 1 / math.Sqrt(3)
			units := []float64{third, third, third, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
			gradients := []float64{0, 0, 0, 0, 0, 0, 5e11, 0, 0, 0, 0, 0, 0, 0, 0}
			for k, want := range [][]float64{units, gradients} {
				for i, got := range tensors.MustCopyFlatData[float64](out[k]) {
					if !(math.Abs(got-want[i]) <= 1e-6*max(1e-6, math.Abs(want[i]))) {
						t.Errorf("%s, output %d, number %d: got %g, want %g", dtype, k, i, got, want[i])
					}
				}
			}
		}
	})
}
