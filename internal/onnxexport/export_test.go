package onnxexport_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute-onnx/support/protos"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"google.golang.org/protobuf/proto"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/onnxexport"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/pkg/train"
)

// some are inputs of numbers in [0, 1].
func some(dims ...int) onnxruntime.Array {
	size := 1
	for _, d := range dims {
		size *= d
	}
	a := onnxruntime.Array{Values: make([]float32, size), Dims: dims}
	for i := range a.Values {
		a.Values[i] = float32(math.Sin(float64(i*i))+1) / 2
	}
	return a
}

// Every architecture's file gives the embedder's embeddings, for one input and for several.
func TestContent(t *testing.T) {
	b := backendtest.GoBesideONNXRuntime(t)
	for name, n := range map[string]train.Network{
		"small":            {Size: 28, Width: 8, Dim: 16},
		"small, in colour": {Size: 35, Width: 4, Dim: 16, Channels: 3},
		"resnet18":         {Architecture: train.ArchitectureResNet18, Size: 32, Dim: 16, Channels: 3},
		"linear":           {Architecture: train.ArchitectureLinear, Features: 100, Dim: 16},
		"mlp":              {Architecture: train.ArchitectureMLP, Features: 100, Width: 50, Dim: 16},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := train.NewEmbedder(b, n, 1)
			if err != nil {
				t.Fatal(err)
			}
			in := some(3, n.Size, n.Size, max(n.Channels, 1))
			if n.Features > 0 {
				in = some(3, n.Features)
			}
			written := onnxexport.Network{Input: in.Dims[1:], Metadata: map[string]string{"loss": "circle"}}
			written.Store, written.Build = e.Graph()
			content, err := onnxexport.Content(written)
			if err != nil {
				t.Fatal(err)
			}
			var m protos.ModelProto
			if err := proto.Unmarshal(content, &m); err != nil {
				t.Fatal(err)
			}
			if len(m.OpsetImport) != 1 || m.OpsetImport[0].Domain != "" || m.ProducerName != "unipair" || m.MetadataProps[0].Value != "circle" {
				t.Errorf("the file's head is %v, %q, %v", m.OpsetImport, m.ProducerName, m.MetadataProps)
			}
			for _, node := range m.Graph.Node {
				if node.Domain != "" || m.OpsetImport[0].Version > 21 { // what every consumer of the standard has
					t.Errorf("operation %s is of the domain %q at opset %d", node.OpType, node.Domain, m.OpsetImport[0].Version)
				}
			}
			if err := onnxexport.Compare(content, in, embed(t, b, written, in)); err != nil {
				t.Error(err)
			}
		})
	}
}

// embed gives what GoMLX makes of inputs.
func embed(t *testing.T, b compute.Backend, n onnxexport.Network, in onnxruntime.Array) []float32 {
	t.Helper()
	out, err := model.CallOnce(b, n.Store, func(scope *model.Scope, inputs *graph.Node) *graph.Node {
		return graph.L2Normalize(n.Build(scope, inputs), -1)
	}, tensors.FromFlatDataAndDimensions(in.Values, in.Dims...))
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](out)
}

// withHead is a network from an ONNX file with a linear head.
func withHead(t *testing.T, b compute.Backend, path, preset string, pool onnxfile.Pool) onnxexport.Network {
	t.Helper()
	p := onnxfile.Presets[preset]
	f, err := onnxfile.Open(b, path, onnxfile.Choice{Preparation: &p, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	n := onnxexport.Network{Store: model.NewStore(), Input: []int{f.Input.Size, f.Input.Size, f.Input.Channels}}
	if err := f.Load(n.Store.RootScope()); err != nil {
		t.Fatal(err)
	}
	n.Build = func(scope *model.Scope, images *graph.Node) *graph.Node {
		return layers.Dense(scope.At("head"), f.Embeddings(scope, images), true, 4)
	}
	return n
}

// A network from an ONNX file goes out again, with a head.
func TestBackbone(t *testing.T) {
	b := backendtest.GoBesideONNXRuntime(t)
	real := filepath.Join(os.Getenv("UNIPAIR_DATA"), "models", "efficientnet-lite0.onnx")
	for name, test := range map[string]struct {
		path, preset string
		pool         onnxfile.Pool
		in           onnxruntime.Array
	}{
		"a convolution":                 {onnxtest.Convolutional().File(t), "imagenet", "", some(3, 8, 8, 3)},
		"a transformer":                 {"../onnxfile/testdata/vit.onnx", "clip", onnxfile.First, some(3, 16, 16, 3)},
		"a transformer, all its tokens": {"../onnxfile/testdata/vit.onnx", "clip", onnxfile.Mean, some(3, 16, 16, 3)},
		"EfficientNet-lite":             {real, "efficientnet-lite", "", some(2, 224, 224, 3)},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat(test.path); err != nil {
				t.Skip(err)
			}
			n := withHead(t, b, test.path, test.preset, test.pool)
			want := embed(t, b, n, test.in)
			content, err := onnxexport.Content(n)
			if err != nil {
				t.Fatal(err)
			}
			if err := onnxexport.Compare(content, test.in, want); err != nil {
				t.Error(err)
			}
			if want[0]++; onnxexport.Compare(content, test.in, want) == nil {
				t.Error("another embedding passes for the same")
			}
		})
	}
}

// What cannot be had for any batch is refused, and not written for one.
func TestFixedBatch(t *testing.T) {
	backendtest.GoBesideONNXRuntime(t)
	n := onnxexport.Network{Store: model.NewStore(), Input: []int{4}, Build: func(_ *model.Scope, x *graph.Node) *graph.Node {
		return graph.MulScalar(x, float64(x.Shape().Dim(0)))
	}}
	if _, err := onnxexport.Content(n); err == nil || !strings.Contains(err.Error(), "depends on how many inputs there are") {
		t.Errorf("a network that multiplies by its batch: %v", err)
	}
	repeated := n
	repeated.Build = func(_ *model.Scope, x *graph.Node) *graph.Node { // ones that are put beside each row
		return graph.Concatenate([]*graph.Node{x, graph.Ones(x.Graph(), x.Shape())}, -1)
	}
	content, err := onnxexport.Content(repeated)
	if err != nil {
		t.Fatal(err)
	}
	in, third := onnxruntime.Array{Values: make([]float32, 12), Dims: []int{3, 4}}, []float32{0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5}
	if err := onnxexport.Compare(content, in, slices.Repeat(third, 3)); err != nil {
		t.Error(err)
	}
}
