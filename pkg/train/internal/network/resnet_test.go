package network

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/nlpodyssey/safetensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/train/internal/networktest"
)

// of is a residual network of so many layers.
func of(layers int) resnet {
	return newResNet(model.NewStore(), layers, Spec{Dim: 2}, NewSource(1, ForLayers))
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
	for i, w := range networktest.Wave("images", len(pixels)) {
		pixels[i] = float32(0.5 + 0.5*w)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		images := tensors.FromFlatDataAndDimensions(pixels, 2, want.Size, want.Size, 3)
		for _, c := range []struct {
			layers int
			expected
		}{{18, want.ResNet18}, {50, want.ResNet50}} {
			want := c.expected
			store := model.NewStore()
			r := newResNet(store, c.layers, Spec{Dim: 2}, NewSource(1, ForLayers))
			if err := r.Load(networktest.WeightsFile(t, All(r), "module.", safetensors.F32, nil)); err != nil {
				t.Fatal(err)
			}
			exec, err := model.NewExec(b, store, func(_ *model.Scope, in *graph.Node) *graph.Node { return r.features(in, false) })
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Call(images)
			if err != nil {
				t.Fatal(err)
			}
			got := tensors.MustCopyFlatData[float32](out[0])
			if len(got) != 2*want.Width {
				t.Fatalf("ResNet%d: %d features, want 2 × %d", c.layers, len(got), want.Width)
			}
			for row := range 2 {
				sum := 0.0
				for i, x := range got[row*want.Width : (row+1)*want.Width] {
					sum += float64(x)
					if i < len(want.First[row]) && math.Abs(float64(x)-want.First[row][i]) > 1e-3*(1+math.Abs(want.First[row][i])) {
						t.Fatalf("ResNet%d: feature %d of image %d is %v, want %v", c.layers, i, row, x, want.First[row][i])
					}
				}
				if math.Abs(sum-want.Sum[row]) > 1e-3*math.Abs(want.Sum[row]) {
					t.Errorf("ResNet%d: the features of image %d sum to %v, want %v", c.layers, row, sum, want.Sum[row])
				}
			}
		}
	})
}

func TestWeightsRefuse(t *testing.T) {
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
	for _, test := range []struct {
		name string
		file string
		want string
	}{
		{"no file", filepath.Join(t.TempDir(), "none"), "no such file"},
		{"a text", text, "is no safetensors file"},
		{"another depth", networktest.WeightsFile(t, All(of(50)), "", safetensors.F32, nil), "is it of another network?"},
		{"a short vector", networktest.WeightsFile(t, All(of(18)), "", safetensors.F32, short), "bn1.bias: it is [128]"},
		{"a value that is no number", networktest.WeightsFile(t, All(of(18)), "", safetensors.F32, nan), "bn1.bias: number 0 is NaN"},
		{"whole numbers", networktest.WeightsFile(t, All(of(18)), "", safetensors.F32, whole), "bn1.bias: its numbers are I32"},
	} {
		if err := of(18).Load(test.file); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}

// A file of weights is compared with what it says of itself before it is read, too.
func TestDeclaredWeights(t *testing.T) {
	load := of(18).Load
	head := func(size uint64, rest string) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, size), rest...)
	}
	one := func(shape, offsets string) []byte {
		list := fmt.Sprintf(`{"conv1.weight":{"dtype":"F32","shape":%s,"data_offsets":%s}}`, shape, offsets)
		return head(uint64(len(list)), list+"1234")
	}
	dir := t.TempDir()
	put := func(content string) {
		if err := os.WriteFile(filepath.Join(dir, "weights.safetensors"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"a short file", []byte("1234"), "fewer than 8 bytes"},
		{"a list of a terabyte", head(1<<40, "{}"), "the list of its tensors has 1099511627776 bytes, at most 4194304 may be"},
		{"a list of all bytes", head(1<<64-1, "{}"), "the list of its tensors has 18446744073709551615 bytes, at most 4194304 may be"},
		{"a list longer than the file", head(1<<20, "{}"), "invalid header length"},
		{"a tensor longer than its bytes", one("[1099511627776]", "[0,4]"), "info data offsets mismatch"},
		{"bytes beyond the file", one("[1099511627776]", "[0,4398046511104]"), "metadata incomplete buffer"},
		{"a shape that overflows", one("[4294967296,4294967296,4]", "[0,4]"), "multiplication overflow"},
		{"a negative shape", one("[-1]", "[0,4]"), "expected array of natural numbers"},
		{"another shape", one("[1]", "[0,4]"), "it is [1], which does not fit [7 7 3"},
	} {
		put(string(test.content))
		var start, end runtime.MemStats
		runtime.ReadMemStats(&start)
		err := load(filepath.Join(dir, "weights.safetensors"))
		runtime.ReadMemStats(&end)
		if made := end.TotalAlloc - start.TotalAlloc; err == nil || !strings.Contains(err.Error(), test.want) || made > 8<<20 {
			t.Errorf("%s: error %v with %d bytes, want one with %q", test.name, err, made, test.want)
		}
	}
	put(string(head(1<<20, "{}"))) // whatever came last above
	for _, size := range []int64{1 << 36, 1 << 30} {
		if err := os.Truncate(filepath.Join(dir, "weights.safetensors"), size); err != nil { // a hole, which takes no disk
			t.Fatal(err)
		}
		if err := load(filepath.Join(dir, "weights.safetensors")); !errors.Is(err, file.ErrTooLarge) {
			t.Errorf("%s: error %v, want %v", file.Size(size), err, file.ErrTooLarge)
		}
	}
}
