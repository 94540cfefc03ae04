package network

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train/internal/networktest"
)

// direct convolves as the definition has it, in float64, and returns the value y, and the gradients of Σ y · v for x and the kernel.
func direct(x, kernel, v *tensors.Tensor, stride int) (y, dx, dk []float64) {
	flat := tensors.MustCopyFlatData[float32]
	xs, ks, vs := flat(x), flat(kernel), flat(v)
	d, k, out := x.Shape().Dimensions, kernel.Shape().Dimensions, v.Shape().Dimensions
	y, dx, dk = make([]float64, len(vs)), make([]float64, len(xs)), make([]float64, len(ks))
	for i := range vs {
		image, row, column, channel := i/(out[1]*out[2]*out[3]), i/(out[2]*out[3])%out[1], i/out[3]%out[2], i%out[3]
		for j := range ks {
			r, c := row*stride+j/(k[1]*k[2]*k[3])-k[0]/2, column*stride+j/(k[2]*k[3])%k[1]-k[1]/2
			if j%k[3] != channel || r < 0 || c < 0 || r >= d[1] || c >= d[2] {
				continue
			}
			at := ((image*d[1]+r)*d[2]+c)*d[3] + j/k[3]%k[2]
			y[i] += float64(xs[at]) * float64(ks[j])
			dx[at] += float64(vs[i]) * float64(ks[j])
			dk[j] += float64(vs[i]) * float64(xs[at])
		}
	}
	return y, dx, dk
}

// TestConvolve holds values and gradients against the definition, for images that are smaller than the kernel too.
func TestConvolve(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []struct{ height, width, kernel, stride, channels, outputs int }{
			{1, 1, 3, 1, 4, 5}, {1, 1, 1, 1, 4, 5}, {1, 5, 3, 1, 3, 2}, {2, 2, 3, 1, 32, 32}, {2, 2, 3, 2, 4, 5}, {3, 3, 3, 1, 4, 5}, {4, 4, 3, 2, 4, 5},
			{4, 4, 1, 2, 4, 5}, {5, 7, 3, 2, 4, 5}, {5, 4, 7, 2, 3, 4}, {9, 8, 7, 2, 3, 4}, {8, 8, 3, 1, 8, 5},
		} {
			t.Run(fmt.Sprintf("%d×%d×%d kernel %d stride %d", c.height, c.width, c.channels, c.kernel, c.stride), func(t *testing.T) {
				x, kernel := noise(1, 3, c.height, c.width, c.channels), noise(2, c.kernel, c.kernel, c.channels, c.outputs)
				v := noise(3, 3, (c.height-1)/c.stride+1, (c.width-1)/c.stride+1, c.outputs)
				got := call(t, b, func(in []*graph.Node) []*graph.Node {
					y := convolve(in[0], in[1], c.stride)
					return append(graph.Gradient(graph.ReduceAllSum(graph.Mul(y, in[2])), in[0], in[1]), y)
				}, x, kernel, v)
				y, dx, dk := direct(x, kernel, v, c.stride)
				networktest.NearSize(t, "gradient of the images", got[0], dx, 1e-6)
				networktest.NearSize(t, "gradient of the kernel", got[1], dk, 1e-6)
				networktest.NearSize(t, "value", got[2], y, 1e-6)
			})
		}
	})
}

// TestMaxPool3 holds value and gradient against the definition, for odd and even sizes. Whole numbers tie often, with 0 around the image too.
func TestMaxPool3(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, size := range [][2]int{{1, 1}, {2, 2}, {3, 4}, {6, 5}, {7, 7}, {8, 10}} {
			height, width := size[0], size[1]
			x, v := noise(1, 2, height, width, 3), noise(2, 2, (height+1)/2, (width+1)/2, 3)
			tensors.MustMutableFlatData(x, func(numbers []float32) {
				for i := range numbers {
					numbers[i] = float32(int(2 * numbers[i]))
				}
			})
			got := call(t, b, func(in []*graph.Node) []*graph.Node {
				y := maxPool3(in[0])
				return append(graph.Gradient(graph.ReduceAllSum(graph.Mul(y, in[1])), in[0]), y)
			}, x, v)
			xs, vs := tensors.MustCopyFlatData[float32](x), tensors.MustCopyFlatData[float32](v)
			peaks, gradient := make([]float64, len(vs)), make([]float64, len(xs))
			for i := range vs {
				image, row, column, channel := i/(len(vs)/2), i/(3*((width+1)/2))%((height+1)/2), i/3%((width+1)/2), i%3
				var at []int // the pixels of the square; −1 is outside
				for j := range 9 {
					r, c := 2*row+j/3-1, 2*column+j%3-1
					if r < 0 || c < 0 || r >= height || c >= width {
						at = append(at, -1)
					} else {
						at = append(at, ((image*height+r)*width+c)*3+channel)
					}
				}
				value := func(i int) float64 {
					if i < 0 {
						return 0
					}
					return float64(xs[i])
				}
				ties := 0.0
				for j, pixel := range at {
					switch p := value(pixel); {
					case j == 0 || p > peaks[i]:
						peaks[i], ties = p, 1
					case p == peaks[i]:
						ties++
					}
				}
				for _, pixel := range at {
					if pixel >= 0 && value(pixel) == peaks[i] {
						gradient[pixel] += float64(vs[i]) / ties
					}
				}
			}
			networktest.NearSize(t, fmt.Sprint("value at ", size), got[1], peaks, 0)
			networktest.NearSize(t, fmt.Sprint("gradient at ", size), got[0], gradient, 1e-6)
		}
	})
}
