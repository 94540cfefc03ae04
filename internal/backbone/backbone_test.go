package backbone_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backbone"
	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxtest"
)

func open(t *testing.T, b compute.Backend, path string, c onnxfile.Choice, preset string) *onnxfile.File {
	t.Helper()
	p := onnxfile.Presets[preset]
	p.BGR = preset == "clip"
	c.Preparation = &p
	f, err := onnxfile.Open(b, path, c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// tokens is a network of tokens, with the channels last.
func tokens() *onnxtest.Network {
	n := onnxtest.New("n", 4, 4, 3)
	x := n.Node("Reshape", nil, "image", n.Ints(0, 16, 3))
	x = n.Node("MatMul", nil, x, n.Weight(3, 5))
	return n.Output(x, "n", 16, 5)
}

func TestCheck(t *testing.T) {
	modern := tokens() // its reductions have axes as inputs
	modern.Proto.OpsetImport[0].Version = 18
	batch := onnxtest.New("n", 3, 4, 4)
	mean := batch.Node("ReduceMean", onnxtest.Attributes{"axes": []int64{0}, "keepdims": 1}, "image")
	batch.Output(batch.Node("Flatten", nil, batch.Node("Sub", nil, "image", mean)), "n", 48)
	log := onnxtest.New("n", 3, 4, 4)
	log.Output(log.Node("Flatten", nil, log.Node("Log", nil, log.Node("Sub", nil, "image", log.Floats([]float32{2}, 1)))), "n", 48)
	rewritten := onnxtest.New("n", 3, 8, 8)
	shared := rewritten.Node("Identity", nil, rewritten.Weight(4, 3, 3, 3))
	x := rewritten.Node("Conv", onnxtest.Attributes{"kernel_shape": []int64{3, 3}, "auto_pad": "SAME_UPPER"}, "image", shared)
	x = rewritten.Node("Conv", onnxtest.Attributes{"kernel_shape": []int64{2, 2}, "auto_pad": "SAME_LOWER"}, x, rewritten.Weight(4, 4, 2, 2))
	x = rewritten.Node("Conv", onnxtest.Attributes{"kernel_shape": []int64{2, 2}, "auto_pad": "SAME_UPPER"}, x, rewritten.Weight(4, 4, 2, 2))
	x = rewritten.Node("Conv", onnxtest.Attributes{"kernel_shape": []int64{1, 1}, "auto_pad": "VALID"}, x, rewritten.Weight(4, 4, 1, 1))
	x = rewritten.Node("MaxPool", onnxtest.Attributes{"kernel_shape": []int64{2, 2}, "strides": []int64{2, 2}, "dilations": []int64{1, 1}}, x)
	x = rewritten.Node("AveragePool", onnxtest.Attributes{
		"kernel_shape": []int64{1, 1}, "pads": []int64{0, 0, 0, 0}, "count_include_pad": 1,
	}, x)
	x = rewritten.Node("PRelu", nil, rewritten.Node("Dropout", nil, x), rewritten.Weight(4, 1, 1))
	x = rewritten.Node("Sum", nil, x, rewritten.Node("HardSigmoid", onnxtest.Attributes{"alpha": 0.3}, x), rewritten.Node("LeakyRelu", nil, x))
	rewritten.Output(rewritten.Node("Flatten", nil, rewritten.Node("GlobalMaxPool", nil, x)), "n", 4)
	for _, test := range []struct {
		name    string
		network *onnxtest.Network
		pool    onnxfile.Pool
		preset  string
		want    string // what the error has; empty for none
	}{
		{"a convolution", onnxtest.Convolutional(), "", "clip", ""},
		{"a kernel of even size", onnxtest.Halved(), "", "clip", ""},
		{"operations that are rewritten", rewritten, "", "imagenet", ""},
		{"the first token", tokens(), onnxfile.First, "imagenet", ""},
		{"the mean of tokens", tokens(), onnxfile.Mean, "imagenet", ""},
		{"the mean of tokens, later operations", modern, onnxfile.Mean, "-1-1", ""},
		{"paddings of torch's old exporter", onnxtest.Padded(), "", "0-1",
			`the first to differ is operation Pad, node "Pad7" ([2 3 8 8] in place of [2 3 10 10] numbers)`},
		{"the batch's mean", batch, "", "0-1", "another embedding where others are beside it"},
		{"a logarithm of less than 0", log, "", "0-1", "not finite for random images"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := backendtest.GoBesideONNXRuntime(t)
			err := backbone.Check(b, open(t, b, test.network.File(t), onnxfile.Choice{Pool: test.pool}, test.preset))
			if err == nil && test.want == "" {
				return
			}
			if err == nil || test.want == "" || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v\nwant: %s", err, test.want)
			}
		})
	}
}

// Several outputs stand beside one another, in both engines alike.
func TestCheckParts(t *testing.T) {
	b, n := backendtest.GoBesideONNXRuntime(t), onnxtest.Convolutional()
	layer := n.Proto.Graph.Node[1].Output[0]
	f := open(t, b, n.File(t), onnxfile.Choice{Output: layer + ",Gemm4_out", Pool: onnxfile.Mean}, "imagenet")
	if err := backbone.Check(b, f); err != nil || f.Dim != 4+6 || f.Layers() != 2 {
		t.Errorf("%v; %d numbers by %d layers", err, f.Dim, f.Layers())
	}
}

// ONNX Runtime gives the embeddings of GoMLX.
func TestRunner(t *testing.T) {
	b := backendtest.GoBesideONNXRuntime(t)
	f := open(t, b, onnxtest.Convolutional().File(t), onnxfile.Choice{}, "clip")
	r, err := backbone.NewRunner(b, f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	images := make([]float32, 5*8*8*3)
	for i := range images {
		images[i] = float32(i%101) / 100
	}
	got, err := r.Embed(images)
	if err != nil || r.Engine != "ONNX Runtime" {
		t.Fatal(r.Engine, err)
	}
	store := model.NewStore()
	if err := f.Load(store.RootScope()); err != nil {
		t.Fatal(err)
	}
	out, err := model.CallOnce(b, store, f.Embeddings, tensors.FromFlatDataAndDimensions(images, 5, 8, 8, 3))
	if err != nil {
		t.Fatal(err)
	}
	want := tensors.MustCopyFlatData[float32](out)
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-6 {
			t.Errorf("number %d is %g, want %g", i, got[i], want[i])
		}
	}
	if rows, err := r.Embed(images[:100]); err == nil || !strings.Contains(err.Error(), "takes 192 numbers per image, and 100 are given") {
		t.Errorf("half an image: %v, %v", rows, err)
	}
}

// EfficientNet-lite0 is read right, also by XLA.
func TestEfficientNet(t *testing.T) {
	path := filepath.Join(os.Getenv("UNIPAIR_DATA"), "models", "efficientnet-lite0.onnx")
	if _, err := os.Stat(path); err != nil {
		t.Skip(err)
	}
	backendtest.GoBesideONNXRuntime(t)
	b := backendtest.XLA(t)
	f := open(t, b, path, onnxfile.Choice{}, "efficientnet-lite")
	if f.Dim != 1280 || f.Layers() != 49 || f.Input.Size != 224 {
		t.Errorf("%d numbers of %d layers on %d pixels", f.Dim, f.Layers(), f.Input.Size)
	}
	if err := backbone.Check(b, f); err != nil {
		t.Error(err)
	}
}
