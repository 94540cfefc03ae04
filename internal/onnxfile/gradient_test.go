package onnxfile_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/onnxfile"
)

// A vision transformer has the embeddings and the gradients of PyTorch: testdata/vit.py says what they are of.
func TestGradients(t *testing.T) {
	text, err := os.ReadFile("testdata/vit.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Embedding []float64
		Gradients map[string]struct {
			Length, Sum float64
			Some        []float64
		}
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		f, err := onnxfile.Open(b, "testdata/vit.onnx", onnxfile.Choice{Pool: onnxfile.First, Preparation: &unit})
		if err != nil {
			t.Fatal(err)
		}
		store := model.NewStore()
		if err := f.Load(store.RootScope()); err != nil {
			t.Fatal(err)
		}
		if err := f.Train(store.RootScope(), f.Layers()); err != nil {
			t.Fatal(err)
		}
		var names []string
		out, err := model.CallOnceN(b, store, func(scope *model.Scope, images *graph.Node) []*graph.Node {
			x := f.Embeddings(scope, images)
			factors := graph.Cos(graph.ConvertDType(graph.Iota(x.Graph(), graph.Reshape(x, -1).Shape(), 0), x.DType()))
			sum := graph.ReduceAllSum(graph.Mul(graph.Reshape(x, -1), factors))
			var nodes []*graph.Node
			names = nil
			for v := range store.IterVariables() {
				if v.Trainable {
					names, nodes = append(names, v.Name()), append(nodes, v.NodeValue(x.Graph()))
				}
			}
			return append([]*graph.Node{x}, graph.Gradient(sum, nodes...)...)
		}, planes(2, 3, 16))
		if err != nil {
			t.Fatal(err)
		}
		if all := slices.Sorted(maps.Keys(want.Gradients)); !slices.Equal(slices.Sorted(slices.Values(names)), all) {
			t.Errorf("%q learn, want %q", names, all)
		}
		near(t, "embedding", tensors.MustCopyFlatData[float32](out[0]), want.Embedding, 3)
		for i, name := range names {
			g, got := want.Gradients[name], tensors.MustCopyFlatData[float32](out[i+1])
			var square, sum float64
			var some []float32
			for k, v := range got {
				square, sum = square+float64(v)*float64(v), sum+float64(v)
				if k%37 == 0 {
					some = append(some, v)
				}
			}
			near(t, name+"'s length and sum", []float32{float32(math.Sqrt(square)), float32(sum)}, []float64{g.Length, g.Sum}, g.Length)
			near(t, name, some, g.Some, g.Length)
		}
	})
}

// near compares numbers whose size is about a scale.
func near(t *testing.T, what string, got []float32, want []float64, scale float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i, v := range want {
		if math.Abs(float64(got[i])-v) > 1e-5*max(scale, 1) {
			t.Errorf("%s: number %d is %g, want %g", what, i, got[i], v)
		}
	}
}

// planes is a batch of images [n, size, size, channels] of the numbers sin²(i), counted with the channels first.
func planes(n, channels, size int) *tensors.Tensor {
	values := make([]float32, n*channels*size*size)
	for i := range values {
		sine := math.Sin(float64(i))
		image, rest := i/(channels*size*size), i%(channels*size*size)
		values[(image*size*size+rest%(size*size))*channels+rest/(size*size)] = float32(sine * sine)
	}
	return tensors.FromFlatDataAndDimensions(values, n, size, size, channels)
}
