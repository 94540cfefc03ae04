package train_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/nlpodyssey/safetensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// wave is what testdata/gen_resnet.py makes weights of.
func wave(name string, n int) []float64 {
	seed := 0
	for i, c := range []byte(name) {
		seed += (i + 1) * int(c)
	}
	seed %= 997
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Sin(0.001 * float64((i*i+31*i+seed)%6283))
	}
	return values
}

// weightsFile writes the generator's weights of a residual network in a type, every name after a prefix.
func weightsFile(t *testing.T, architecture train.Architecture, prefix string, dtype safetensors.DType, change func(map[string]safetensors.TensorView)) string {
	t.Helper()
	views := make(map[string]safetensors.TensorView)
	for name, dims := range train.ResNetShapes(architecture) {
		shape, n := []uint64{uint64(dims[0])}, dims[0]
		if len(dims) == 4 { // [height, width, inputs, outputs] here, the other way round there
			shape = []uint64{uint64(dims[3]), uint64(dims[2]), uint64(dims[0]), uint64(dims[1])}
			n = dims[0] * dims[1] * dims[2] * dims[3]
		}
		values := wave(name, n)
		for i, w := range values {
			part := name[strings.LastIndex(name, ".")+1:]
			if len(dims) == 4 {
				values[i] = w * math.Sqrt(2/float64(dims[0]*dims[1]*dims[2]))
			} else {
				values[i] = map[string]float64{"weight": 0.5, "running_var": 1}[part] + 0.1*w
			}
		}
		var raw []byte
		for _, v := range values {
			bits := math.Float32bits(float32(v))
			if dtype == safetensors.BF16 {
				raw = binary.LittleEndian.AppendUint16(raw, uint16(bits>>16))
			} else {
				raw = binary.LittleEndian.AppendUint32(raw, bits)
			}
		}
		view, err := safetensors.NewTensorView(dtype, shape, raw)
		if err != nil {
			t.Fatal(err)
		}
		views[prefix+name] = view
	}
	if change != nil {
		change(views)
	}
	file := filepath.Join(t.TempDir(), "weights.safetensors")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := safetensors.SerializeToWriter(views, nil, out); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestResNetAgainstNumPy compares the features of both networks, with weights from a file, with a forward pass in numpy.
func TestResNetAgainstNumPy(t *testing.T) {
	text, err := os.ReadFile("testdata/resnet.json")
	if err != nil {
		t.Fatal(err)
	}
	type expected struct {
		First [][]float64
		Sum   []float64
		Width int
	}
	var want struct {
		Size     int
		ResNet18 expected `json:"resnet18"`
		ResNet50 expected `json:"resnet50"`
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	pixels := make([]float32, 2*want.Size*want.Size*3)
	for i, w := range wave("images", len(pixels)) {
		pixels[i] = float32(0.5 + 0.5*w)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		images := tensors.FromFlatDataAndDimensions(pixels, 2, want.Size, want.Size, 3)
		for architecture, want := range map[train.Architecture]expected{train.ResNet18: want.ResNet18, train.ResNet50: want.ResNet50} {
			store, features, load := train.ResNetFeatures(architecture)
			if err := load(weightsFile(t, architecture, "module.", safetensors.F32, nil)); err != nil {
				t.Fatal(err)
			}
			exec, err := model.NewExec(b, store, func(_ *model.Scope, in *graph.Node) *graph.Node { return features(in, false) })
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Call(images)
			if err != nil {
				t.Fatal(err)
			}
			got := tensors.MustCopyFlatData[float32](out[0])
			if len(got) != 2*want.Width {
				t.Fatalf("%s: %d features, want 2 × %d", architecture, len(got), want.Width)
			}
			for row := range 2 {
				sum := 0.0
				for i, x := range got[row*want.Width : (row+1)*want.Width] {
					sum += float64(x)
					if i < len(want.First[row]) && math.Abs(float64(x)-want.First[row][i]) > 1e-3*(1+math.Abs(want.First[row][i])) {
						t.Fatalf("%s: feature %d of image %d is %v, want %v", architecture, i, row, x, want.First[row][i])
					}
				}
				if math.Abs(sum-want.Sum[row]) > 1e-3*math.Abs(want.Sum[row]) {
					t.Errorf("%s: the features of image %d sum to %v, want %v", architecture, row, sum, want.Sum[row])
				}
			}
		}
	})
}

// A residual network trains from a file, is resumed, and needs the file no more.
func TestResNetTrains(t *testing.T) {
	b, c, dir := backendtest.XLA(t), tiny(), t.TempDir()
	c.Network = train.Network{Architecture: train.ResNet18, Size: 32, Dim: 8}
	c.Steps, c.Warmup, c.LearningRate, c.Classes, c.PerClass = 5, 0, 1e-3, 2, 2
	c.Weights = weightsFile(t, train.ResNet18, "", safetensors.BF16, nil)
	set := tints{bars}
	ctx, options := interrupt(dir, 2)
	options.SaveEvery = 2
	if _, err := train.Run(ctx, b, c, set, options); err == nil {
		t.Fatal("was not interrupted")
	}
	if err := os.Remove(c.Weights); err != nil {
		t.Fatal(err)
	}
	result, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if h := result.History; len(h) != 5 || h[4].Loss == h[0].Loss {
		t.Errorf("%d records, loss %v at first, %v at last", len(h), h[0].Loss, h[len(h)-1].Loss)
	}
	loaded, err := train.Load(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	gray := data.Image{Width: 8, Height: 8, Pixels: make([]float32, 64)} // gray images are repeated
	one, err := loaded.Embed(gray)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := result.Embedder.Embed(gray.As(3)); err != nil || !slices.Equal(one, two) {
		t.Errorf("gray and repeated gray embed as %v and %v: %v", one, two, err)
	}
}

func TestWeightsRefuse(t *testing.T) {
	b := backendtest.Go(t)
	set := tints{bars}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	nan := func(views map[string]safetensors.TensorView) {
		view, err := safetensors.NewTensorView(safetensors.F32, []uint64{64}, slices.Repeat([]byte{0, 0, 0xc0, 0x7f}, 64))
		if err != nil {
			t.Fatal(err)
		}
		views["bn1.bias"] = view
	}
	short := func(views map[string]safetensors.TensorView) { views["bn1.bias"] = views["layer2.0.bn1.bias"] }
	whole := func(views map[string]safetensors.TensorView) {
		view, err := safetensors.NewTensorView(safetensors.I32, []uint64{64}, make([]byte, 256))
		if err != nil {
			t.Fatal(err)
		}
		views["bn1.bias"] = view
	}
	for want, file := range map[string]string{
		"no such file":                  filepath.Join(t.TempDir(), "none"),
		"is no safetensors file":        text,
		"is it of another network?":     weightsFile(t, train.ResNet50, "", safetensors.F32, nil),
		"bn1.bias: it is [128]":         weightsFile(t, train.ResNet18, "", safetensors.F32, short),
		"bn1.bias: number 0 is NaN":     weightsFile(t, train.ResNet18, "", safetensors.F32, nan),
		"bn1.bias: its numbers are I32": weightsFile(t, train.ResNet18, "", safetensors.F32, whole),
	} {
		c, dir := tiny(), filepath.Join(t.TempDir(), "run")
		c.Network, c.Weights = train.Network{Architecture: train.ResNet18, Size: 32, Dim: 8}, file
		_, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%q: the directory was made before the refusal", want)
		}
	}
	for want, change := range map[string]func(c *train.Config){
		"weights from a file are for resnet18": func(c *train.Config) { c.Weights = text },
		"in [32, 512] pixels for resnet18":     func(c *train.Config) { c.Network = train.Network{Architecture: train.ResNet18, Size: 28, Dim: 8} },
		"resnet18 takes images in colour": func(c *train.Config) {
			c.Network = train.Network{Architecture: train.ResNet18, Size: 32, Dim: 8, Channels: 1}
		},
	} {
		c := tiny()
		change(&c)
		if _, err := train.Run(t.Context(), b, c, set, train.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
