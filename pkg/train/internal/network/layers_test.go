package network

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train/internal/networktest"
)

func noise(seed uint64, dims ...int) *tensors.Tensor {
	r := rand.New(rand.NewPCG(seed, 1))
	size := 1
	for _, d := range dims {
		size *= d
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(r.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// call runs a graph function and returns its outputs' numbers.
func call(t *testing.T, b compute.Backend, f func(inputs []*graph.Node) []*graph.Node, inputs ...any) [][]float32 {
	t.Helper()
	exec, err := graph.NewExec(b, f)
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := exec.Call(inputs...)
	if err != nil {
		t.Fatal(err)
	}
	var numbers [][]float32
	for _, output := range outputs {
		flat, err := tensors.CopyFlatData[float32](output)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, flat)
	}
	return numbers
}

// TestProductOfPatches compares the first block's short way with a convolution and its moments: values and gradients.
func TestProductOfPatches(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, channels := range []int{1, 3} {
			testProductOfPatches(t, b, channels)
		}
	})
}

func testProductOfPatches(t *testing.T, b compute.Backend, channels int) {
	t.Helper()
	out := call(t, b, func(in []*graph.Node) []*graph.Node {
		images, kernel, scale, offset := in[0], in[1], in[2], in[3]
		plain := convolve(images, kernel, 1)
		mean, variance := moments(plain)
		want := normalize(plain, mean, variance, scale, offset)
		patches, flat := patchesOf(images), graph.Reshape(kernel, 9*channels, 5)
		gotMean, gotVariance := momentsOfProduct(patches, flat)
		got := graph.Reshape(normalizedProduct(patches, flat, gotMean, gotVariance, scale, offset), want.Shape().Dimensions...)
		outputs := []*graph.Node{got, want, gotMean, mean, gotVariance, variance}
		weight := func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Mul(x, graph.Square(x))) }
		inputs := []*graph.Node{kernel, scale, offset}
		of, against := graph.Gradient(weight(got), inputs...), graph.Gradient(weight(want), inputs...)
		for i := range inputs {
			outputs = append(outputs, of[i], against[i])
		}
		return outputs
	}, noise(1, 4, 6, 7, channels), noise(2, 3, 3, channels, 5), noise(3, 5), noise(4, 5))
	for i, what := range []string{"value", "mean", "variance"} {
		networktest.Near(t, what, out[2*i], out[2*i+1], 1e-4)
	}
	for i, what := range []string{"gradient of the kernel", "of the scale", "of the offset"} {
		networktest.Near(t, what, out[6+2*i], out[7+2*i], 5e-3) // sums over 168 pixels, in the hundreds
	}
}

func TestMomentsAgainstTwoPasses(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		x := noise(3, 8, 9, 9, 3)
		values, err := tensors.CopyFlatData[float32](x)
		if err != nil {
			t.Fatal(err)
		}
		for i := range values { // channels of mean 0, 3 and −6 and deviation 1, 2, 3
			c := i % 3
			values[i] = values[i]*float32(c+1) + []float32{0, 3, -6}[c]
		}
		var mean, variance [3]float64
		for i, v := range values {
			mean[i%3] += float64(v) * 3 / float64(len(values))
		}
		for i, v := range values {
			variance[i%3] += math.Pow(float64(v)-mean[i%3], 2) * 3 / float64(len(values))
		}
		out := call(t, b, func(in []*graph.Node) []*graph.Node {
			m, v := moments(in[0])
			y := normalize(in[0], m, v, graph.OnesLike(m), graph.ZerosLike(m))
			again, unit := moments(y)
			return []*graph.Node{m, v, again, unit}
		}, tensors.FromFlatDataAndDimensions(values, 8, 9, 9, 3))
		networktest.Near(t, "mean", out[0], []float32{float32(mean[0]), float32(mean[1]), float32(mean[2])}, 1e-5)
		networktest.Near(t, "variance", out[1], []float32{float32(variance[0]), float32(variance[1]), float32(variance[2])}, 1e-4)
		networktest.Near(t, "mean after", out[2], []float32{0, 0, 0}, 1e-5)
		networktest.Near(t, "variance after", out[3], []float32{1, 1, 1}, 1e-4)
	})
}

func TestMaxPoolSharesTheGradientOfTies(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		x := tensors.FromFlatDataAndDimensions([]float32{
			1, 3, 7, 7, 9,
			2, 3, 7, 7, 9,
			9, 9, 9, 9, 9, // odd: left out
		}, 1, 3, 5, 1)
		out := call(t, b, func(in []*graph.Node) []*graph.Node {
			y := maxPool(in[0])
			return []*graph.Node{y, graph.Gradient(graph.ReduceAllSum(graph.Square(y)), in[0])[0]}
		}, x)
		networktest.Near(t, "value", out[0], []float32{3, 7}, 0)
		networktest.Near(t, "gradient", out[1], []float32{
			0, 3, 3.5, 3.5, 0,
			0, 3, 3.5, 3.5, 0,
			0, 0, 0, 0, 0,
		}, 0)
	})
}
