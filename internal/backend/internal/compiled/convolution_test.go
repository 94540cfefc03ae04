//go:build linux && cgo

package compiled

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/go-xla/pjrt"

	"github.com/unipair/unipair/internal/repository"
)

// oneDNN gives the plugin of the workspace with its convolutions by oneDNN, and skips the test where they are not.
func oneDNN(t testing.TB) compute.Backend {
	t.Helper()
	path, err := repository.Installed("the XLA plugin", plugins[0])
	library := libraryOf(path)
	if err == nil {
		_, err = os.Stat(library)
	}
	if errors.Is(err, fs.ErrNotExist) && (os.Getenv("CI") == "" || runtime.GOARCH != "amd64") {
		t.Skip(err)
	}
	if err == nil {
		err = Register(path, "", library)
	}
	if err == nil && !opened.convolve {
		err = opened.notConvolved
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := compute.NewWithConfig("xla:" + path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// libraryOf returns where the workspace of a plugin has oneDNN.
func libraryOf(plugin string) string { return filepath.Join(plugin, "../../../../libdnnl.so.3") }

// pair is two numbers, along the first and the second spatial axis.
type pair = [2]int

// problem is a convolution as StableHLO defines it. Axes are in the order of the letters of each: batch, first and second spatial axis and
// channels of the images and of the result; input channels, first and second spatial axis and output channels of the kernel.
type problem struct {
	images, kernel           [4]int // sizes
	strides, gaps, dilations pair
	pads                     [2]pair
	turned                   bool // the kernel is reversed first
	imagesAt, kernelAt, at   [4]int
}

// usual is where axes are unless a problem says otherwise.
var usual = [4]int{0, 1, 2, 3}

func (p problem) filled() problem {
	for _, all := range []*pair{&p.strides, &p.gaps, &p.dilations} {
		if *all == (pair{}) {
			*all = pair{1, 1}
		}
	}
	for _, at := range []*[4]int{&p.imagesAt, &p.kernelAt, &p.at} {
		if *at == ([4]int{}) {
			*at = usual
		}
	}
	return p
}

// out returns the sizes of the result.
func (p problem) out() [4]int {
	out := [4]int{p.images[0], 0, 0, p.kernel[3]}
	for i := range 2 {
		sparse := (p.images[1+i]-1)*p.gaps[i] + 1 + p.pads[i][0] + p.pads[i][1]
		out[1+i] = (sparse-(p.kernel[1+i]-1)*p.dilations[i]-1)/p.strides[i] + 1
	}
	return out
}

// place returns where a tensor has what is at an index, whose order is that of the letters.
func place(dims, at, index [4]int) int {
	var laid, where [4]int
	for letter, axis := range at {
		laid[axis], where[axis] = dims[letter], index[letter]
	}
	return ((where[0]*laid[1]+where[1])*laid[2]+where[2])*laid[3] + where[3]
}

func laidOut(dims, at [4]int) []int {
	laid := make([]int, 4)
	for letter, axis := range at {
		laid[axis] = dims[letter]
	}
	return laid
}

// loops computes it number by number. Beside the result is the sum of what each number of it is the sum of, by size.
func (p problem) loops(images, kernel []float32) (want, size []float64) {
	out := p.out()
	want, size = make([]float64, out[0]*out[1]*out[2]*out[3]), make([]float64, out[0]*out[1]*out[2]*out[3])
	pixel := func(axis, y, k int) (int, bool) { // of the images, that a place of the result sees through one of the kernel
		at := y*p.strides[axis] + k*p.dilations[axis] - p.pads[axis][0]
		return at / p.gaps[axis], at >= 0 && at%p.gaps[axis] == 0 && at/p.gaps[axis] < p.images[1+axis]
	}
	for b := range out[0] {
		for y := range out[1] {
			for x := range out[2] {
				for f := range out[3] {
					var sum, of float64
					for ky := range p.kernel[1] {
						for kx := range p.kernel[2] {
							iy, okY := pixel(0, y, ky)
							ix, okX := pixel(1, x, kx)
							if !okY || !okX {
								continue
							}
							atY, atX := ky, kx
							if p.turned {
								atY, atX = p.kernel[1]-1-ky, p.kernel[2]-1-kx
							}
							for i := range p.kernel[0] {
								product := float64(images[place(p.images, p.imagesAt, [4]int{b, iy, ix, i})]) *
									float64(kernel[place(p.kernel, p.kernelAt, [4]int{i, atY, atX, f})])
								sum, of = sum+product, of+math.Abs(product)
							}
						}
					}
					at := place(out, p.at, [4]int{b, y, x, f})
					want[at], size[at] = sum, of
				}
			}
		}
	}
	return want, size
}

// compile makes an executable of it, and returns how many of its convolutions are oneDNN's.
func (p problem) compile(b compute.Backend, dtype dtypes.DType, groups int) (compute.Executable, int64, error) {
	before := opened.convolved.Load()
	builder := b.Builder("convolution")
	f := builder.Main()
	kernelDims := p.kernel
	kernelDims[0] /= groups
	x, err := f.Parameter("x", shapes.Make(dtype, laidOut(p.images, p.imagesAt)...), nil)
	if err != nil {
		return nil, 0, err
	}
	k, err := f.Parameter("k", shapes.Make(dtype, laidOut(kernelDims, p.kernelAt)...), nil)
	if err != nil {
		return nil, 0, err
	}
	if p.turned {
		if k, err = f.Reverse(k, p.kernelAt[1], p.kernelAt[2]); err != nil {
			return nil, 0, err
		}
	}
	y, err := f.ConvGeneral(x, k, compute.ConvolveAxesConfig{
		InputBatch: p.imagesAt[0], InputSpatial: p.imagesAt[1:3], InputChannels: p.imagesAt[3],
		KernelInputChannels: p.kernelAt[0], KernelSpatial: p.kernelAt[1:3], KernelOutputChannels: p.kernelAt[3],
		OutputBatch: p.at[0], OutputSpatial: p.at[1:3], OutputChannels: p.at[3],
	}, p.strides[:], p.pads[:], p.gaps[:], p.dilations[:], groups, 1)
	if err != nil {
		return nil, 0, err
	}
	if err := f.Return([]compute.Value{y}, nil); err != nil {
		return nil, 0, err
	}
	e, err := builder.Compile()
	return e, opened.convolved.Load() - before, err
}

// call computes it.
func call(b compute.Backend, e compute.Executable, operands ...[]float32) (result []float32, err error) {
	_, in := e.Inputs()
	var buffers []compute.Buffer
	for i, operand := range operands {
		buffer, err := b.BufferFromFlatData(0, operand, in[i])
		if err != nil {
			return nil, err
		}
		buffers = append(buffers, buffer)
	}
	outs, err := e.Execute(buffers, make([]bool, len(buffers)), 0)
	if err != nil {
		return nil, err
	}
	result = make([]float32, e.Outputs()[0].Size())
	return result, outs[0].ToFlatData(result)
}

func drawn(seed uint64, dims [4]int) []float32 {
	random := rand.New(rand.NewPCG(seed, 7))
	all := make([]float32, dims[0]*dims[1]*dims[2]*dims[3])
	for i := range all {
		all[i] = float32(random.NormFloat64())
	}
	return all
}

// bits returns numbers so that two of them are equal if no bit of theirs differs.
func bits(numbers []float32) (all []uint32) {
	for _, x := range numbers {
		all = append(all, math.Float32bits(x))
	}
	return all
}

// problems are what oneDNN takes: values, gradients of images (turned) and of kernels (batch and channels exchanged), each in several forms.
var problems = map[string]problem{
	"3 by 3":                    {images: [4]int{5, 9, 9, 16}, kernel: [4]int{16, 3, 3, 32}, pads: [2]pair{{1, 1}, {1, 1}}},
	"of a recipe":               {images: [4]int{11, 14, 14, 32}, kernel: [4]int{32, 3, 3, 64}, pads: [2]pair{{1, 1}, {1, 1}}},
	"one image":                 {images: [4]int{1, 7, 5, 8}, kernel: [4]int{8, 3, 3, 8}, pads: [2]pair{{1, 1}, {1, 1}}},
	"one large image":           {images: [4]int{1, 57, 49, 24}, kernel: [4]int{24, 3, 3, 40}, strides: pair{2, 1}, pads: [2]pair{{1, 1}, {1, 0}}},
	"two large images":          {images: [4]int{2, 60, 40, 32}, kernel: [4]int{32, 5, 3, 40}, dilations: pair{3, 1}, pads: [2]pair{{2, 1}, {1, 0}}},
	"one number":                {images: [4]int{1, 1, 1, 1}, kernel: [4]int{1, 1, 1, 1}},
	"1 by 1":                    {images: [4]int{6, 8, 8, 24}, kernel: [4]int{24, 1, 1, 40}},
	"1 by 1, stride":            {images: [4]int{6, 8, 8, 24}, kernel: [4]int{24, 1, 1, 40}, strides: pair{2, 2}},
	"even":                      {images: [4]int{4, 8, 8, 16}, kernel: [4]int{16, 2, 2, 16}, strides: pair{2, 2}},
	"even, odd":                 {images: [4]int{4, 9, 8, 16}, kernel: [4]int{16, 4, 3, 16}, pads: [2]pair{{1, 2}, {0, 1}}},
	"uneven all":                {images: [4]int{3, 11, 13, 5}, kernel: [4]int{5, 3, 5, 7}, strides: pair{2, 3}, dilations: pair{2, 1}, pads: [2]pair{{2, 1}, {0, 3}}},
	"pixels left out":           {images: [4]int{3, 10, 10, 8}, kernel: [4]int{8, 3, 3, 8}, strides: pair{3, 3}},
	"one channel":               {images: [4]int{9, 28, 28, 1}, kernel: [4]int{1, 3, 3, 32}, pads: [2]pair{{1, 1}, {1, 1}}},
	"colours, 7 by 7":           {images: [4]int{4, 64, 64, 3}, kernel: [4]int{3, 7, 7, 64}, strides: pair{2, 2}, pads: [2]pair{{3, 3}, {3, 3}}},
	"smaller than its kernel":   {images: [4]int{8, 2, 2, 64}, kernel: [4]int{64, 3, 3, 64}, pads: [2]pair{{1, 1}, {1, 1}}},
	"kernel's other axes":       {images: [4]int{4, 8, 8, 16}, kernel: [4]int{16, 3, 3, 32}, kernelAt: [4]int{1, 2, 3, 0}, pads: [2]pair{{1, 1}, {1, 1}}},
	"channels first":            {images: [4]int{4, 9, 8, 16}, kernel: [4]int{16, 3, 3, 32}, imagesAt: [4]int{0, 2, 3, 1}, kernelAt: [4]int{1, 2, 3, 0}, at: [4]int{0, 2, 3, 1}},
	"channels first, then last": {images: [4]int{4, 9, 8, 16}, kernel: [4]int{16, 3, 3, 32}, imagesAt: [4]int{0, 2, 3, 1}},

	"of images":                 {images: [4]int{5, 9, 9, 32}, kernel: [4]int{32, 3, 3, 16}, turned: true, kernelAt: [4]int{3, 0, 1, 2}, pads: [2]pair{{1, 1}, {1, 1}}},
	"of images, stride":         {images: [4]int{5, 5, 4, 32}, kernel: [4]int{32, 3, 3, 16}, turned: true, kernelAt: [4]int{3, 0, 1, 2}, gaps: pair{2, 2}, pads: [2]pair{{1, 2}, {1, 1}}},
	"of images, 1 by 1":         {images: [4]int{5, 4, 4, 32}, kernel: [4]int{32, 1, 1, 16}, turned: true, kernelAt: [4]int{3, 0, 1, 2}, gaps: pair{2, 2}, pads: [2]pair{{0, 1}, {0, 0}}},
	"of images, dilated":        {images: [4]int{5, 7, 7, 32}, kernel: [4]int{32, 3, 3, 16}, turned: true, kernelAt: [4]int{3, 0, 1, 2}, dilations: pair{2, 1}, pads: [2]pair{{3, 3}, {2, 1}}},
	"of images, even":           {images: [4]int{5, 4, 4, 32}, kernel: [4]int{32, 2, 4, 16}, turned: true, kernelAt: [4]int{3, 0, 1, 2}, gaps: pair{2, 4}, pads: [2]pair{{1, 1}, {3, 3}}},
	"of images, colours":        {images: [4]int{4, 16, 16, 64}, kernel: [4]int{64, 7, 7, 3}, turned: true, kernelAt: [4]int{3, 0, 1, 2}, gaps: pair{2, 2}, pads: [2]pair{{3, 4}, {3, 4}}},
	"of images, usual axes":     {images: [4]int{5, 9, 9, 32}, kernel: [4]int{32, 3, 3, 16}, turned: true, pads: [2]pair{{1, 1}, {1, 1}}},
	"of images, channels first": {images: [4]int{4, 9, 8, 32}, kernel: [4]int{32, 3, 3, 16}, turned: true, imagesAt: [4]int{0, 2, 3, 1}, kernelAt: [4]int{0, 2, 3, 1}, at: [4]int{0, 2, 3, 1}, gaps: pair{2, 2}, pads: [2]pair{{1, 2}, {1, 2}}},

	"wide":                        {images: [4]int{9, 4, 4, 144}, kernel: [4]int{144, 3, 3, 136}, pads: [2]pair{{1, 1}, {1, 1}}},
	"of wide images":              {images: [4]int{9, 4, 4, 136}, kernel: [4]int{136, 3, 3, 144}, turned: true, kernelAt: [4]int{3, 0, 1, 2}, gaps: pair{2, 2}, pads: [2]pair{{1, 2}, {1, 2}}},
	"of a kernel":                 {images: [4]int{16, 9, 9, 5}, kernel: [4]int{5, 9, 9, 32}, imagesAt: [4]int{3, 1, 2, 0}, at: [4]int{2, 0, 1, 3}, pads: [2]pair{{1, 1}, {1, 1}}},
	"of a recipe's kernel":        {images: [4]int{32, 14, 14, 11}, kernel: [4]int{11, 14, 14, 64}, imagesAt: [4]int{3, 1, 2, 0}, at: [4]int{2, 0, 1, 3}, pads: [2]pair{{1, 1}, {1, 1}}},
	"of a wide kernel":            {images: [4]int{128, 3, 3, 12}, kernel: [4]int{12, 3, 3, 144}, imagesAt: [4]int{3, 1, 2, 0}, at: [4]int{2, 0, 1, 3}, pads: [2]pair{{1, 1}, {1, 1}}},
	"of a kernel, stride":         {images: [4]int{16, 9, 8, 5}, kernel: [4]int{5, 5, 4, 32}, imagesAt: [4]int{3, 1, 2, 0}, at: [4]int{2, 0, 1, 3}, dilations: pair{2, 2}, pads: [2]pair{{1, 1}, {1, 0}}},
	"of a kernel, dilated":        {images: [4]int{16, 9, 9, 5}, kernel: [4]int{5, 5, 7, 32}, imagesAt: [4]int{3, 1, 2, 0}, at: [4]int{2, 0, 1, 3}, strides: pair{2, 1}},
	"of a kernel, even":           {images: [4]int{16, 8, 8, 5}, kernel: [4]int{5, 4, 4, 32}, imagesAt: [4]int{3, 1, 2, 0}, at: [4]int{2, 0, 1, 3}, dilations: pair{2, 2}},
	"of a kernel, 1 by 1":         {images: [4]int{24, 8, 8, 6}, kernel: [4]int{6, 4, 4, 40}, imagesAt: [4]int{3, 1, 2, 0}, at: [4]int{2, 0, 1, 3}, dilations: pair{2, 2}, pads: [2]pair{{0, -1}, {0, -1}}},
	"of a kernel, colours":        {images: [4]int{3, 32, 32, 4}, kernel: [4]int{4, 16, 16, 64}, imagesAt: [4]int{3, 1, 2, 0}, at: [4]int{2, 0, 1, 3}, dilations: pair{2, 2}, pads: [2]pair{{3, 2}, {3, 2}}},
	"of a kernel, channels first": {images: [4]int{16, 9, 8, 5}, kernel: [4]int{5, 9, 8, 32}, imagesAt: [4]int{1, 2, 3, 0}, kernelAt: [4]int{0, 2, 3, 1}, at: [4]int{1, 2, 3, 0}, pads: [2]pair{{1, 1}, {1, 1}}},
}

// right holds what an executable makes of drawn numbers to the loops, within 1e-5 of the size of what it adds up, and returns it.
func (p problem) right(t *testing.T, b compute.Backend, e compute.Executable) []float32 {
	t.Helper()
	images, kernel := drawn(1, p.images), drawn(2, p.kernel)
	got, err := call(b, e, images, kernel)
	if err != nil {
		t.Fatal(err)
	}
	want, size := p.loops(images, kernel)
	for i := range want {
		if !(math.Abs(float64(got[i])-want[i]) <= 1e-5*size[i]) {
			t.Fatalf("number %d is %g, want %g", i, got[i], want[i])
		}
	}
	return got
}

// Each is what StableHLO says, within 1e-5 of the size of what it adds up; the bits are equal from call to call.
func TestConvolutions(t *testing.T) {
	b := oneDNN(t)
	for name, p := range problems {
		t.Run(name, func(t *testing.T) {
			p := p.filled()
			e, convolved, err := p.compile(b, dtypes.Float32, 1)
			if err != nil {
				t.Fatal(err)
			}
			if convolved != 1 {
				t.Errorf("%d convolutions are oneDNN's, want 1", convolved)
			}
			got := p.right(t, b, e)
			again, err := call(b, e, drawn(1, p.images), drawn(2, p.kernel))
			if err != nil || !slices.Equal(bits(again), bits(got)) {
				t.Errorf("the second call has other bits, %v", err)
			}
		})
	}
}

// What is not of these stays XLA's, and right.
func TestConvolutionsOfXLA(t *testing.T) {
	b := oneDNN(t)
	same := problem{images: [4]int{2, 6, 6, 4}, kernel: [4]int{4, 3, 3, 4}, pads: [2]pair{{1, 1}, {1, 1}}}
	cropped, sparse, strided := same, same, same
	cropped.pads[0][0] = -1
	sparse.gaps = pair{2, 2}
	strided.gaps, strided.strides, strided.turned = pair{2, 2}, pair{2, 1}, true
	for name, c := range map[string]struct {
		problem
		dtype  dtypes.DType
		groups int
	}{
		"pixels cut off":        {cropped, dtypes.Float32, 1},
		"zeros between":         {sparse, dtypes.Float32, 1},
		"zeros between, stride": {strided, dtypes.Float32, 1},
		"groups":                {same, dtypes.Float32, 2},
		"float64":               {same, dtypes.Float64, 1},
		"bfloat16":              {same, dtypes.BFloat16, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.filled()
			e, convolved, err := p.compile(b, c.dtype, c.groups)
			if err != nil || convolved != 0 {
				t.Fatalf("%d convolutions are oneDNN's, %v", convolved, err)
			}
			if c.dtype != dtypes.Float32 || c.groups != 1 {
				return
			}
			p.right(t, b, e)
		})
	}
}

// Infinities and what is no number come through where a loop has them, and nowhere else.
func TestConvolutionsOfInfinities(t *testing.T) {
	b := oneDNN(t)
	for _, name := range []string{"3 by 3", "of images, stride", "of a kernel", "of a wide kernel", "colours, 7 by 7"} {
		for _, odd := range []float32{float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())} {
			t.Run(fmt.Sprint(name, odd), func(t *testing.T) {
				p := problems[name].filled()
				e, _, err := p.compile(b, dtypes.Float32, 1)
				if err != nil {
					t.Fatal(err)
				}
				images, kernel := drawn(1, p.images), drawn(2, p.kernel)
				images[len(images)/2] = odd
				got, err := call(b, e, images, kernel)
				if err != nil {
					t.Fatal(err)
				}
				want, _ := p.loops(images, kernel)
				for i := range want {
					if math.IsNaN(float64(got[i])) != math.IsNaN(want[i]) || math.IsInf(float64(got[i]), 0) && float64(got[i]) != want[i] ||
						math.IsInf(want[i], 0) && float64(got[i]) != want[i] {
						t.Fatalf("number %d is %g, want %g", i, got[i], want[i])
					}
				}
			})
		}
	}
}

// Several goroutines of two backends have the same bits as one.
func TestConvolutionsAtOnce(t *testing.T) {
	backends := []compute.Backend{oneDNN(t), oneDNN(t)}
	var all sync.WaitGroup
	for _, name := range []string{"of a recipe", "of images, stride", "of a recipe's kernel", "of a wide kernel", "wide", "of wide images", "one large image"} {
		p := problems[name].filled()
		images, kernel := drawn(1, p.images), drawn(2, p.kernel)
		var want []float32
		for i, b := range backends {
			e, _, err := p.compile(b, dtypes.Float32, 1)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				if want, err = call(b, e, images, kernel); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				all.Go(func() {
					for range 10 {
						if got, err := call(b, e, images, kernel); err != nil || !slices.Equal(bits(got), bits(want)) {
							t.Errorf("%s: other bits, %v", name, err)
							return
						}
					}
				})
			}
		}
	}
	all.Wait()
}

