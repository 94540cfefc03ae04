package onnxfile_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute-onnx/support/protos"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxtest"
)

var unit = onnxfile.Presets["0-1"]

func backend(t *testing.T) compute.Backend {
	t.Helper()
	b, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, n *onnxtest.Network, c onnxfile.Choice) *onnxfile.File {
	t.Helper()
	if c.Preparation == nil {
		c.Preparation = &unit
	}
	f, err := onnxfile.Open(backend(t), n.File(t), c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// embed runs a network on images in GoMLX.
func embed(t *testing.T, f *onnxfile.File, images *tensors.Tensor) (values []float32, dims []int) {
	t.Helper()
	store := model.NewStore()
	if err := f.Load(store.RootScope()); err != nil {
		t.Fatal(err)
	}
	out, err := model.CallOnce(backend(t), store, f.Embeddings, images)
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](out), out.Shape().Dimensions
}

// ramp is a batch of images whose numbers go from 0 to 1.
func ramp(dims ...int) *tensors.Tensor {
	values := make([]float32, shapes.Make(1, dims...).Size())
	for i := range values {
		values[i] = float32(i) / float32(len(values)-1)
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

func TestOpen(t *testing.T) {
	n := onnxtest.Convolutional()
	n.Proto.MetadataProps = []*protos.StringStringEntryProto{{Key: "Image.NominalPixelRange", Value: "Normalized_1_1"},
		{Key: "Image.BitmapPixelFormat", Value: "Bgr8"}}
	path := n.File(t)
	f, err := onnxfile.Open(backend(t), path, onnxfile.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	want := onnxfile.Input{Name: "image", Layout: onnxfile.ChannelsFirst, Size: 8, Channels: 3}
	if f.Input != want || f.Dim != 6 || f.Output != "Gemm4_out" || len(f.Sum) != 64 || f.Layers() != 2 {
		t.Errorf("%+v, %d numbers of %s, sum %s, %d layers", f.Input, f.Dim, f.Output, f.Sum, f.Layers())
	}
	p := onnxfile.Presets["-1-1"]
	p.BGR = true
	if f.Preparation != p {
		t.Errorf("the preparation is %+v, want %+v", f.Preparation, p)
	}
	values, dims := embed(t, f, ramp(4, 8, 8, 3))
	if !slices.Equal(dims, []int{4, 6}) || slices.ContainsFunc(values, func(v float32) bool { return v != v }) {
		t.Errorf("%v of %v", values, dims)
	}
}

// The layout, the preparation, the pooling and a fixed batch are as the file and the choice say.
func TestReads(t *testing.T) {
	identity := func(dims ...any) *onnxtest.Network {
		n := onnxtest.New(dims...)
		return n.Output(n.Node("Identity", nil, "image"), dims...)
	}
	tokens := func() *onnxtest.Network {
		n := onnxtest.New("n", 4, 4, 3)
		return n.Output(n.Node("Reshape", nil, "image", n.Ints(0, 16, 3)), "n", 16, 3)
	}
	twice := onnxfile.Preparation{Scale: 2, Std: [3]float64{1, 1, 1}, BGR: true}
	parts := onnxtest.New("n", 3, 4, 4)
	parts.Output(parts.Node("GlobalAveragePool", nil, "image"), "n", 3, 1, 1).Output(parts.Node("Slice", nil,
		parts.Node("Flatten", nil, "image"), parts.Ints(0), parts.Ints(2), parts.Ints(1)), "n", 2)
	flat := onnxtest.New(1, 3, 2, 2)
	flat.Output(flat.Node("Flatten", nil, "image"), 1, 12)
	for _, test := range []struct {
		name    string
		network *onnxtest.Network
		choice  onnxfile.Choice
		size    int
		want    []float32 // of the first image, pixels 0, 1, 2, … over the largest
		scale   float32
	}{
		{"mean over places, last", identity("n", 4, 4, 3), onnxfile.Choice{Pool: onnxfile.Mean}, 4, []float32{22.5, 23.5, 24.5}, 1},
		{"mean over places, first", identity("n", 3, 4, 4), onnxfile.Choice{Pool: onnxfile.Mean}, 4, []float32{22.5, 23.5, 24.5}, 1},
		{"blue first", identity("n", 3, 4, 4), onnxfile.Choice{Pool: onnxfile.Mean, Preparation: &twice}, 4, []float32{24.5, 23.5, 22.5}, 2},
		{"first token", tokens(), onnxfile.Choice{Pool: onnxfile.First}, 4, []float32{0, 1, 2}, 1},
		{"mean of tokens", tokens(), onnxfile.Choice{Pool: onnxfile.Mean}, 4, []float32{22.5, 23.5, 24.5}, 1},
		{"a batch of one that works for others", flat, onnxfile.Choice{}, 2, []float32{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}, 1},
		{"all dimensions open", identity("batch_size", "num_channels", "height", "width"), onnxfile.Choice{Pool: onnxfile.Mean, Size: 4}, 4,
			[]float32{22.5, 23.5, 24.5}, 1},
		{"a row and places", parts, onnxfile.Choice{Output: "Slice2_out,GlobalAveragePool0_out", Pool: onnxfile.Mean}, 4,
			[]float32{0, 3, 22.5, 23.5, 24.5}, 1},
		{"a size that is chosen", identity("n", 3, "h", "w"), onnxfile.Choice{Pool: onnxfile.Mean, Size: 4}, 4, []float32{22.5, 23.5, 24.5}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			images := ramp(2, test.size, test.size, 3)
			values, dims := embed(t, open(t, test.network, test.choice), images)
			if !slices.Equal(dims, []int{2, len(test.want)}) {
				t.Fatalf("%v, want %d numbers", dims, len(test.want))
			}
			for i, want := range test.want {
				if got := float64(values[i]/test.scale) * float64(images.Size()-1); math.Abs(got-float64(want)) > 1e-4 {
					t.Errorf("number %d is %g, want %g", i, got, want)
				}
			}
		})
	}
}

// What would be read wrong is refused, in a line that says what it is and what to do.
func TestRefuses(t *testing.T) {
	change := func(f func(*protos.GraphProto)) []byte {
		n := onnxtest.Convolutional()
		f(n.Proto.Graph)
		return n.Bytes(t)
	}
	node := func(op string, attributes onnxtest.Attributes) []byte {
		n := onnxtest.New("n", 3, 8, 8)
		return n.Output(n.Node(op, attributes, "image", n.Weight(3), n.Weight(3), n.Weight(3), n.Weight(3)), "n", 3, 8, 8).Bytes(t)
	}
	input := func(dims ...any) []byte {
		n := onnxtest.New(dims...)
		return n.Output(n.Node("Flatten", nil, "image"), "n", 3).Bytes(t)
	}
	old := onnxtest.Convolutional()
	old.Proto.OpsetImport[0].Version = 6
	two := onnxtest.New("n", 3, 8, 8)
	two.Output(two.Node("Flatten", nil, "image"), "n", 192).Output(two.Node("Relu", nil, "image"), "n", 3, 8, 8)
	bound := onnxtest.New(2, 3, 8, 8)
	bound.Output(bound.Node("Reshape", nil, "image", bound.Ints(2, 192)), 2, 192)
	one := onnxtest.New(1, 3, 8, 8)
	one.Output(one.Node("Relu", nil, "image"), 1, 3, 8, 8)
	bare := func(op string, inputs ...string) []byte {
		n := onnxtest.New("n", 3, 8, 8)
		return n.Output(n.Node(op, nil, inputs...), "n", 3, 8, 8).Bytes(t)
	}
	none := onnxtest.New("n", 3, 8, 8)
	nothing := none.Node("Slice", nil, none.Node("Flatten", nil, none.Node("Relu", nil, "image")), none.Ints(0), none.Ints(0), none.Ints(1))
	none.Output(nothing, "n", 0)
	whole := onnxtest.Convolutional().Bytes(t)
	for _, test := range []struct {
		name    string
		content []byte
		choice  onnxfile.Choice
		want    string
	}{
		{"nothing", nil, onnxfile.Choice{}, "is no ONNX file"},
		{"text", []byte("Dear all,\nplease find attached"), onnxfile.Choice{}, "is no ONNX file"},
		{"half a file", whole[:len(whole)/2], onnxfile.Choice{}, "is no ONNX file"},
		{"weights elsewhere", change(func(g *protos.GraphProto) {
			g.Initializer[0].DataLocation = protos.TensorProto_EXTERNAL
			g.Initializer[0].ExternalData = []*protos.StringStringEntryProto{{Key: "location", Value: "big.data"}}
		}), onnxfile.Choice{}, "in another file (big.data): make it one"},
		{"half precision", change(func(g *protos.GraphProto) {
			g.Initializer[1].DataType = int32(protos.TensorProto_FLOAT16)
		}), onnxfile.Choice{}, "half precision (weight1: float16): take the network in float32"},
		{"half precision in", change(func(g *protos.GraphProto) {
			g.Input[0].Type.GetTensorType().ElemType = int32(protos.TensorProto_FLOAT16)
		}), onnxfile.Choice{}, "takes FLOAT16"},
		{"an opset of before 2017", old.Bytes(t), onnxfile.Choice{}, "is of opset 6, whose operations mean something else: export it with opset 7 or later"},
		{"quantised", node("DequantizeLinear", nil), onnxfile.Choice{}, `is quantised (operation DequantizeLinear, node "DequantizeLinear0")`},
		{"in training", node("BatchNormalization", onnxtest.Attributes{"training_mode": 1}), onnxfile.Choice{}, "depends on the others"},
		{"unknown", node("Abracadabra", nil), onnxfile.Choice{}, `does not know (operation Abracadabra, node "Abracadabra0")`},
		{"of a vendor", change(func(g *protos.GraphProto) { g.Node[1].Domain = "com.example" }), onnxfile.Choice{}, "of the vendor com.example"},
		{"a NaN", change(func(g *protos.GraphProto) {
			copy(g.Initializer[0].RawData, []byte{0, 0, 0xc0, 0x7f})
		}), onnxfile.Choice{}, "not finite (weight0: NaN)"},
		{"cut weights", change(func(g *protos.GraphProto) {
			g.Initializer[0].RawData = g.Initializer[0].RawData[:8]
		}), onnxfile.Choice{}, "is cut or damaged: the weight weight0"},
		{"impossible weights", change(func(g *protos.GraphProto) {
			g.Initializer[0].Dims = []int64{1 << 40, 1 << 40}
		}), onnxfile.Choice{}, "impossible dimensions"},
		{"a circle", change(func(g *protos.GraphProto) {
			g.Node[1].Input[0] = g.Node[len(g.Node)-1].Output[0]
		}), onnxfile.Choice{}, "is damaged: nothing before an operation makes its input \"Gemm4_out\""},
		{"an operation of itself", change(func(g *protos.GraphProto) { g.Node[1].Input[0] = g.Node[1].Output[0] }), onnxfile.Choice{},
			"nothing before an operation makes its input"},
		{"out of order", change(func(g *protos.GraphProto) { slices.Reverse(g.Node) }), onnxfile.Choice{}, "nothing before an operation makes its input"},
		{"no inputs", bare("Identity"), onnxfile.Choice{}, `no output or too few inputs (operation Identity, node "Identity0")`},
		{"one input of two", bare("PRelu", "image"), onnxfile.Choice{}, `too few inputs (operation PRelu`},
		{"no output", change(func(g *protos.GraphProto) { g.Node[1].Output = nil }), onnxfile.Choice{}, "no output or too few inputs"},
		{"an index beyond GoMLX", bare("MatMul", "image"), onnxfile.Choice{}, "or has something that GoMLX does not know (runtime panic"},
		{"no numbers", none.Bytes(t), onnxfile.Choice{}, `the output "Slice2_out" of no numbers`},
		{"four channels", input("n", 4, 8, 8), onnxfile.Choice{}, "takes n × 4 × 8 × 8 (input \"image\"), and images have 1 channel or 3"},
		{"no channels", input("n", "c", "h", "w"), onnxfile.Choice{}, "how many channels"},
		{"oblong", input("n", 3, 8, 9), onnxfile.Choice{}, "takes 8 × 9 pixels"},
		{"too many pixels", input("n", 3, 100_000, 100_000), onnxfile.Choice{}, "takes 100000 pixels per side, and 1024 are the most"},
		{"no size", input("n", 3, "h", "w"), onnxfile.Choice{}, "give a size"},
		{"another size", whole, onnxfile.Choice{Size: 9}, "takes 8 pixels per side, not 9"},
		{"text for images", input("n", 8), onnxfile.Choice{}, "takes 2 dimensions"},
		{"two outputs", two.Bytes(t), onnxfile.Choice{}, "has 2 outputs: choose one of Flatten0_out (n × 192), Relu1_out (n × 3 × 8 × 8)"},
		{"no such output", two.Bytes(t), onnxfile.Choice{Output: "embedding"}, `has no value "embedding"; its outputs are Flatten0_out`},
		{"no such part", two.Bytes(t), onnxfile.Choice{Output: "Flatten0_out,embedding"}, `has no value "embedding"; its outputs are Flatten0_out`},
		{"a part twice", two.Bytes(t), onnxfile.Choice{Output: "Flatten0_out,Flatten0_out"}, `the value "Flatten0_out" twice`},
		{"a part unpooled", two.Bytes(t), onnxfile.Choice{Output: "Flatten0_out,Relu1_out"}, `"Relu1_out" of (Float32)[5, 3, 8, 8]: its tokens or places`},
		{"places unpooled", two.Bytes(t), onnxfile.Choice{Output: "Relu1_out"}, "choose first or mean"},
		{"the first place", two.Bytes(t), onnxfile.Choice{Output: "Relu1_out", Pool: onnxfile.First}, "take the rule of pooling mean"},
		{"a row pooled", two.Bytes(t), onnxfile.Choice{Output: "Flatten0_out", Pool: onnxfile.Mean}, "leave the rule of pooling (mean) out"},
		{"another rule", two.Bytes(t), onnxfile.Choice{Output: "Relu1_out", Pool: "max"}, `pooled by first or mean, got "max"`},
		{"a fixed batch", bound.Bytes(t), onnxfile.Choice{}, "is for 2 images at once"},
		{"a fixed batch of places", one.Bytes(t), onnxfile.Choice{}, `network.onnx: has the output "Relu0_out" of (Float32)[5, 3, 8, 8]: its tokens`},
		{"unsaid preparation", whole, onnxfile.Choice{}, "name a preset (-1-1, 0-1, 0-255, clip, efficientnet-lite, imagenet)"},
		{"a deviation of 0", whole, onnxfile.Choice{Preparation: &onnxfile.Preparation{Scale: 1}}, "deviations above 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.choice.Preparation == nil && test.name != "unsaid preparation" {
				test.choice.Preparation = &unit
			}
			path := filepath.Join(t.TempDir(), "network.onnx")
			if err := os.WriteFile(path, test.content, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := onnxfile.Open(backend(t), path, test.choice)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), path) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("%v\nwant: %s", err, test.want)
			}
		})
	}
	huge := filepath.Join(t.TempDir(), "huge.onnx")
	if err := errors.Join(os.WriteFile(huge, nil, 0o644), os.Truncate(huge, 3<<30)); err != nil {
		t.Fatal(err)
	}
	if _, err := onnxfile.Open(backend(t), huge, onnxfile.Choice{}); !errors.Is(err, file.ErrTooLarge) {
		t.Errorf("3 GB: %v", err)
	}
}

