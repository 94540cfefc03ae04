package onnxfile_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxtest"
)

// window is a convolution of a test.
type window struct {
	kernel, strides, pads, dilations []int64
	groups                           int
}

// windows returns a network of convolutions alone, 4 channels each. Each embedding is linear in the weights of each of them.
func windows(all ...window) *onnxtest.Network {
	n := onnxtest.New("n", 3, 16, 16)
	x, channels := "image", int64(3)
	for _, c := range all {
		of := onnxtest.Attributes{"group": max(c.groups, 1)}
		for name, values := range map[string][]int64{"kernel_shape": c.kernel, "strides": c.strides, "pads": c.pads, "dilations": c.dilations} {
			if values != nil {
				of[name] = values
			}
		}
		x = n.Node("Conv", of, x, n.Weight(4, channels/int64(max(c.groups, 1)), c.kernel[0], c.kernel[1]), n.Weight(4))
		channels = 4
	}
	x = n.Node("Flatten", onnxtest.Attributes{"axis": 1}, x)
	return n.Output(x, "n", "numbers")
}

// A weight's gradient is what a sum of the embeddings gets more by 1 more of it, whatever the windows of the convolutions behind it: the
// network is linear in each layer's weights, so that the difference is exact.
func TestGradientsBehindConvolutions(t *testing.T) {
	square := func(size int64) []int64 { return []int64{size, size} }
	first := window{kernel: square(3)} // 14 × 14
	for name, all := range map[string][]window{
		"odd":                         {first, {kernel: square(3), pads: []int64{1, 0, 1, 2}}},
		"2 × 2 of stride 2":           {first, {kernel: square(2), strides: square(2)}},
		"2 × 2 of stride 1":           {first, {kernel: square(2)}},
		"4 × 4 of stride 4":           {first, {kernel: square(4), strides: square(4), pads: []int64{1, 1, 1, 1}}},
		"4 × 4, padding of one side":  {first, {kernel: square(4), strides: square(2), pads: []int64{0, 3, 1, 2}}},
		"2 × 3":                       {first, {kernel: []int64{2, 3}, strides: []int64{1, 2}}},
		"2 × 2, dilated by 3":         {first, {kernel: square(2), dilations: square(3), pads: []int64{1, 1, 2, 2}}},
		"2 × 2, dilated by 2":         {first, {kernel: square(2), dilations: square(2)}},
		"2 × 2 of channels by itself": {first, {kernel: square(2), strides: square(2), groups: 4}},
		"two of 2 × 2":                {first, {kernel: square(2), strides: square(2)}, {kernel: square(2), strides: square(2)}},
		"even first":                  {{kernel: square(4), strides: square(2)}, {kernel: square(2)}},
	} {
		t.Run(name, func(t *testing.T) {
			backendtest.Each(t, func(t *testing.T, b compute.Backend) { gradientsAreDifferences(t, b, windows(all...), len(all)) })
		})
	}
}

func gradientsAreDifferences(t *testing.T, b compute.Backend, n *onnxtest.Network, layers int) {
	f, err := onnxfile.Open(b, n.File(t), onnxfile.Choice{Preparation: &unit})
	if err != nil {
		t.Fatal(err)
	}
	if f.Layers() != layers {
		t.Errorf("%d layers, want %d", f.Layers(), layers)
	}
	store := model.NewStore()
	if err := f.Load(store.RootScope()); err != nil {
		t.Fatal(err)
	}
	if err := f.Train(store.RootScope(), layers); err != nil {
		t.Fatal(err)
	}
	var learn []*model.Variable
	for v := range store.IterVariables() {
		if v.Trainable {
			learn = append(learn, v)
		}
	}
	if len(learn) != 2*layers {
		t.Fatalf("%d weights learn, want %d", len(learn), 2*layers)
	}
	exec, err := model.NewExec(b, store, func(_ *model.Scope, images *graph.Node) []*graph.Node {
		x := graph.Reshape(f.Embeddings(store.RootScope(), images), -1)
		factors := graph.Cos(graph.ConvertDType(graph.Iota(x.Graph(), x.Shape(), 0), x.DType()))
		sum := graph.ReduceAllSum(graph.Mul(x, factors))
		var nodes []*graph.Node
		for _, v := range learn {
			nodes = append(nodes, v.NodeValue(x.Graph()))
		}
		return append([]*graph.Node{sum}, graph.Gradient(sum, nodes...)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	call := func() []*tensors.Tensor {
		out, err := exec.Call(planes(2, 3, 16))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := call()
	for i, v := range learn {
		values, gradient := numbers(t, v), tensors.MustCopyFlatData[float32](before[1+i])
		for _, at := range []int{0, len(values) / 2, len(values) - 1} {
			give(t, v, at, values[at]+1)
			more := float64(tensors.ToScalar[float32](call()[0])) - float64(tensors.ToScalar[float32](before[0]))
			give(t, v, at, values[at])
			if math.Abs(more-float64(gradient[at])) > 1e-4*math.Max(1, math.Abs(more)) {
				t.Errorf("%s, number %d: gradient %g, and 1 more gives %g more", v.Name(), at, gradient[at], more)
			}
		}
	}
}

func numbers(t *testing.T, v *model.Variable) []float32 {
	t.Helper()
	value, err := v.Value()
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](value)
}

func give(t *testing.T, v *model.Variable, at int, number float32) {
	t.Helper()
	values := numbers(t, v)
	values[at] = number
	if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
		t.Fatal(err)
	}
}

// A kernel that is computed cannot be made longer: what would learn wrongly before it is refused, what is behind it learns.
func TestComputedKernels(t *testing.T) {
	n := onnxtest.New("n", 3, 16, 16)
	x := n.Node("Conv", nil, "image", n.Weight(4, 3, 3, 3))
	x = n.Node("Conv", onnxtest.Attributes{"kernel_shape": []int64{2, 2}}, x, n.Node("Tanh", nil, n.Weight(4, 4, 2, 2)))
	x = n.Node("Conv", nil, x, n.Weight(4, 4, 3, 3))
	path := n.Output(n.Node("Flatten", nil, x), "n", "numbers").File(t)
	f, err := onnxfile.Open(backendtest.Go(t), path, onnxfile.Choice{Preparation: &unit})
	if err != nil {
		t.Fatal(err)
	}
	for last, refused := range map[int]string{1: "", 2: "has a kernel of even size (operation Conv, node \"Conv2\")"} {
		store := model.NewStore()
		if err := f.Load(store.RootScope()); err != nil {
			t.Fatal(err)
		}
		if err := f.Train(store.RootScope(), last); (err == nil) != (refused == "") || err != nil && !strings.Contains(err.Error(), refused) {
			t.Errorf("the last %d: %v", last, err)
		}
	}
}