// A program whose numbers are not those of its tensors, or that oneDNN has no convolution for, ends in an error of XLA's.
func TestConvolutionsThatAreNone(t *testing.T) {
	oneDNN(t)
	plugin, err := pjrt.GetPlugin(opened.plugin)
	if err != nil {
		t.Fatal(err)
	}
	client, err := plugin.NewClient(nil)
	if err != nil {
		t.Fatal(err)
	}
	const right = "0, 1, 4, 4, 8, 8, 3, 3, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 8, 192, 64"
	for name, c := range map[string]struct{ images, numbers, want string }{
		"right":        {"1x4x4x8xf32", right, ""},
		"small images": {"1x2x2x8xf32", right, "other operands"},
		"float64":      {"1x4x4x8xf64", right, "other operands"},
		"too few":      {"1x4x4x8xf32", "0, 1, 4", "other operands"},
		"unknown":      {"1x4x4x8xf32", "7" + right[1:], "other operands"},
		"other rows":   {"1x4x4x8xf32", strings.Replace(right, "4, 4, 1, 1, 1", "4, 4, 9, 1, 1", 1), "no such convolution"},
		"negative":     {"1x4x4x8xf32", "0, -1" + right[4:], "other operands"},
	} {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprintf(`module @m { func.func @main(%%x: tensor<%s>, %%k: tensor<3x3x8x8xf32>) -> tensor<1x4x4x8xf32> {
				%%0 = "stablehlo.custom_call"(%%x, %%k) {api_version = 4 : i32, backend_config = {numbers = array<i64: %s>},
				call_target_name = "unipair_convolution"} : (tensor<%[1]s>, tensor<3x3x8x8xf32>) -> tensor<1x4x4x8xf32>
				return %%0 : tensor<1x4x4x8xf32> } }`, c.images, c.numbers)
			e, err := client.Compile().WithStableHLO([]byte(text)).Done()
			if err != nil {
				t.Fatal(err)
			}
			x, dims := make([]float32, 1*4*4*8), []int{1, 4, 4, 8}
			if c.images == "1x2x2x8xf32" {
				x, dims = x[:2*2*8], []int{1, 2, 2, 8}
			}
			var first *pjrt.Buffer
			if strings.HasSuffix(c.images, "f64") {
				first, err = pjrt.ArrayToBuffer(client, make([]float64, len(x)), dims...)
			} else {
				first, err = pjrt.ArrayToBuffer(client, x, dims...)
			}
			if err != nil {
				t.Fatal(err)
			}
			second, err := pjrt.ArrayToBuffer(client, make([]float32, 3*3*8*8), 3, 3, 8, 8)
			if err != nil {
				t.Fatal(err)
			}
			out, err := e.Execute(first, second).Done()
			if err == nil {
				_, _, err = pjrt.BufferToArray[float32](out[0])
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}