// The last layers learn, with what follows each; batch normalisation and what is before the first layer do not.
func TestTrain(t *testing.T) {
	n := onnxtest.New("n", 3, 8, 8)
	x := n.Node("Mul", nil, "image", n.Floats([]float32{1, 2, 3}, 1, 3, 1, 1)) // preparation
	x = n.Node("Conv", onnxtest.Attributes{"kernel_shape": []int64{1, 1}}, x, n.Weight(4, 3, 1, 1), n.Weight(4))
	x = n.Node("BatchNormalization", nil, x, n.Weight(4), n.Weight(4), n.Weight(4), n.Floats([]float32{1, 1, 1, 1}, 4))
	x = n.Node("Mul", nil, x, n.Floats([]float32{0.5}, 1))
	x = n.Node("Flatten", nil, n.Node("GlobalAveragePool", nil, x))
	x = n.Node("MatMul", nil, x, n.Weight(4, 2))
	out := n.Node("Add", nil, x, n.Weight(2))
	n.Output(n.Node("MatMul", nil, out, n.Weight(2, 2)), "n", 2) // a classifier, which is cut off
	f := open(t, n, onnxfile.Choice{Output: out})
	for last, want := range map[int][]string{0: nil, 1: {"weight8", "weight9"}, 2: {"weight1", "weight2", "weight8", "weight9"}} {
		store := model.NewStore()
		if err := errors.Join(f.Load(store.RootScope()), f.Train(store.RootScope(), last)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for v := range store.IterVariables() {
			if v.Trainable {
				got = append(got, v.Name())
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("last %d: %q learn, want %q", last, got, want)
		}
	}
	if err := f.Train(model.NewStore().RootScope(), 3); err == nil || !strings.Contains(err.Error(), "has 2 layers") {
		t.Errorf("three layers of two: %v", err)
	}
}
